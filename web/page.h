// Whole pages: the frame around what a handler says, with the headers that keep them safe. Nothing
// of a page is cached or framed; no script runs in it but, where it says so, this server's own.
#pragma once

#include <string>
#include <string_view>

#include "web/visit.h"

namespace cairn::web {

struct Page {
  std::string_view title;
  std::string body;  // HTML
  bool narrow = true;
  int status = 200;
  // Where the answer to a form of the page may lead besides this server, as a policy says it.
  std::string_view form_target = {};
  bool scripts = false;  // it has a script, a file of this server, which talks to this server
};

http::Response Render(const Visit& visit, const Page& page);
// A page that says one thing, and where to go from there.
http::Response Message(const Visit& visit, int status, std::string_view title,
                       std::string_view text);
// 303: the browser asks again with GET.
http::Response SeeOther(std::string_view location);
// Forbidden, without a reason that helps an attacker: the form is not of this browser, or too old.
http::Response StaleForm(const Visit& visit);

}  // namespace cairn::web
