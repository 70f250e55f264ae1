#include "base/quantity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/bytes.h"

namespace cairn {

namespace {

constexpr std::string_view kUnits = "bkmgtp";  // powers of 1024 in order
constexpr std::array<std::string_view, 6> kUnitNames = {" B", " KB", " MB", " GB", " TB", " PB"};
constexpr std::size_t kMaxFraction = 9;  // digits

// The power of 1024 that a unit stands for.
std::optional<std::size_t> UnitPower(std::string_view unit) {
  if (unit.empty()) return 0;
  if (unit.size() == 3 && unit[0] != 'b' && unit.ends_with("ib")) unit.remove_suffix(2);
  if (unit.size() == 2 && unit[0] != 'b' && unit[1] == 'b') unit.remove_suffix(1);
  if (unit.size() != 1) return std::nullopt;
  const std::size_t power = kUnits.find(unit[0]);
  return power == std::string_view::npos ? std::nullopt : std::optional(power);
}

struct TimeUnit {
  std::string_view name;
  std::uint64_t milliseconds;
};
constexpr std::array<TimeUnit, 5> kTimeUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::uint64_t kLongest = 100ull * 366 * 86'400'000;

}  // namespace

std::optional<std::uint64_t> ParseSize(std::string_view text) {
  const std::string lower = ToLower(Trim(text));
  const std::size_t end = std::min(lower.find_first_not_of("0123456789."), lower.size());
  const std::string_view number = std::string_view(lower).substr(0, end);
  const auto power = UnitPower(Trim(std::string_view(lower).substr(end)));
  const std::size_t dot = std::min(number.find('.'), number.size());
  const auto whole = ParseUint(number.substr(0, dot));
  if (!power || !whole) return std::nullopt;

  const std::uint64_t unit = std::uint64_t{1} << (10 * *power);
  std::uint64_t fraction_bytes = 0;
  if (dot < number.size()) {
    const std::string_view digits = number.substr(dot + 1);
    const auto fraction = ParseUint(digits);
    if (!fraction || digits.size() > kMaxFraction) return std::nullopt;
    const double part =
        static_cast<double>(*fraction) / std::pow(10.0, static_cast<double>(digits.size()));
    fraction_bytes = static_cast<std::uint64_t>(part * static_cast<double>(unit));
  }
  constexpr std::uint64_t kLimit = INT64_MAX;
  if (*whole > (kLimit - fraction_bytes) / unit) return std::nullopt;
  return *whole * unit + fraction_bytes;
}

std::string SizeText(std::uint64_t bytes) {
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (unit + 1 < kUnitNames.size() && std::round(value * 10) >= 10240) {
    value /= 1024;
    ++unit;
  }
  const long long tenths = std::llround(value * 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text.append(".").append(std::to_string(tenths % 10));
  return text.append(kUnitNames[unit]);
}

std::string ExactSizeText(std::uint64_t bytes) {
  std::size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < kUnitNames.size()) {
    bytes /= 1024;
    ++unit;
  }
  return std::to_string(bytes).append(kUnitNames[unit]);
}

std::optional<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  text = Trim(text);
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = ParseUint(text.substr(0, end));
  std::string_view unit = Trim(text.substr(end));
  if (unit.empty()) unit = "s";
  const auto* found = std::find_if(kTimeUnits.begin(), kTimeUnits.end(),
                                   [&](const TimeUnit& row) { return row.name == unit; });
  if (!number || found == kTimeUnits.end() || *number > kLongest / found->milliseconds)
    return std::nullopt;
  return std::chrono::milliseconds(*number * found->milliseconds);
}

std::string DurationText(std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  if (count == 0) return "0 s";
  const auto* unit = std::find_if(kTimeUnits.begin(), kTimeUnits.end(), [&](const TimeUnit& row) {
    return count % row.milliseconds == 0;
  });
  return std::to_string(count / unit->milliseconds).append(" ").append(unit->name);
}

}  // namespace cairn
