// Argon2id hashes of login passwords, in libsodium's text form: the door to libsodium. Thread-safe.
// Hash and Verify take as long as the cost says (tens of milliseconds): never under a lock, never
// on an I/O thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxPasswordBytes = 1024;

struct PasswordCost {
  unsigned long long operations = 2;  // libsodium's "interactive" limits
  std::size_t memory_bytes = 64u << 20;
  static PasswordCost Minimum();  // for tests
};

// kInvalidArgument: empty or longer than kMaxPasswordBytes; kBusy: no memory for the hash.
Result<std::string> HashPassword(std::string_view password, const PasswordCost& cost);

// False for an empty hash and for passwords that HashPassword refuses.
bool VerifyPassword(std::string_view hash, std::string_view password);

}  // namespace cairn::auth
