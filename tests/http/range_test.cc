#include "http/range.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

using Kind = RangeSelection::Kind;

// "none", "416", or the selected ranges as "0-4 8-9".
std::string Select(std::string_view header, std::uint64_t size) {
  const RangeSelection selection = SelectRanges(header, size);
  if (selection.kind == Kind::kNone) return "none";
  if (selection.kind == Kind::kUnsatisfiable) return "416";
  std::string out;
  for (const ByteRange& range : selection.ranges) {
    if (!out.empty()) out += " ";
    out += std::to_string(range.first) + "-" + std::to_string(range.last);
  }
  return out;
}

TEST(SelectRanges, ReadsSingleRanges) {
  EXPECT_EQ(Select("bytes=0-4", 19), "0-4");
  EXPECT_EQ(Select("bytes=6-", 19), "6-18");
  EXPECT_EQ(Select("bytes=-6", 19), "13-18");
  EXPECT_EQ(Select("bytes=-100", 19), "0-18");
  EXPECT_EQ(Select("bytes=10-500", 19), "10-18");
  EXPECT_EQ(Select("bytes=18-18", 19), "18-18");
  EXPECT_EQ(Select("BYTES = 0 - 4 ", 19), "0-4");
}

TEST(SelectRanges, TellsUnsatisfiableFromUnusable) {
  EXPECT_EQ(Select("bytes=19-", 19), "416");
  EXPECT_EQ(Select("bytes=100-200", 19), "416");
  EXPECT_EQ(Select("bytes=5-2", 19), "416");
  EXPECT_EQ(Select("bytes=-0", 0), "416");
  EXPECT_EQ(Select("bytes=0-", 0), "416");
  EXPECT_EQ(Select("bytes=-5", 0), "416");
  for (const char* header : {"", "bytes", "bytes=", "bytes=,", "bytes=abc", "lines=1-2", "bytes=1",
                             "bytes=-", "bytes=--1", "bytes=1--2", "bytes=0-1;2-3", "bytes=0-1,x",
                             "bytes=+1-2", "bytes=0x1-2", "bytes=1e9-"}) {
    EXPECT_EQ(Select(header, 19), "none") << header;
  }
}

TEST(SelectRanges, SortsAndMerges) {
  EXPECT_EQ(Select("bytes=0-1,4-5", 19), "0-1 4-5");
  EXPECT_EQ(Select("bytes=4-5, 0-1", 19), "0-1 4-5");
  EXPECT_EQ(Select("bytes=0-4,2-8", 19), "0-8");
  EXPECT_EQ(Select("bytes=0-4,5-8", 19), "0-8");
  EXPECT_EQ(Select("bytes=0-18,3-4", 19), "0-18");
  EXPECT_EQ(Select("bytes=-1,,0-0,", 19), "0-0 18-18");
  EXPECT_EQ(Select("bytes=0-1,50-60", 19), "0-1");
  EXPECT_EQ(Select("bytes=30-40,50-60", 19), "416");
}

TEST(SelectRanges, ASuffixOfNothingSelectsNothing) {
  EXPECT_EQ(Select("bytes=-0", 19), "19-18");
  EXPECT_EQ(Select("bytes=-0,-0", 19), "19-18");
  EXPECT_EQ(Select("bytes=-0,0-1", 19), "0-1");
  EXPECT_EQ(Select("bytes=0-18,-0", 19), "0-18");
  EXPECT_EQ(SelectRanges("bytes=-0", 19).ranges.front().length(), 0u);
}

TEST(SelectRanges, IgnoresMoreThanSixteen) {
  const auto many = [](int count, std::string_view spec) {
    std::string header = "bytes=";
    for (int i = 0; i < count; ++i) header += std::string(spec) + ",";
    return header;
  };
  EXPECT_EQ(Select(many(16, "0-0"), 19), "0-0");
  EXPECT_EQ(Select(many(17, "0-0"), 19), "none");
  EXPECT_EQ(Select(many(5000, "0-0"), 19), "none");
  EXPECT_EQ(Select(many(1000, "-1"), 19), "none");
}

TEST(SelectRanges, IsSafeAtTheBoundaries) {
  const std::uint64_t huge = INT64_MAX;
  EXPECT_EQ(Select("bytes=2147483648-4294967296", huge), "2147483648-4294967296");
  EXPECT_EQ(Select("bytes=9007199254740992-", huge), "9007199254740992-9223372036854775806");
  EXPECT_EQ(Select("bytes=0-9999999999999999999", huge), "0-9223372036854775806");
  EXPECT_EQ(Select("bytes=-9999999999999999999", huge), "0-9223372036854775806");
  EXPECT_EQ(Select("bytes=9223372036854775808-", huge), "416");
  EXPECT_EQ(Select("bytes=18446744073709551616-", huge), "none");
  EXPECT_EQ(Select("bytes=0-123456789012345678901234567890", huge), "none");
  EXPECT_EQ(Select("bytes=0-9223372036854775806,5-6", huge), "0-9223372036854775806");
}

TEST(ContentRange, Formats) {
  EXPECT_EQ(ContentRange({0, 4}, 19), "bytes 0-4/19");
  EXPECT_EQ(UnsatisfiedContentRange(19), "bytes */19");
}

TEST(MultipartRanges, AddsUpToItsLength) {
  const MultipartRanges parts("0123456789abcdef", "text/plain;charset=UTF-8", 19);
  const std::vector<ByteRange> ranges{{0, 1}, {4, 5}};
  const std::string content = "hello golden world\n";
  std::string body;
  for (const ByteRange& range : ranges) {
    body += parts.PartHead(range) + content.substr(range.first, range.length());
  }
  body += parts.Tail();
  EXPECT_EQ(body,
            "\r\n--0123456789abcdef\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Range: "
            "bytes 0-1/19\r\n\r\nhe"
            "\r\n--0123456789abcdef\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Range: "
            "bytes 4-5/19\r\n\r\no "
            "\r\n--0123456789abcdef--\r\n");
  EXPECT_EQ(parts.Length(ranges), body.size());
  EXPECT_EQ(parts.ContentType(), "multipart/byteranges; boundary=0123456789abcdef");
}

TEST(MultipartRanges, CostsAtMostOneKiBAPart) {
  const MultipartRanges parts(
      std::string(32, 'a'),
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document", INT64_MAX);
  EXPECT_LE(parts.PartHead({0, INT64_MAX - 1}).size(), 1024U);
}

TEST(IfRange, ComparesStrongly) {
  EXPECT_TRUE(IfRangeHolds(std::nullopt, "e", 5));
  EXPECT_TRUE(IfRangeHolds("\"e\"", "e", 5));
  EXPECT_TRUE(IfRangeHolds("Tue, 14 Nov 2023 22:13:20 GMT", "e", 1'700'000'000));
  EXPECT_FALSE(IfRangeHolds("Tue, 14 Nov 2023 22:13:20 GMT", "e", 1'699'999'999));
  EXPECT_FALSE(IfRangeHolds("\"other\"", "e", 5));
  EXPECT_FALSE(IfRangeHolds("W/\"e\"", "e", 5));
  EXPECT_FALSE(IfRangeHolds("e", "e", 5));
  EXPECT_FALSE(IfRangeHolds("", "", 5));
  EXPECT_FALSE(IfRangeHolds("\"", "", 5));
}

}  // namespace
}  // namespace cairn::http
