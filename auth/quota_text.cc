#include "auth/quota_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/bytes.h"

namespace cairn::auth {

namespace {

constexpr std::string_view kUnits = "bkmgtp";  // powers of 1024 in order
constexpr std::size_t kMaxFraction = 9;        // digits

Error BadQuota() {
  return Fail(ErrorCode::kInvalidArgument,
              "a quota is \"none\", \"default\" or a size as \"10 GB\"");
}

// The power of 1024 that a unit stands for.
std::optional<std::size_t> UnitPower(std::string_view unit) {
  if (unit.empty()) return 0;
  if (unit.size() == 2 && unit[0] != 'b' && unit[1] == 'b') unit.remove_suffix(1);
  if (unit.size() != 1) return std::nullopt;
  const std::size_t power = kUnits.find(unit[0]);
  return power == std::string_view::npos ? std::nullopt : std::optional(power);
}

}  // namespace

Result<Quota> ParseQuota(std::string_view text) {
  const std::string lower = ToLower(Trim(text));
  if (lower == "none") return Quota{};
  if (lower == "default") return Quota{.is_default = true, .bytes = {}};
  const std::size_t end = std::min(lower.find_first_not_of("0123456789."), lower.size());
  const std::string_view number = std::string_view(lower).substr(0, end);
  const auto power = UnitPower(Trim(std::string_view(lower).substr(end)));
  const std::size_t dot = std::min(number.find('.'), number.size());
  const auto whole = ParseUint(number.substr(0, dot));
  if (!power || !whole) return BadQuota();

  const std::uint64_t unit = std::uint64_t{1} << (10 * *power);
  std::uint64_t fraction_bytes = 0;
  if (dot < number.size()) {
    const std::string_view digits = number.substr(dot + 1);
    const auto fraction = ParseUint(digits);
    if (!fraction || digits.size() > kMaxFraction) return BadQuota();
    const double part =
        static_cast<double>(*fraction) / std::pow(10.0, static_cast<double>(digits.size()));
    fraction_bytes = static_cast<std::uint64_t>(part * static_cast<double>(unit));
  }
  constexpr std::uint64_t kLimit = INT64_MAX;
  if (*whole > (kLimit - fraction_bytes) / unit) return BadQuota();
  return Quota{.is_default = false,
               .bytes = static_cast<std::int64_t>(*whole * unit + fraction_bytes)};
}

std::string SizeText(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 6> kNames = {" B",  " KB", " MB",
                                                             " GB", " TB", " PB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (unit + 1 < kNames.size() && std::round(value * 10) >= 10240) {
    value /= 1024;
    ++unit;
  }
  const long long tenths = std::llround(value * 10);
  std::string text = std::to_string(tenths / 10);
  if (tenths % 10 != 0) text.append(".").append(std::to_string(tenths % 10));
  return text.append(kNames[unit]);
}

}  // namespace cairn::auth
