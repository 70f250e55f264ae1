// The small WebDAV request headers: Depth, Timeout, Overwrite (RFC 4918 section 10), X-NC-Paginate.
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/headers.h"

namespace cairn::http {

struct Depth {
  enum class Kind { kAbsent, kLevels, kInfinity, kGarbage };
  Kind kind = Kind::kAbsent;
  std::uint32_t levels = 0;  // kLevels
  bool operator==(const Depth&) const = default;
};

// Any integer is taken as it is: clients send 100. One that does not fit 32 bits is infinity.
Depth ParseDepth(const Headers& headers);

inline constexpr std::uint32_t kInfiniteDepth = UINT32_MAX;
// How many levels a PROPFIND lists: absent and garbage mean 1, as recorded (not RFC 4918's
// infinity).
std::uint32_t PropfindDepth(const Headers& headers);

struct LockTimeout {
  bool infinite = false;
  std::uint32_t seconds = 0;  // at least 1 unless infinite
  bool operator==(const LockTimeout&) const = default;
};
// The first usable entry of a Timeout header ("Infinite, Second-4100000000"); nullopt: none, the
// server's default.
std::optional<LockTimeout> ParseTimeout(const Headers& headers);

// T, F, true, false in any case; absent means true. kInvalidArgument for anything else.
Result<bool> ParseOverwrite(const Headers& headers);

// A page of a listing, as Nextcloud's clients ask for it: X-NC-Paginate: true, with -Count, -Offset
// and -Token.
struct PageRequest {
  std::uint64_t count = 100;  // at least 1
  std::uint64_t offset = 0;
  std::string token;  // that came with an earlier page; empty: none
};
// nullopt: the whole listing is asked for, or something that cannot be understood.
std::optional<PageRequest> ParsePaginate(const Headers& headers);

}  // namespace cairn::http
