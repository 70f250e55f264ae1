#include "outgoing/transfer.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace cairn::outgoing {
namespace {

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using List = std::unique_ptr<curl_slist, FreeHandle>;

// What the callbacks of one transfer work on.
struct State {
  const ClientOptions& options;
  const AddressRules& rules;
  const bool https;
  Response response;
  std::size_t header_bytes = 0;
  bool in_head = false;
  bool too_large = false;
  bool tried = false;   // an address that may be reached
  std::string blocked;  // why the last one was not
};

// Called with the address that will be connected to, whoever resolved it, for each one that is
// tried.
curl_socket_t OnSocket(void* user, curlsocktype purpose, curl_sockaddr* to) {
  auto& state = *static_cast<State*>(user);
  const auto endpoint = EndpointOf(to->addr);
  if (purpose != CURLSOCKTYPE_IPCXN || !endpoint) {
    state.blocked = "an address that is neither IPv4 nor IPv6";
    return CURL_SOCKET_BAD;
  }
  std::string_view why = state.rules.WhyBlocked(*endpoint);
  if (why.empty() && !state.https && !state.rules.IsListed(endpoint->ip))
    why = "not listed, and the URL is http";
  if (!why.empty()) {
    state.blocked = "the address " + conf::IpText(endpoint->ip) + " is " + std::string(why);
    return CURL_SOCKET_BAD;
  }
  state.tried = true;
  return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t OnBody(const char* data, std::size_t, std::size_t size, void* user) {
  auto& state = *static_cast<State*>(user);
  if (size > state.options.body_limit - state.response.body.size()) {
    state.too_large = true;
    return 0;
  }
  state.response.body.append(data, size);
  return size;
}

std::size_t OnHeader(const char* data, std::size_t, std::size_t size, void* user) {
  auto& state = *static_cast<State*>(user);
  state.header_bytes += size;
  if (state.header_bytes > state.options.header_limit) {
    state.too_large = true;
    return 0;
  }
  std::string_view line(data, size);
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {  // what came before was a 1xx
    state.response.headers = {};
    state.in_head = true;
  } else if (line.empty()) {
    state.in_head = false;  // what comes now is a trailer: nobody asked for it
  } else if (const auto colon = line.find(':'); state.in_head && colon != std::string_view::npos) {
    state.response.headers.Add(line.substr(0, colon), Trim(line.substr(colon + 1)));
  }
  return size;
}

void SetBounds(CURL* curl, const ClientOptions& options, std::chrono::milliseconds timeout) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.authorities.empty())
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.authorities.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(std::min(options.connect_timeout, timeout).count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stalled.count()));
}

void SetRequest(CURL* curl, const Target& target, const Request& request) {
  curl_easy_setopt(curl, CURLOPT_CURLU, target.handle());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "Cairn");
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.login) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.login->user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.login->password.c_str());
  }
}

void SetCallbacks(CURL* curl, State& state) {
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OnSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &state);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &state);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &state);
}

List Fields(const Request& request) {
  // A body is sent at once, and libcurl does not call it a form by itself.
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  if (!request.headers.Has("Content-Type")) list = curl_slist_append(list, "Content-Type:");
  for (const auto& [name, value] : request.headers.fields())
    list = curl_slist_append(list,
                             value.empty() ? (name + ";").c_str() : (name + ": " + value).c_str());
  return List(list);
}

// "host:port:address,address" of the resolver that stands in for the system's.
List Resolved(const ClientOptions& options, const Target& target) {
  if (!options.resolve) return nullptr;
  std::string row = target.host() + ":" + target.port() + ":";
  for (const std::string& address : options.resolve(target.host())) {
    if (!row.ends_with(':')) row += ',';
    row += address.find(':') == std::string::npos ? address : "[" + address + "]";
  }
  return List(curl_slist_append(nullptr, row.c_str()));
}

Error Failure(CURLcode code, const State& state, std::string_view text, const std::string& origin) {
  if (state.too_large || code == CURLE_FILESIZE_EXCEEDED)
    return Fail(ErrorCode::kTooLarge, "the answer of " + origin + " is too large");
  if (!state.blocked.empty() && !state.tried)
    return Fail(ErrorCode::kForbidden, origin + ": " + state.blocked);
  const ErrorCode kind = code == CURLE_OPERATION_TIMEDOUT ? ErrorCode::kBusy : ErrorCode::kIo;
  return Fail(kind, origin + ": " + std::string(text));
}

}  // namespace

Result<Response> Transfer(const ClientOptions& options, const AddressRules& rules,
                          const Target& target, const Request& request,
                          std::chrono::milliseconds timeout) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  State state{.options = options,
              .rules = rules,
              .https = target.is_https(),
              .response = {},
              .blocked = {}};
  const List fields = Fields(request);
  const List resolved = Resolved(options, target);
  const Handle curl(curl_easy_init());
  if (curl == nullptr) return Fail(ErrorCode::kIo, "no memory for a request");
  SetBounds(curl.get(), options, timeout);
  SetRequest(curl.get(), target, request);
  if (request.method != "HEAD") {  // which may tell of any length
    curl_easy_setopt(curl.get(), CURLOPT_MAXFILESIZE_LARGE,
                     static_cast<curl_off_t>(options.body_limit));
  }
  SetCallbacks(curl.get(), state);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(curl.get(), CURLOPT_RESOLVE, resolved.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return Failure(code, state, curl_easy_strerror(code), target.origin());
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  state.response.status = static_cast<int>(status);
  return std::move(state.response);
}

}  // namespace cairn::outgoing
