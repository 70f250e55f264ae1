// POST of a link's upload form (web/link_html.h), for browsers with and without scripts: each file
// of it becomes a PUT that takes no name which something else has. The answer leads back to the
// link's page, which says what became of it; a script gets the same as JSON.
#include "base/log.h"
#include "dav/dav_error.h"
#include "dav/form_reader.h"
#include "dav/methods.h"
#include "dav/put.h"
#include "http/base_url.h"
#include "http/url.h"
#include "storage/tree_checks.h"

namespace cairn::dav {
namespace {

using Kind = http::Multipart::Kind;

constexpr std::size_t kMaxField = 4 * 1024;

// What the page calls it; empty: nothing went wrong. web/link_html.cc has the words.
using Problem = std::string_view;

Problem ProblemOf(int status) {
  switch (status) {
    case 201:
    case 204:
      return {};
    case 400:
      return "name";
    case 403:
      return "forbidden";
    case 404:
    case 409:
      return "folder";
    case 423:
      return "locked";
    case 503:
      return "busy";
    case 507:
      return "space";
    default:
      return "failed";
  }
}

struct Form {
  Ctx& ctx;
  FormReader reader;
  bool drop = false;
  std::string nickname = {};
  std::uint64_t done = 0;
  Problem problem = {};  // the first one

  void Note(Problem one) {
    if (problem.empty()) problem = one;
  }
};

bool MayBeName(std::string_view name) {
  const auto key = storage::CheckName(name);
  return key.has_value() && storage::CheckNewName(*key).has_value();
}

// Some browsers send the path on their machine.
std::string_view LastComponent(std::string_view file) {
  return file.substr(file.find_last_of("/\\") + 1);
}

// Whether the folder takes files at all, before anything of the body is read.
Result<void> LookAtFolder(const Ctx& ctx, const storage::KvView& view) {
  ASSIGN_OR_RETURN(const auto chain,
                   ctx.services.engine.tree().ResolveFor(view, ctx.principal.caller, ctx.path(),
                                                         storage::Permission::kCreate));
  if (!chain.leaf().is_collection()) return Fail(ErrorCode::kForbidden, "a file has no members");
  return {};
}

http::Request PutRequest(const Form& form, std::string_view name) {
  const http::Request& request = form.ctx.request();
  http::Request put;
  put.method = "PUT";
  put.path = request.path + (request.path.ends_with('/') ? "" : "/") + http::EncodeSegment(name);
  put.target = put.path;
  put.headers.Set("Host", request.host());
  if (form.drop && !form.nickname.empty())
    put.headers.Set("X-NC-Nickname", http::EncodeSegment(form.nickname));
  put.framing = http::Framing::kChunked;
  put.id = request.id;
  put.remote = request.remote;
  put.secure = request.secure;
  put.mount = request.mount;
  return put;
}

// Stores the file that the reader is at. An error: the form cannot be read on.
net::awaitable<Result<void>> PutPart(Form& form, std::string name) {
  Ctx& ctx = form.ctx;
  PartExchange exchange(form.reader, PutRequest(form, name));
  Ctx part{ctx.services, exchange, ctx.principal, ctx.base, ctx.segments};
  part.segments.push_back(name);
  part.place = ctx.place;
  part.place.segments.push_back(std::move(name));
  part.link = ctx.link;
  Result<void> put;
  if (form.drop) {
    put = co_await DropPut(part);
  } else {
    put = co_await PutDropped(part);
  }
  if (form.reader.failed()) co_return form.reader.error();
  const int status = put.has_value() ? exchange.status() : FromError(put.error()).status;
  const Problem problem = ProblemOf(status);
  if (problem.empty()) ++form.done;
  form.Note(problem);
  if (put.has_error() && problem == "failed")
    log::error("request {}: {}", ctx.request().id, put.error().message);
  co_return co_await form.reader.SkipPart();
}

net::awaitable<Result<void>> TakePart(Form& form) {
  const http::PartHead head = form.reader.part();
  if (!head.file) {
    auto value = co_await form.reader.ReadField(kMaxField);
    if (value.has_error()) co_return std::move(value).error();
    if (head.name == "nickname") form.nickname = Trim(*value);
    co_return Result<void>();
  }
  // What a browser sends for a field in which nothing was chosen.
  if (head.file->empty()) co_return co_await form.reader.SkipPart();
  const bool named = !form.nickname.empty();
  const std::string name(LastComponent(*head.file));
  Problem problem;
  if (form.drop && (named ? !MayBeName(form.nickname) : form.ctx.link->share.asks_name()))
    problem = "nickname";
  else if (!MayBeName(name))
    problem = "name";
  if (problem.empty()) co_return co_await PutPart(form, name);
  form.Note(problem);
  co_return co_await form.reader.SkipPart();
}

// All of the form. An error: nobody is left to be answered.
net::awaitable<Result<void>> Take(Form& form) {
  for (;;) {
    auto event = co_await form.reader.Next();
    Result<void> taken;
    if (event.has_value() && event->kind == Kind::kEnd) break;
    if (event.has_value() && event->kind == Kind::kPart) taken = co_await TakePart(form);
    if (event.has_error() || taken.has_error()) {
      if (form.reader.failed() && !form.reader.malformed()) co_return form.reader.error();
      form.Note("form");
      co_return Result<void>();
    }
  }
  if (form.done == 0) form.Note("none");
  co_return Result<void>();
}

http::Response AnswerTo(const Form& form) {
  const http::Request& request = form.ctx.request();
  const std::string done = std::to_string(form.done);
  const std::string problem(form.problem);
  if (EqualsIgnoreCase(request.headers.Get("X-Requested-With"), "XMLHttpRequest")) {
    http::Response response(200);
    response.With("Content-Type", "application/json; charset=utf-8");
    response.body = "{\"done\":" + done + ",\"problem\":\"" + problem + "\"}";
    return response;
  }
  std::string page = http::LocalBase(form.ctx.services.public_url, request) + "/s/" +
                     form.ctx.link->share.token() + "?done=" + done;
  if (!problem.empty()) page += "&problem=" + problem;
  if (!form.drop && !form.ctx.segments.empty()) {
    std::string path;
    for (const std::string& segment : form.ctx.segments) path += "/" + segment;
    page += "&path=" + http::EncodeUriComponent(path);
  }
  http::Response response(303);
  return response.With("Location", page);
}

Outcome TakeForm(Ctx& ctx, bool drop) {
  auto parser = http::Multipart::Open(ctx.request().headers.Get("Content-Type"));
  if (parser.has_error()) {
    const DavError error{415,
                         "Sabre\\DAV\\Exception\\UnsupportedMediaType",
                         "A form of type multipart/form-data is expected",
                         {},
                         {}};
    co_return co_await Refuse(ctx, error);
  }
  Form form{ctx, FormReader(ctx.exchange, std::move(*parser)), drop};
  if (!drop) {
    auto look = [&] { return LookAtFolder(ctx, *ctx.kv().Published()); };
    auto looked = co_await ctx.services.pools.read.Run(look);
    if (looked.has_error()) form.Note(ProblemOf(FromError(looked.error()).status));
  }
  if (form.problem.empty()) {
    auto taken = co_await Take(form);
    CO_RETURN_IF_ERROR(taken);
  }
  http::Response response = AnswerTo(form);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace

Outcome UploadForm(Ctx& ctx) { return TakeForm(ctx, false); }
Outcome DropForm(Ctx& ctx) { return TakeForm(ctx, true); }

}  // namespace cairn::dav
