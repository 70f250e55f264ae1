#include "server/http_client.h"

#include <curl/curl.h>

#include <array>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace cairn::server {
namespace {

struct FreeCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What the callbacks of one request work on.
struct Transfer {
  const OutgoingRequest& request;
  const std::size_t limit;
  OutgoingAnswer answer;
  bool too_large = false;
};

std::size_t OnBody(const char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  if (size > transfer.limit - transfer.answer.body.size()) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.body.append(data, size);
  return size;
}

std::size_t OnHeader(const char* data, std::size_t, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  std::string_view line(data, size);
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  // The head of another answer: what came before was a 100.
  if (line.starts_with("HTTP/")) transfer.answer.headers = {};
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    transfer.answer.headers.Add(line.substr(0, colon), Trim(line.substr(colon + 1)));
  return size;
}

std::size_t OnRead(char* room, std::size_t, std::size_t size, void* user) {
  const auto& transfer = *static_cast<Transfer*>(user);
  return transfer.request.body(std::span(room, size));
}

bool IsHttp(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpClientOptions options) : options_(std::move(options)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  }

  Result<OutgoingAnswer> Send(const OutgoingRequest& request) override {
    if (!IsHttp(request.url))
      return Fail(ErrorCode::kInvalidArgument, "neither http:// nor https://: " + request.url);
    const std::unique_ptr<CURL, FreeCurl> curl(curl_easy_init());
    if (curl == nullptr) return Fail(ErrorCode::kIo, "no memory for a request");
    Transfer transfer{request, options_.answer_limit, {}, false};
    std::array<char, CURL_ERROR_SIZE> why{};
    curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, why.data());
    SetBounds(curl.get());
    SetRequest(curl.get(), transfer);
    const std::unique_ptr<curl_slist, FreeCurl> fields = Fields(request);
    curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, fields.get());
    const CURLcode code = curl_easy_perform(curl.get());
    if (transfer.too_large) return Fail(ErrorCode::kTooLarge, "the answer is too large");
    if (code != CURLE_OK) {
      const char* text = why[0] != '\0' ? why.data() : curl_easy_strerror(code);
      return Fail(code == CURLE_URL_MALFORMAT ? ErrorCode::kInvalidArgument : ErrorCode::kIo, text);
    }
    Conclude(curl.get(), transfer.answer);
    return std::move(transfer.answer);
  }

 private:
  void SetBounds(CURL* curl) const {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options_.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    if (!options_.verify) {
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
      curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (!options_.authorities.empty())
      curl_easy_setopt(curl, CURLOPT_CAINFO, options_.authorities.c_str());
    if (!options_.unix_socket.empty())
      curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, options_.unix_socket.c_str());
  }

  static void SetRequest(CURL* curl, Transfer& transfer) {
    const OutgoingRequest& request = transfer.request;
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    if (request.body) {
      curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(curl, CURLOPT_READFUNCTION, OnRead);
      curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
      if (request.body_length) {
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE,
                         static_cast<curl_off_t>(*request.body_length));
      }
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  }

  static std::unique_ptr<curl_slist, FreeCurl> Fields(const OutgoingRequest& request) {
    // A body is sent at once: waiting for a 100 would hide who waits for it.
    curl_slist* list = curl_slist_append(nullptr, "Expect:");
    for (const auto& [name, value] : request.headers.fields())
      list = curl_slist_append(list, (name + ": " + value).c_str());
    return std::unique_ptr<curl_slist, FreeCurl>(list);
  }

  static void Conclude(CURL* curl, OutgoingAnswer& answer) {
    long number = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number);
    answer.status = static_cast<int>(number);
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_PORT, &number);
    answer.peer_port = static_cast<std::uint16_t>(number);
    const char* peer = nullptr;
    curl_easy_getinfo(curl, CURLINFO_PRIMARY_IP, &peer);
    if (peer != nullptr) answer.peer = peer;
  }

  const HttpClientOptions options_;
};

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient(HttpClientOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace cairn::server
