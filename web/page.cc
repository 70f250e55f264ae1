#include "web/page.h"

#include "web/html.h"
#include "web/style.h"

namespace cairn::web {
namespace {

// Browsers hold a form's redirects against form-action too. nc: is where login flow v1 sends the
// browser after its form.
std::string Policy(const Page& page) {
  std::string policy = "default-src 'none'; style-src 'self'; img-src 'self'; ";
  if (page.scripts) policy += "script-src 'self'; connect-src 'self'; ";
  policy += "form-action 'self' nc:";
  if (!page.form_target.empty()) policy.append(" ").append(page.form_target);
  return policy.append("; frame-ancestors 'none'; base-uri 'none'");
}

}  // namespace

http::Response Render(const Visit& visit, const Page& page) {
  http::Response response(page.status);
  response.With("Content-Type", "text/html; charset=UTF-8")
      .With("Cache-Control", "no-cache, no-store, must-revalidate")
      .With("Content-Security-Policy", Policy(page))
      .With("X-Frame-Options", "DENY");
  response.body =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>";
  response.body += Escape(page.title) + " - Cairn</title>\n<link rel=\"stylesheet\" href=\"" +
                   Escape(visit.Local(kStylePath)) + "\">\n</head>\n<body>\n<main";
  response.body += page.narrow ? " class=\"narrow\">\n<h1>" : ">\n<h1>";
  response.body += Escape(page.title) + "</h1>\n" + page.body + "</main>\n</body>\n</html>\n";
  return response;
}

http::Response Message(const Visit& visit, int status, std::string_view title,
                       std::string_view text) {
  Page page{.title = title, .body = {}, .narrow = true, .status = status};
  page.body = "<div class=\"card\">" + Notice(text, status >= 400) + "</div>\n";
  return Render(visit, page);
}

http::Response SeeOther(std::string_view location) {
  http::Response response(303);
  response.With("Location", location)
      .With("Content-Type", "text/html; charset=UTF-8")
      .With("Cache-Control", "no-cache, no-store, must-revalidate");
  return response;
}

http::Response StaleForm(const Visit& visit) {
  return Message(visit, 403, "Not possible",
                 "This form is not valid any more. Go back, load the page again and repeat it.");
}

}  // namespace cairn::web
