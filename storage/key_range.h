// Keys as the stores hold them, and the limits of a transaction: what every KvStore shares.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "storage/schema.h"

namespace cairn::storage {

inline constexpr std::size_t kMaxTxnSize = 4 << 20;  // keys and values

inline std::string FullKey(Table table, std::string_view key) {
  std::string full;
  full.reserve(1 + key.size());
  full.push_back(static_cast<char>(table));
  return full.append(key);
}

// The first key after all that begin with `prefix`; nullopt when there is none (all bytes are
// 0xff).
inline std::optional<std::string> EndOfPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Adds up one transaction's writes and remembers the first that no store may take.
class TxnLimits {
 public:
  // False: this write is refused, and with it the transaction.
  bool Take(std::string_view key, std::string_view value) {
    if (key.size() > kMaxKeySize) return Refuse("a key of over 1 KiB");
    if (value.size() > kMaxValueSize) return Refuse("a value of over 1 MiB");
    size_ += key.size() + value.size() + 1;
    if (size_ > kMaxTxnSize) return Refuse("a transaction of over 4 MiB");
    return !refused_.has_value();
  }
  // kTooLarge.
  Result<void> Check() const {
    if (refused_.has_value()) return Error(*refused_);
    return {};
  }

 private:
  bool Refuse(std::string_view what) {
    if (!refused_.has_value()) refused_ = Fail(ErrorCode::kTooLarge, std::string(what));
    return false;
  }
  std::size_t size_ = 0;
  std::optional<Error> refused_;
};

}  // namespace cairn::storage
