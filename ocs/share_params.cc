#include "ocs/share_params.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>

#include "base/bytes.h"
#include "shares/shares.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;
using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kDaySeconds = 86'400;

std::optional<unsigned> Number(std::string_view digits) {
  const auto value = ParseUint(digits);
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

std::string Padded(unsigned value, std::size_t width) {
  const std::string digits = std::to_string(value);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

bool IsTimeOfDay(std::string_view text) {
  return text.empty() || ((text.front() == 'T' || text.front() == ' ') && text.size() <= 32);
}

// A text member of an entry; nullptr: there is none.
const json::string* TextOf(const json::object& entry, std::string_view key) {
  const json::value* value = entry.if_contains(key);
  return value == nullptr ? nullptr : value->if_string();
}

bool IsOff(const json::value& value) {
  if (const bool* flag = value.if_bool()) return !*flag;
  if (const auto* text = value.if_string()) return !IsTrue(*text);
  return value.is_number() && value == 0;
}

}  // namespace

std::optional<std::int64_t> EndOfDay(std::string_view text) {
  text = Trim(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !IsTimeOfDay(text.substr(10)))
    return std::nullopt;
  const auto year = Number(text.substr(0, 4));
  const auto month = Number(text.substr(5, 2));
  const auto day = Number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month),
                            std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  // 0 is "never": days before the epoch are all in the past alike.
  const std::int64_t number = sys_days(date).time_since_epoch().count();
  return std::max<std::int64_t>((number + 1) * kDaySeconds, 1);
}

std::string ExpirationText(std::int64_t over) {
  const year_month_day date{sys_days(days((over - 1) / kDaySeconds))};
  return Padded(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
         Padded(static_cast<unsigned>(date.month()), 2) + "-" +
         Padded(static_cast<unsigned>(date.day()), 2) + " 23:59:59";
}

std::optional<AttributesText> ParseAttributes(std::string_view text) {
  AttributesText attributes;
  if (text.empty()) return attributes;
  if (text.size() > shares::kMaxAttributes) return std::nullopt;
  boost::system::error_code bad;
  const json::value parsed = json::parse(text, bad);
  const json::array* list = bad ? nullptr : parsed.if_array();
  if (list == nullptr) return std::nullopt;
  for (const json::value& item : *list) {
    const json::object* entry = item.if_object();
    if (entry == nullptr) return std::nullopt;
    const json::string* scope = TextOf(*entry, "scope");
    const json::string* key = TextOf(*entry, "key");
    const json::value* value = entry->if_contains("value");
    if (value == nullptr) value = entry->if_contains("enabled");
    if (scope == nullptr || key == nullptr || value == nullptr) return std::nullopt;
    if (*scope == "permissions" && *key == "download" && IsOff(*value))
      attributes.no_download = true;
    if (*scope == "fileRequest" && *key == "enabled" && !IsOff(*value)) attributes.asks_name = true;
  }
  if (list->empty()) return attributes;
  attributes.json = json::serialize(parsed);
  if (attributes.json.size() > shares::kMaxAttributes) return std::nullopt;
  // A number that is too big for one is written as no program reads it.
  const json::value again = json::parse(attributes.json, bad);
  if (bad || json::serialize(again) != attributes.json) return std::nullopt;
  return attributes;
}

bool IsTrue(std::string_view text) { return text == "1" || EqualsIgnoreCase(text, "true"); }

}  // namespace cairn::ocs
