// What must hold for any Range, If-Range and date header, at any size.
#pragma once

#include "base/error.h"
#include "http/date.h"
#include "http/range.h"

namespace cairn::fuzz {

inline void CheckRange(std::string_view input) {
  for (std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{19},
                             std::uint64_t{1} << 32, static_cast<std::uint64_t>(INT64_MAX)}) {
    const http::RangeSelection selection = http::SelectRanges(input, size);
    CAIRN_CHECK((selection.kind == http::RangeSelection::Kind::kRanges) ==
                !selection.ranges.empty());
    CAIRN_CHECK(selection.ranges.size() <= http::kMaxRanges);
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < selection.ranges.size(); ++i) {
      const http::ByteRange& range = selection.ranges[i];
      const bool empty =
          selection.ranges.size() == 1 && range.first == size && size > 0 && range.last == size - 1;
      CAIRN_CHECK(empty || (range.first <= range.last && range.last < size));
      CAIRN_CHECK(i == 0 || range.first > selection.ranges[i - 1].last + 1);
      total += range.length();
    }
    CAIRN_CHECK(total <= size);
    const http::MultipartRanges parts("0123456789abcdef", "text/plain", size);
    CAIRN_CHECK(parts.Length(selection.ranges) <= size + 1024 * (selection.ranges.size() + 1));
  }
  http::IfRangeHolds(input, "abc", 1'700'000'000);
  if (const auto date = http::ParseHttpDate(input)) {
    CAIRN_CHECK(http::ParseHttpDate(http::HttpDate(*date)) == date);
  }
  if (const auto date = http::ParseIsoDate(input)) {
    CAIRN_CHECK(http::IsoDateZulu(*date).size() == 20);
  }
}

}  // namespace cairn::fuzz
