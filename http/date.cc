#include "http/date.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "base/bytes.h"

namespace cairn::http {
namespace {

using std::chrono::day;
using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kFirstSecond = -62'167'219'200;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

struct Civil {
  int year = 1970;
  unsigned month = 1, day = 1;
  unsigned hour = 0, minute = 0, second = 0;
  unsigned weekday = 4;  // 0 is Sunday
};

Civil ToCivil(std::int64_t seconds) {
  seconds = std::clamp(seconds, kFirstSecond, kLastSecond);
  std::int64_t day_number = seconds / kDaySeconds;
  std::int64_t rest = seconds % kDaySeconds;
  if (rest < 0) {
    rest += kDaySeconds;
    --day_number;
  }
  const sys_days date{days{day_number}};
  const year_month_day ymd{date};
  Civil civil;
  civil.year = static_cast<int>(ymd.year());
  civil.month = static_cast<unsigned>(ymd.month());
  civil.day = static_cast<unsigned>(ymd.day());
  civil.hour = static_cast<unsigned>(rest / 3600);
  civil.minute = static_cast<unsigned>(rest / 60 % 60);
  civil.second = static_cast<unsigned>(rest % 60);
  civil.weekday = std::chrono::weekday{date}.c_encoding();
  return civil;
}

std::optional<std::int64_t> FromCivil(const Civil& civil) {
  const year_month_day ymd{year{civil.year}, month{civil.month}, day{civil.day}};
  // 60 is a leap second: it counts as the first second of the next minute.
  if (!ymd.ok() || civil.hour > 23 || civil.minute > 59 || civil.second > 60) return std::nullopt;
  const std::int64_t day_number = sys_days{ymd}.time_since_epoch().count();
  const std::int64_t seconds =
      day_number * kDaySeconds + civil.hour * 3600 + civil.minute * 60 + civil.second;
  return std::min(seconds, kLastSecond);
}

void Put(std::string& out, std::size_t at, unsigned value, std::size_t width) {
  for (std::size_t i = width; i-- > 0; value /= 10)
    out[at + i] = static_cast<char>('0' + value % 10);
}

// A scanner over fixed-form text: each step fails for good once one has failed.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Scanner& Literal(std::string_view expected) {
    if (ok_ && text_.starts_with(expected)) {
      text_.remove_prefix(expected.size());
    } else {
      ok_ = false;
    }
    return *this;
  }
  Scanner& Number(std::size_t width, unsigned& value) {
    const auto parsed = text_.size() >= width ? ParseUint(text_.substr(0, width)) : std::nullopt;
    if (!ok_ || !parsed) {
      ok_ = false;
      return *this;
    }
    value = static_cast<unsigned>(*parsed);
    text_.remove_prefix(width);
    return *this;
  }
  // asctime pads the day with a blank.
  Scanner& PaddedDay(unsigned& value) {
    if (!text_.starts_with(' ')) return Number(2, value);
    text_.remove_prefix(1);
    return Number(1, value);
  }
  Scanner& Month(unsigned& value) {
    const auto at = text_.size() >= 3 ? kMonths.find(text_.substr(0, 3)) : std::string_view::npos;
    if (!ok_ || at == std::string_view::npos || at % 3 != 0) {
      ok_ = false;
      return *this;
    }
    value = static_cast<unsigned>(at / 3 + 1);
    text_.remove_prefix(3);
    return *this;
  }
  Scanner& Time(Civil& civil) {
    return Number(2, civil.hour)
        .Literal(":")
        .Number(2, civil.minute)
        .Literal(":")
        .Number(2, civil.second);
  }
  std::string_view rest() const { return text_; }
  void Skip(std::size_t count) { text_.remove_prefix(count); }
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

bool IsShortDay(std::string_view name) {
  const auto at = name.size() == 3 ? kDays.find(name) : std::string_view::npos;
  return at != std::string_view::npos && at % 3 == 0;
}

bool IsLongDay(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

std::string IsoBase(std::int64_t seconds) {
  const Civil civil = ToCivil(seconds);
  std::string out = "0000-00-00T00:00:00";
  Put(out, 0, static_cast<unsigned>(civil.year), 4);
  Put(out, 5, civil.month, 2);
  Put(out, 8, civil.day, 2);
  Put(out, 11, civil.hour, 2);
  Put(out, 14, civil.minute, 2);
  Put(out, 17, civil.second, 2);
  return out;
}

}  // namespace

std::string HttpDate(std::int64_t seconds) {
  const Civil civil = ToCivil(seconds);
  std::string out = "DDD, 00 MMM 0000 00:00:00 GMT";
  out.replace(0, 3, kDays.substr(std::size_t{civil.weekday} * 3, 3));
  Put(out, 5, civil.day, 2);
  out.replace(8, 3, kMonths.substr(std::size_t{civil.month - 1} * 3, 3));
  Put(out, 12, static_cast<unsigned>(civil.year), 4);
  Put(out, 17, civil.hour, 2);
  Put(out, 20, civil.minute, 2);
  Put(out, 23, civil.second, 2);
  return out;
}

std::optional<std::int64_t> ParseHttpDate(std::string_view text) {
  Civil civil;
  unsigned year_number = 0;
  const auto comma = text.find(',');
  if (comma == std::string_view::npos) {  // asctime: "Sun Nov  6 08:49:37 1994"
    if (!IsShortDay(text.substr(0, std::min<std::size_t>(3, text.size())))) return std::nullopt;
    Scanner scan(text.substr(3));
    scan.Literal(" ").Month(civil.month).Literal(" ").PaddedDay(civil.day).Literal(" ");
    scan.Time(civil).Literal(" ").Number(4, year_number);
    if (!scan.AtEnd()) return std::nullopt;
  } else if (IsShortDay(text.substr(0, comma))) {
    Scanner scan(text.substr(comma));
    scan.Literal(", ").Number(2, civil.day).Literal(" ").Month(civil.month).Literal(" ");
    scan.Number(4, year_number).Literal(" ").Time(civil).Literal(" GMT");
    if (!scan.AtEnd()) return std::nullopt;
  } else {  // RFC 850: "Sunday, 06-Nov-94 08:49:37 GMT"
    if (!IsLongDay(text.substr(0, comma))) return std::nullopt;
    Scanner scan(text.substr(comma));
    scan.Literal(", ").Number(2, civil.day).Literal("-").Month(civil.month).Literal("-");
    scan.Number(2, year_number).Literal(" ").Time(civil).Literal(" GMT");
    if (!scan.AtEnd()) return std::nullopt;
    year_number += year_number >= 70 ? 1900 : 2000;
  }
  civil.year = static_cast<int>(year_number);
  return FromCivil(civil);
}

std::string IsoDateWithOffset(std::int64_t seconds) { return IsoBase(seconds) + "+00:00"; }
std::string IsoDateZulu(std::int64_t seconds) { return IsoBase(seconds) + "Z"; }

std::optional<std::int64_t> ParseIsoDate(std::string_view text) {
  Civil civil;
  unsigned year_number = 0;
  Scanner scan(text);
  scan.Number(4, year_number).Literal("-").Number(2, civil.month).Literal("-").Number(2, civil.day);
  if (!scan.ok()) return std::nullopt;
  civil.year = static_cast<int>(year_number);
  std::int64_t offset = 0;
  if (!scan.AtEnd()) {
    scan.Literal("T").Time(civil);
    if (!scan.ok()) return std::nullopt;
    if (scan.rest().starts_with('.')) {
      scan.Skip(1);
      const auto digits = std::min(scan.rest().find_first_not_of("0123456789"), scan.rest().size());
      if (digits == 0) return std::nullopt;
      scan.Skip(digits);
    }
    if (scan.rest() == "Z") {
      scan.Skip(1);
    } else if (!scan.rest().empty()) {
      const bool west = scan.rest().front() == '-';
      unsigned hours = 0, minutes = 0;
      scan.Literal(west ? "-" : "+").Number(2, hours);
      if (scan.rest().starts_with(':')) scan.Skip(1);
      scan.Number(2, minutes);
      if (hours > 23 || minutes > 59) return std::nullopt;
      offset = (west ? -1 : 1) * static_cast<std::int64_t>(hours * 3600 + minutes * 60);
    }
    if (!scan.AtEnd()) return std::nullopt;
  }
  const auto seconds = FromCivil(civil);
  return seconds ? std::optional(*seconds - offset) : std::nullopt;
}

}  // namespace cairn::http
