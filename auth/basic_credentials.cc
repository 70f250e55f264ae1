#include "auth/basic_credentials.h"

#include "auth/password_hash.h"
#include "base/bytes.h"

namespace cairn::auth {

namespace {

constexpr std::string_view kBasic = "Basic ";
constexpr std::size_t kMaxEncoded = (kMaxLogin + 1 + kMaxPasswordBytes + 2) / 3 * 4;

}  // namespace

std::optional<BasicCredentials> ParseBasic(std::string_view header) {
  if (!EqualsIgnoreCase(header.substr(0, kBasic.size()), kBasic)) return std::nullopt;
  const std::string_view encoded = Trim(header.substr(kBasic.size()));
  if (encoded.size() > kMaxEncoded) return std::nullopt;
  const auto text = FromBase64(encoded);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{text->substr(0, colon), text->substr(colon + 1)};
}

}  // namespace cairn::auth
