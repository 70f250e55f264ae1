#include "auth/password_hash.h"

#include <sodium.h>

#include "base/offload.h"

namespace cairn::auth {

namespace {

void InitialiseOnce() {
  static const int ready = sodium_init();
  CAIRN_CHECK(ready >= 0);
}

bool HasAllowedLength(std::string_view password) {
  return !password.empty() && password.size() <= kMaxPasswordBytes;
}

}  // namespace

PasswordCost PasswordCost::Minimum() {
  return {crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN};
}

Result<std::string> HashPassword(std::string_view password, const PasswordCost& cost) {
  CheckMayBlock();
  InitialiseOnce();
  if (!HasAllowedLength(password)) {
    return Fail(ErrorCode::kInvalidArgument, "a password has 1 to 1024 bytes");
  }
  char text[crypto_pwhash_STRBYTES] = {};
  if (crypto_pwhash_str_alg(text, password.data(), password.size(), cost.operations,
                            cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Fail(ErrorCode::kBusy, "not enough memory to hash a password");
  }
  return std::string(text);
}

bool VerifyPassword(std::string_view hash, std::string_view password) {
  CheckMayBlock();
  InitialiseOnce();
  if (hash.empty() || hash.size() >= crypto_pwhash_STRBYTES || !HasAllowedLength(password))
    return false;
  const std::string text(hash);  // libsodium wants the final NUL
  return crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
}

}  // namespace cairn::auth
