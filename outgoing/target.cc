#include "outgoing/target.h"

#include <curl/curl.h>

#include <algorithm>
#include <utility>

#include "base/bytes.h"

namespace cairn::outgoing {
namespace {

constexpr std::size_t kMaxUrl = 8 * 1024;

struct FreeText {
  void operator()(char* text) const { curl_free(text); }
};

// Empty: the URL has no such part.
std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, flags) != CURLUE_OK) return {};
  const std::unique_ptr<char, FreeText> text(raw);
  return text.get();
}

bool IsClean(std::string_view text) {
  return text.size() <= kMaxUrl && std::none_of(text.begin(), text.end(), [](char c) {
           return (c >= 0 && c <= ' ') || c == '\x7f';
         });
}

}  // namespace

void Target::Free::operator()(Curl_URL* url) const { curl_url_cleanup(url); }

Result<Target> Target::Read(Handle url, std::string_view text) {
  const Error refused =
      Fail(ErrorCode::kInvalidArgument, "not an https or http URL without a login");
  if (url == nullptr || !IsClean(text)) return refused;
  const std::string copy(text);
  if (curl_url_set(url.get(), CURLUPART_URL, copy.c_str(), CURLU_DISALLOW_USER) != CURLUE_OK)
    return refused;
  Target target;
  const std::string scheme = ToLower(Part(url.get(), CURLUPART_SCHEME));
  target.https_ = scheme == "https";
  if (!target.https_ && scheme != "http") return refused;
  if (!Part(url.get(), CURLUPART_USER).empty() || !Part(url.get(), CURLUPART_PASSWORD).empty() ||
      !Part(url.get(), CURLUPART_ZONEID).empty())
    return refused;
  target.host_ = ToLower(Part(url.get(), CURLUPART_HOST));
  target.port_ = Part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (target.host_.empty() || target.port_.empty() || target.port_ == "0") return refused;
  target.origin_ = scheme + "://" + target.host_ + ":" + target.port_;
  target.url_ = std::move(url);
  return target;
}

Result<Target> Target::Parse(std::string_view url) { return Read(Handle(curl_url()), url); }

Result<Target> Target::Resolve(std::string_view location) const {
  return Read(Handle(curl_url_dup(url_.get())), location);
}

}  // namespace cairn::outgoing
