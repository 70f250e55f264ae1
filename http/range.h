// The Range header and what answers it: 206 heads, multipart/byteranges framing (RFC 9110 section
// 14, promise T-42).
//
// Thread-safe, does not block; all arithmetic is 64 bit and cannot overflow for sizes below 2^63.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn::http {

inline constexpr std::size_t kMaxRanges = 16;

struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // inclusive, below the size; first - 1: nothing
  std::uint64_t length() const { return last - first + 1; }
  bool operator==(const ByteRange&) const = default;
};

struct RangeSelection {
  enum class Kind {
    kNone,  // answer 200 with everything: no header, another unit, malformed, more than kMaxRanges
    kUnsatisfiable,  // 416
    kRanges,         // 206
  };
  Kind kind = Kind::kNone;
  // Sorted, disjoint, never touching; one of them: no multipart. One that is empty stands alone.
  std::vector<ByteRange> ranges;
};

// Evaluates the value of a Range header against a representation of `size` bytes. A number of more
// than 19 digits makes the header malformed. A reversed range selects nothing (recorded: 416), a
// suffix of 0 the empty range at the end (recorded: 206).
RangeSelection SelectRanges(std::string_view header, std::uint64_t size);

// "bytes 0-4/19" and "bytes */19".
std::string ContentRange(const ByteRange& range, std::uint64_t size);
std::string UnsatisfiedContentRange(std::uint64_t size);

// multipart/byteranges: for each range its head, then its bytes; at the end the tail.
class MultipartRanges {
 public:
  // `boundary` must not occur in the content: take a random one of at least 16 hexadecimal digits,
  // at most 70.
  MultipartRanges(std::string boundary, std::string content_type, std::uint64_t size);

  std::string ContentType() const;  // "multipart/byteranges; boundary=..."
  std::string PartHead(const ByteRange& range) const;
  std::string Tail() const;
  // The Content-Length of the whole body.
  std::uint64_t Length(const std::vector<ByteRange>& ranges) const;

 private:
  std::string boundary_;
  std::string content_type_;
  std::uint64_t size_;
};

// RFC 9110 section 13.1.5: true when the Range header may be applied. `if_range` absent: true. A
// weak or different entity tag, a date other than the exact `mtime` (seconds) or garbage: false.
// `etag` is opaque, without quotes.
bool IfRangeHolds(std::optional<std::string_view> if_range, std::string_view etag,
                  std::int64_t mtime);

}  // namespace cairn::http
