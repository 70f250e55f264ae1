// A keyed BLAKE2b-256 (libsodium): for keys of tables that live in memory only. About ten times
// cheaper than libcrypto's HMAC for the length of a password. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace cairn::auth {

// 32 bytes. `key` has 16 to 64 bytes.
std::string KeyedHash(std::string_view key, std::string_view data);

}  // namespace cairn::auth
