// What calls of the share API say in texts: days, attributes, flags. Thread-safe, does not block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::ocs {

// When a share with this expiration is over: at the end of the day, in UTC. "YYYY-MM-DD", in quotes
// or not; a time of day behind it counts for nothing. nullopt: no such day.
std::optional<std::int64_t> EndOfDay(std::string_view text);
// "2027-01-15 23:59:59": the last second before it is over.
std::string ExpirationText(std::int64_t over);

// Attributes of a share: a JSON list of {"scope", "key", "value" or "enabled"}; entries that Cairn
// does not know are kept. An empty list or text is none.
struct AttributesText {
  std::string json;          // without blanks; empty: none
  bool no_download = false;  // {"permissions", "download"} is false
  bool asks_name = false;    // {"fileRequest", "enabled"} is true
};
// nullopt: it is no such list, or too long.
std::optional<AttributesText> ParseAttributes(std::string_view text);

// "true" and "1", in any letter case.
bool IsTrue(std::string_view text);

}  // namespace cairn::ocs
