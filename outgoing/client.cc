#include "outgoing/client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/offload.h"
#include "outgoing/address_rules.h"
#include "outgoing/target.h"
#include "outgoing/transfer.h"

namespace cairn::outgoing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// What only reads may be repeated elsewhere.
constexpr std::array<std::string_view, 6> kReading = {"GET",      "HEAD",   "OPTIONS",
                                                      "PROPFIND", "REPORT", "SEARCH"};
// What another origin may see of a request.
constexpr std::array<std::string_view, 8> kHarmless = {
    "accept",        "accept-language",   "content-type",   "depth",
    "if-none-match", "if-modified-since", "ocs-apirequest", "range"};
// Libcurl's business, and what would say something else about the host than the URL.
constexpr std::array<std::string_view, 8> kFraming = {
    "host",    "content-length", "transfer-encoding", "connection", "expect", "te",
    "trailer", "upgrade"};

template <std::size_t N>
bool IsOneOf(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view other) { return EqualsIgnoreCase(other, name); });
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool IsOneLine(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

bool IsMethod(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

Result<void> CheckRequest(const Request& request) {
  if (!IsMethod(request.method) || request.method == "CONNECT" || request.method == "TRACE")
    return Fail(ErrorCode::kInvalidArgument, "not a method of an outgoing request");
  for (const auto& [name, value] : request.headers.fields()) {
    if (!IsToken(name) || !IsOneLine(value) || IsOneOf(kFraming, name))
      return Fail(ErrorCode::kInvalidArgument, "not a header of an outgoing request");
  }
  if (request.login && (request.login->user.find(':') != std::string::npos ||
                        !IsOneLine(request.login->user) || !IsOneLine(request.login->password)))
    return Fail(ErrorCode::kInvalidArgument, "not a login for an outgoing request");
  return {};
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void ForgetSecrets(Request& request) {
  request.login.reset();
  http::Headers kept;
  for (const auto& [name, value] : request.headers.fields())
    if (IsOneOf(kHarmless, name)) kept.Add(name, value);
  request.headers = std::move(kept);
}

class CurlClient final : public Client {
 public:
  CurlClient(ClientOptions options, const Clock& clock)
      : options_(std::move(options)), rules_(options_.allowed), budget_(clock, options_.budget) {}

  Result<Response> Send(const Request& request) override {
    CheckMayBlock();
    RETURN_IF_ERROR(CheckRequest(request));
    const auto end = steady_clock::now() + options_.timeout;
    ASSIGN_OR_RETURN(Target target, Target::Parse(request.url));
    Request next = request;
    for (int redirects = 0;; ++redirects) {
      ASSIGN_OR_RETURN(Response response, SendOnce(target, next, end));
      if (!IsRedirect(response.status) || !response.headers.Has("Location") ||
          !IsOneOf(kReading, next.method))
        return response;
      if (redirects == options_.redirects)
        return Fail(ErrorCode::kIo, target.origin() + ": too many redirects");
      ASSIGN_OR_RETURN(Target to, target.Resolve(response.headers.Get("Location")));
      if (target.is_https() && !to.is_https())
        return Fail(ErrorCode::kForbidden, target.origin() + ": a redirect from https to http");
      if (to.origin() != target.origin()) ForgetSecrets(next);
      if (response.status == 303 && next.method != "HEAD") {
        next.method = "GET";
        next.body.clear();
      }
      target = std::move(to);
    }
  }

 private:
  Result<Response> SendOnce(const Target& target, const Request& request,
                            steady_clock::time_point end) {
    if (!target.is_https() && !options_.allow_http)
      return Fail(ErrorCode::kForbidden, target.origin() + ": http is not allowed");
    const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
    if (left.count() <= 0) return Fail(ErrorCode::kBusy, target.origin() + ": no answer in time");
    ASSIGN_OR_RETURN(auto permit, budget_.Take(target.host() + ":" + target.port()));
    auto response = Transfer(options_, rules_, target, request, left);
    if (response.has_value()) {
      permit.Answered();
    } else if (Is(response.error(), ErrorCode::kIo) || Is(response.error(), ErrorCode::kBusy)) {
      permit.Failed();
    }
    return response;
  }

  const ClientOptions options_;
  const AddressRules rules_;
  HostBudget budget_;
};

}  // namespace

std::unique_ptr<Client> MakeClient(ClientOptions options, const Clock& clock) {
  return std::make_unique<CurlClient>(std::move(options), clock);
}

}  // namespace cairn::outgoing
