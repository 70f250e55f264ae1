#include "base/retention.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn {

namespace {

constexpr std::uint64_t kMaxDays = 36'500;

Error Refused(std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument, "is not " + std::string(why));
}

// nullopt: `auto`.
Result<std::optional<std::int64_t>> ParsePart(std::string_view part) {
  if (EqualsIgnoreCase(part, "auto")) return std::optional<std::int64_t>();
  const auto days = ParseUint(part);
  if (!days)
    return Refused("auto, \"D, auto\", \"auto, D\", \"D1, D2\" or disabled, with whole days for D");
  if (*days > kMaxDays)
    return Refused("within " + std::to_string(kMaxDays) + " days, the longest time");
  return std::optional(static_cast<std::int64_t>(*days) * kSecondsPerDay);
}

std::string DaysText(std::int64_t seconds) { return std::to_string(seconds / kSecondsPerDay); }

}  // namespace

Result<Retention> ParseRetention(std::string_view text) {
  text = Trim(text);
  if (EqualsIgnoreCase(text, "auto")) return Retention{};
  if (EqualsIgnoreCase(text, "disabled"))
    return Retention{.disabled = true, .remove_after = {}, .by_rules = false, .plain_auto = false};

  const std::size_t comma = std::min(text.find(','), text.size());
  ASSIGN_OR_RETURN(const auto least, ParsePart(Trim(text.substr(0, comma))));
  if (comma == text.size())
    return Refused("complete: \"" + std::string(text) +
                   ", auto\" keeps at least so many days, \"auto, " + std::string(text) +
                   "\" at most");
  ASSIGN_OR_RETURN(const auto most, ParsePart(Trim(text.substr(comma + 1))));
  if (!least && !most) return Refused("one of both: \"auto\" stands alone or beside days");
  if (least && most && *least > *most)
    return Refused(
        "in order: the days to keep come first and may not exceed those to remove after");
  return Retention{.keep_at_least = least.value_or(0),
                   .remove_after = most,
                   .by_rules = !least || !most,
                   .plain_auto = false};
}

std::string RetentionText(const Retention& retention) {
  if (retention.disabled) return "disabled";
  if (retention.plain_auto) return "auto";
  if (!retention.remove_after) return DaysText(retention.keep_at_least) + ", auto";
  return (retention.by_rules ? "auto" : DaysText(retention.keep_at_least)) + ", " +
         DaysText(*retention.remove_after);
}

std::int64_t AgeSeconds(std::int64_t then, std::int64_t now) {
  if (then >= now) return 0;
  // Unsigned, since the difference may not fit.
  const std::uint64_t age = static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(then);
  return static_cast<std::int64_t>(std::min<std::uint64_t>(age, INT64_MAX));
}

}  // namespace cairn
