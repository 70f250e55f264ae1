#include "tests/support/totp.h"

#include <liboath/oath.h>

#include <cstdlib>

namespace cairn::support {

std::string TotpCode(const std::string& base32_secret, std::int64_t at_seconds) {
  char* secret = nullptr;
  std::size_t size = 0;
  if (oath_base32_decode(base32_secret.data(), base32_secret.size(), &secret, &size) != OATH_OK)
    return {};
  char code[7] = {};
  const int made = oath_totp_generate(secret, size, at_seconds, 30, 0, 6, code);
  std::free(secret);
  return made == OATH_OK ? code : std::string();
}

}  // namespace cairn::support
