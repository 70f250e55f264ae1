// Typed ids. Each is a distinct type, so that a user id never ends up where a file id belongs.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

enum class FileId : std::uint64_t {};   // dense from 1; only for nodes
enum class SpaceId : std::uint64_t {};  // dense from 1
enum class UserId : std::uint64_t {};   // dense from 1; storage is keyed by it, never by the name
enum class TokenId : std::uint64_t {};  // dense from 1; app passwords
enum class ShareId : std::uint64_t {};  // dense from 1; clients parse 31 bits
enum class TransferId : std::uint64_t {};      // dense from 1; clients parse 31 bits
enum class NotificationId : std::uint64_t {};  // dense from 1; clients parse 31 bits

template <class Id>
constexpr std::uint64_t Raw(Id id) {
  return static_cast<std::uint64_t>(id);
}

// A 128-bit id. Its 16 bytes stand in keys and records as they are.
template <class Tag>
struct Id128 {
  std::array<char, 16> bytes{};

  auto operator<=>(const Id128&) const = default;
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
  bool empty() const { return *this == Id128{}; }
  // 32 lower-case hex digits.
  std::string Hex() const;
  // nullopt unless `raw` has exactly 16 bytes.
  static std::optional<Id128> FromBytes(std::string_view raw);
  static std::optional<Id128> FromHex(std::string_view hex);
};

using ContentId =
    Id128<struct ContentTag>;          // 48 bits of milliseconds, then random: ordered by time
using BlobId = Id128<struct BlobTag>;  // random

}  // namespace cairn

template <class Tag>
struct std::hash<cairn::Id128<Tag>> {
  std::size_t operator()(const cairn::Id128<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
