#include "storage/chunk_order.h"

#include <algorithm>

#include "base/bytes.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kRangeDigits = 15;

std::string_view DigitsAt(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(
                            std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin()));
}

std::string_view WithoutZeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? std::string_view() : digits.substr(first);
}

int CompareNumbers(std::string_view a, std::string_view b) {
  a = WithoutZeros(a);
  b = WithoutZeros(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

}  // namespace

bool ChunkNameLess(std::string_view a, std::string_view b) {
  std::string_view x = a;
  std::string_view y = b;
  while (!x.empty() && !y.empty()) {
    const std::string_view m = DigitsAt(x);
    const std::string_view n = DigitsAt(y);
    if (!m.empty() && !n.empty()) {
      if (const int order = CompareNumbers(m, n); order != 0) return order < 0;
      x.remove_prefix(m.size());
      y.remove_prefix(n.size());
      continue;
    }
    if (x.front() != y.front())
      return static_cast<unsigned char>(x.front()) < static_cast<unsigned char>(y.front());
    x.remove_prefix(1);
    y.remove_prefix(1);
  }
  if (x.empty() != y.empty()) return x.empty();
  return a < b;
}

std::optional<std::uint64_t> ChunkNumber(std::string_view name) {
  if (name.empty() || DigitsAt(name).size() != name.size()) return std::nullopt;
  const std::string_view digits = WithoutZeros(name);
  if (digits.empty()) return 0;
  return digits.size() > 18 ? std::nullopt : ParseUint(digits);
}

std::optional<ChunkRange> ParseChunkRange(std::string_view name) {
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos || dash < kRangeDigits ||
      name.size() - dash - 1 < kRangeDigits) {
    return std::nullopt;
  }
  const auto first = ChunkNumber(name.substr(0, dash));
  const auto last = ChunkNumber(name.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  return ChunkRange{*first, *last};
}

}  // namespace cairn::storage
