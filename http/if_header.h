// The If header of RFC 4918 section 10.4: lists of conditions, each list about one resource.
//
// Thread-safe, does not block. Bounded: 8 KiB, 64 conditions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/function_ref.h"

namespace cairn::http {

inline constexpr std::size_t kMaxIfHeaderBytes = 8 * 1024;
inline constexpr std::size_t kMaxIfConditions = 64;

struct IfCondition {
  enum class Kind { kStateToken, kEntityTag };
  Kind kind = Kind::kStateToken;
  bool negated = false;
  std::string value;  // the token without <>, or the opaque tag without quotes and W/
  bool weak = false;  // a W/ entity tag
  bool operator==(const IfCondition&) const = default;
};

struct IfList {
  std::string resource;  // the tag as given, an absolute path or URL (see ParseDestination); empty:
                         // the request's own
  std::vector<IfCondition> conditions;  // at least one
  bool operator==(const IfList&) const = default;
};

using IfHeader = std::vector<IfList>;

// kInvalidArgument: malformed, or above a limit. Blanks are free between all parts and an entity
// tag may lack its quotes. A list belongs to the tag before it; a header that starts untagged must
// stay so.
Result<IfHeader> ParseIfHeader(std::string_view value);

// True when at least one list has all its conditions true. `matches(resource, condition)` tells
// whether the state token or entity tag applies to the resource now, without regard to `negated`.
bool Holds(const IfHeader& header,
           FunctionRef<bool(std::string_view resource, const IfCondition&)> matches);

// All state tokens in the header, whatever list they stand in: they count as submitted
// (section 7.5).
std::vector<std::string> SubmittedTokens(const IfHeader& header);

// The token of a Lock-Token header, with or without angle brackets. nullopt: empty, or no token.
std::optional<std::string> ParseLockToken(std::string_view value);

}  // namespace cairn::http
