#include "http/range.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "http/date.h"

namespace cairn::http {
namespace {

// One range-spec: nullopt when malformed; `satisfiable` false when it selects nothing.
struct Spec {
  bool satisfiable = false;
  ByteRange range;
};

std::optional<Spec> ParseSpec(std::string_view text, std::uint64_t size) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = Trim(text.substr(0, dash));
  const std::string_view last_text = Trim(text.substr(dash + 1));
  if (first_text.empty()) {
    const auto suffix = ParseUint(last_text);
    if (!suffix) return std::nullopt;
    if (size == 0) return Spec{};
    return Spec{true, {size - std::min(*suffix, size), size - 1}};
  }
  const auto first = ParseUint(first_text);
  const auto last =
      last_text.empty() ? std::optional<std::uint64_t>(UINT64_MAX) : ParseUint(last_text);
  if (!first || !last) return std::nullopt;
  if (*first > *last || *first >= size) return Spec{};
  return Spec{true, {*first, std::min(*last, size - 1)}};
}

// Not empty. Empty ranges say nothing beside others.
std::vector<ByteRange> Merged(std::vector<ByteRange> ranges) {
  const ByteRange first = ranges.front();
  std::erase_if(ranges, [](const ByteRange& range) { return range.length() == 0; });
  if (ranges.empty()) return {first};
  std::sort(ranges.begin(), ranges.end(),
            [](const ByteRange& a, const ByteRange& b) { return a.first < b.first; });
  std::vector<ByteRange> merged;
  for (const ByteRange& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

}  // namespace

RangeSelection SelectRanges(std::string_view header, std::uint64_t size) {
  const auto equals = header.find('=');
  if (equals == std::string_view::npos ||
      !EqualsIgnoreCase(Trim(header.substr(0, equals)), "bytes")) {
    return {};
  }
  std::string_view rest = header.substr(equals + 1);
  std::vector<ByteRange> selected;
  std::size_t count = 0;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view text = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (text.empty()) continue;  // RFC 9110 section 5.6.1: empty list elements
    if (++count > kMaxRanges) return {};
    const auto spec = ParseSpec(text, size);
    if (!spec) return {};
    if (spec->satisfiable) selected.push_back(spec->range);
  }
  if (count == 0) return {};
  if (selected.empty()) return {RangeSelection::Kind::kUnsatisfiable, {}};
  return {RangeSelection::Kind::kRanges, Merged(std::move(selected))};
}

std::string ContentRange(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" +
         std::to_string(size);
}

std::string UnsatisfiedContentRange(std::uint64_t size) {
  return "bytes */" + std::to_string(size);
}

MultipartRanges::MultipartRanges(std::string boundary, std::string content_type, std::uint64_t size)
    : boundary_(std::move(boundary)), content_type_(std::move(content_type)), size_(size) {}

std::string MultipartRanges::ContentType() const {
  return "multipart/byteranges; boundary=" + boundary_;
}

std::string MultipartRanges::PartHead(const ByteRange& range) const {
  return "\r\n--" + boundary_ + "\r\nContent-Type: " + content_type_ +
         "\r\nContent-Range: " + ContentRange(range, size_) + "\r\n\r\n";
}

std::string MultipartRanges::Tail() const { return "\r\n--" + boundary_ + "--\r\n"; }

std::uint64_t MultipartRanges::Length(const std::vector<ByteRange>& ranges) const {
  std::uint64_t length = Tail().size();
  for (const ByteRange& range : ranges) length += PartHead(range).size() + range.length();
  return length;
}

bool IfRangeHolds(std::optional<std::string_view> if_range, std::string_view etag,
                  std::int64_t mtime) {
  if (!if_range) return true;
  std::string_view value = Trim(*if_range);
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    return value.substr(1, value.size() - 2) == etag;
  }
  const auto date = ParseHttpDate(value);
  return date && *date == mtime;
}

}  // namespace cairn::http
