// The pair in an Authorization header of the Basic scheme (RFC 7617). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::auth {

inline constexpr std::size_t kMaxLogin = 255;  // bytes

struct BasicCredentials {
  std::string login;
  std::string secret;
};
// nullopt: the header is of another scheme, malformed, or longer than any that could be right.
std::optional<BasicCredentials> ParseBasic(std::string_view header);

}  // namespace cairn::auth
