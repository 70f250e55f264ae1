// CheckRoundTrip of server/doctor.h.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "conf/network.h"
#include "http/url.h"
#include "server/doctor.h"

namespace cairn::server {
namespace {

using std::chrono::milliseconds;

// An address of RFC 5737 that nobody has: what a client may claim to be.
constexpr std::string_view kClaim = "203.0.113.7";
constexpr std::size_t kLongField = 7'000;  // cookies, If headers; nginx takes 8 KiB
constexpr std::string_view kOddName = "/a%20b%23%25%c3%a4%26%5b1%5d%2bc";
constexpr std::uint64_t kBody = 16u << 20;  // the desktop's first chunk has 10 MB
constexpr std::uint64_t kFirstPart = 2u << 20;
constexpr std::uint64_t kChunkedBody = 100'000;
constexpr milliseconds kPatience{3'000};
constexpr std::array<std::string_view, 13> kMethods = {
    "OPTIONS", "PROPFIND", "PROPPATCH", "MKCOL",  "PUT",    "COPY", "MOVE",
    "LOCK",    "UNLOCK",   "REPORT",    "SEARCH", "DELETE", "PATCH"};

class RoundTrip {
 public:
  RoundTrip(HttpClient& client, ProbeBoard& board, const conf::Config& config, std::string base,
            Findings& out)
      : client_(client),
        probe_(board),
        board_(board),
        config_(config),
        base_(std::move(base)),
        out_(out) {}

  void Run() {
    if (!Arrives()) return;
    Scheme();
    Address();
    Methods();
    LongField();
    OddName();
    Bodies();
    Chunked();
  }

 private:
  void Add(std::string_view check, Verdict verdict, std::string text) {
    out_.push_back({"proxy." + std::string(check), verdict, std::move(text)});
  }
  void Good(std::string_view check, std::string text) {
    Add(check, Verdict::kGood, std::move(text));
  }
  void Problem(std::string_view check, std::string text) {
    Add(check, Verdict::kProblem, std::move(text));
  }

  Result<OutgoingAnswer> Send(OutgoingRequest request, std::string_view rest = {}) {
    request.url = base_ + probe_.path() + std::string(rest);
    return client_.Send(request);
  }
  bool IsOurs(const Result<OutgoingAnswer>& answer) const {
    return answer.has_value() && answer->status == 200 && answer->body == probe_.answer();
  }
  static std::string Why(const Result<OutgoingAnswer>& answer) {
    return answer.has_error() ? answer.error().message : "status " + std::to_string(answer->status);
  }

  // False: nothing else can be found out.
  bool Arrives() {
    OutgoingRequest request;
    request.headers.Add("X-Forwarded-For", kClaim);
    const auto answer = Send(std::move(request));
    if (IsOurs(answer)) {
      first_ = probe_.Last();
      proxied_ = IsProxied(*answer);
      Good("reach", base_ + " leads to this server" +
                        (proxied_ ? " through a reverse proxy." : ", without a proxy."));
      return true;
    }
    Problem("reach", base_ + " " + WhyNot(answer));
    return false;
  }

  static std::string WhyNot(const Result<OutgoingAnswer>& answer) {
    if (answer.has_error()) {
      const std::string& why = answer.error().message;
      if (why.find("certificate") != std::string::npos) {
        return "has a certificate that clients refuse (" + why +
               "): it must be of a known authority, be for this name and come with its whole "
               "chain.";
      }
      return "cannot be reached from this machine (" + why +
             "): check the name, the proxy and the firewall. If clients can reach it, let this "
             "machine reach it too.";
    }
    switch (answer->status) {
      case 301:
      case 302:
      case 303:
      case 307:
      case 308:
        return "answers with a redirect to " + std::string(answer->headers.Get("Location")) +
               ": set public_url to where clients end up; they do not follow with a password.";
      case 401:
        return "asks for a login of its own: clients cannot give two. Take it off the proxy.";
      case 404:
      case 405:
      case 200:
        return "leads to another server or another Cairn (status " +
               std::to_string(answer->status) +
               "): check the proxy's route, the path of public_url, and its name in the DNS.";
      case 502:
      case 503:
      case 504:
        return "leads to a proxy that does not reach Cairn (status " +
               std::to_string(answer->status) + "): its target must be an address of `listen`.";
      default:
        return "answers " + std::to_string(answer->status) +
               ": the proxy does not pass requests on as they are.";
    }
  }

  bool IsProxied(const OutgoingAnswer& answer) const {
    const http::Headers& headers = first_.headers;
    for (const char* name : {"Via", "Forwarded", "X-Real-IP", "X-Forwarded-Proto"}) {
      if (headers.Has(name)) return true;
    }
    if (headers.Joined("X-Forwarded-For") != kClaim) return true;
    const auto& own = board_.listening();
    return std::none_of(own.begin(), own.end(), [&](const conf::ListenAddress& address) {
      return address.kind != conf::ListenAddress::Kind::kTcp || address.port == answer.peer_port;
    });
  }

  void Scheme() {
    if (!base_.starts_with("https://") || first_.secure)
      return Good("https", "https is recognised as public_url says it.");
    const bool told = EqualsIgnoreCase(first_.headers.Get("X-Forwarded-Proto"), "https");
    Problem("https", told ? "The proxy says https, but it is not believed: put its address into "
                            "trusted_proxies."
                          : "The proxy does not say that clients come by https: let it set "
                            "X-Forwarded-Proto (nginx: proxy_set_header X-Forwarded-Proto "
                            "$scheme).");
  }

  void Address() {
    const std::string told = first_.headers.Joined("X-Forwarded-For");
    if (!proxied_) return Add("address", Verdict::kSkipped, "There is no proxy.");
    if (told.empty()) {
      return Problem("address",
                     "The proxy does not say who its clients are, so that limits and the log count "
                     "all as one: let it set X-Forwarded-For (nginx: proxy_set_header "
                     "X-Forwarded-For $remote_addr).");
    }
    if (told == kClaim) {
      return Problem("address",
                     "The proxy passes on the X-Forwarded-For of its clients, who may claim to be "
                     "anybody: let it set the header itself.");
    }
    const bool from_list = told.find(first_.remote) != std::string::npos;
    const bool unbelieved_https =
        EqualsIgnoreCase(first_.headers.Get("X-Forwarded-Proto"), "https") && !first_.secure;
    if (config_.trusted_proxies.empty() || !from_list || unbelieved_https) {
      return Problem("address", "The proxy at " + first_.remote +
                                    " is not believed: cairn config:system:set trusted_proxies "
                                    "--value=" +
                                    first_.remote);
    }
    Good("address", "Clients are told apart by their addresses.");
  }

  void Methods() {
    std::string missing;
    for (const std::string_view method : kMethods) {
      OutgoingRequest request;
      request.method = method;
      const auto answer = Send(std::move(request));
      if (IsOurs(answer) && probe_.Last().method == method) continue;
      missing.append(missing.empty() ? "" : ", ").append(method);
    }
    if (missing.empty()) return Good("methods", "All methods of WebDAV pass.");
    Problem("methods", "These methods do not pass: " + missing +
                           ". WebDAV needs them: allow them in the proxy or its firewall rules.");
  }

  void LongField() {
    OutgoingRequest request;
    request.headers.Add("X-Probe", std::string(kLongField, 'a'));
    const auto answer = Send(std::move(request));
    if (IsOurs(answer) && probe_.Last().headers.Get("X-Probe").size() == kLongField)
      return Good("headers", "Long headers pass.");
    Problem("headers",
            "A header of " + std::to_string(kLongField) + " bytes does not pass (" + Why(answer) +
                "): raise the proxy's limit (nginx: large_client_header_buffers 4 16k).");
  }

  void OddName() {
    const auto answer = Send({}, kOddName);
    const auto sent = http::DecodePath(kOddName);
    const auto seen = http::DecodePath(probe_.Last().rest);
    if (IsOurs(answer) && seen.has_value() && sent.has_value() && *seen == *sent)
      return Good("names", "Names with special characters pass.");
    Problem("names", "A name with special characters does not arrive as it was sent (" +
                         Why(answer) +
                         "): the proxy must pass the path on as it is (nginx: no path behind "
                         "proxy_pass; Apache: nocanon, AllowEncodedSlashes NoDecode).");
  }

  // Zeros; behind the first part it looks whether that has arrived already.
  void Bodies() {
    std::uint64_t sent = 0;
    bool early = false;
    OutgoingRequest request;
    request.method = "PUT";
    request.body_length = kBody;
    request.body = [&](std::span<char> room) {
      if (sent >= kFirstPart && sent < kFirstPart + room.size())
        early = probe_.AwaitBody(1, kPatience);
      const auto size = std::min<std::uint64_t>(room.size(), kBody - sent);
      std::fill_n(room.begin(), size, '\0');
      sent += size;
      return static_cast<std::size_t>(size);
    };
    const auto answer = Send(std::move(request));
    if (!IsOurs(answer) || probe_.Last().body != kBody) {
      return Problem("bodies", "An upload of 16 MiB does not pass (" + Why(answer) +
                                   "): clients send pieces of 10 MB and more. Take the limit off "
                                   "the proxy (nginx: client_max_body_size 0).");
    }
    if (!early) {
      Add("bodies", Verdict::kHint,
          "The proxy keeps an upload until it is whole: it takes twice as long, fills the proxy's "
          "disk, and clients run into timeouts (nginx: proxy_request_buffering off).");
    } else {
      Good("bodies", "Uploads pass while they are being sent.");
    }
  }

  void Chunked() {
    std::uint64_t left = kChunkedBody;
    OutgoingRequest request;
    request.method = "PUT";
    request.body = [&](std::span<char> room) {
      const auto size = std::min<std::uint64_t>(room.size(), left);
      std::fill_n(room.begin(), size, 'x');
      left -= size;
      return static_cast<std::size_t>(size);
    };
    const auto answer = Send(std::move(request));
    if (IsOurs(answer) && probe_.Last().body == kChunkedBody)
      return Good("chunked", "Uploads without a length pass.");
    Problem("chunked",
            "An upload without a length does not pass (" + Why(answer) +
                "): Finder and others send them (HTTP/1.1, Transfer-Encoding: chunked).");
  }

  HttpClient& client_;
  const ProbeBoard::Probe probe_;
  const ProbeBoard& board_;
  const conf::Config& config_;
  const std::string base_;
  Findings& out_;
  ProbeSeen first_;
  bool proxied_ = false;
};

}  // namespace

void CheckRoundTrip(HttpClient& client, ProbeBoard& board, const conf::Config& config,
                    const std::string& base, Findings& out) {
  RoundTrip(client, board, config, base, out).Run();
}

}  // namespace cairn::server
