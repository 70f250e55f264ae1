#include "http/dav_headers.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

Headers With(std::string_view name, std::string_view value) {
  Headers headers;
  headers.Add(name, value);
  return headers;
}

TEST(Depth, ReadsEveryForm) {
  using Kind = Depth::Kind;
  EXPECT_EQ(ParseDepth(Headers()), (Depth{Kind::kAbsent, 0}));
  const std::vector<std::pair<std::string, Depth>> rows = {
      {"0", {Kind::kLevels, 0}},
      {"1", {Kind::kLevels, 1}},
      {"100", {Kind::kLevels, 100}},
      {" 1", {Kind::kLevels, 1}},
      {"2147483648", {Kind::kLevels, 2147483648U}},
      {"4294967296", {Kind::kInfinity, 0}},
      {"9223372036854775808", {Kind::kInfinity, 0}},
      {"infinity", {Kind::kInfinity, 0}},
      {"Infinity", {Kind::kInfinity, 0}},
      {"18446744073709551616", {Kind::kGarbage, 0}},
      {"123456789012345678901234567890", {Kind::kGarbage, 0}},
      {"-1", {Kind::kGarbage, 0}},
      {"1e9", {Kind::kGarbage, 0}},
      {"abc", {Kind::kGarbage, 0}},
      {"", {Kind::kGarbage, 0}},
      {"1,noroot", {Kind::kGarbage, 0}},
  };
  for (const auto& [value, depth] : rows)
    EXPECT_EQ(ParseDepth(With("Depth", value)), depth) << value;
}

TEST(Depth, OfAPropfindDefaultsToOne) {
  EXPECT_EQ(PropfindDepth(Headers()), 1U);
  EXPECT_EQ(PropfindDepth(With("Depth", "abc")), 1U);
  EXPECT_EQ(PropfindDepth(With("Depth", "0")), 0U);
  EXPECT_EQ(PropfindDepth(With("Depth", "2")), 2U);
  EXPECT_EQ(PropfindDepth(With("depth", "infinity")), kInfiniteDepth);
}

TEST(Paginate, IsAskedForWholeNumbersOrNotAtAll) {
  const auto parse = [](std::initializer_list<std::pair<const char*, const char*>> fields) {
    Headers headers = With("X-NC-Paginate", "True");
    for (const auto& [name, value] : fields) headers.Add(name, value);
    return ParsePaginate(headers);
  };
  EXPECT_FALSE(ParsePaginate(Headers()).has_value());
  EXPECT_FALSE(ParsePaginate(With("X-NC-Paginate", "1")).has_value());
  const auto plain = parse({});
  ASSERT_TRUE(plain.has_value());
  EXPECT_EQ(plain->count, 100u);
  EXPECT_EQ(plain->offset, 0u);
  EXPECT_EQ(plain->token, "");
  const auto next = parse({{"X-NC-Paginate-Count", " 7 "},
                           {"X-NC-Paginate-Offset", "14"},
                           {"x-nc-paginate-token", "t"}});
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(next->count, 7u);
  EXPECT_EQ(next->offset, 14u);
  EXPECT_EQ(next->token, "t");
  for (const char* bad : {"0", "", "-1", "1e3", "18446744073709551616"})
    EXPECT_FALSE(parse({{"X-NC-Paginate-Count", bad}}).has_value()) << bad;
  EXPECT_FALSE(parse({{"X-NC-Paginate-Offset", "x"}}).has_value());
}

TEST(Timeout, TakesTheFirstUsableEntry) {
  const auto timeout = [](std::string_view value) { return ParseTimeout(With("Timeout", value)); };
  EXPECT_EQ(ParseTimeout(Headers()), std::nullopt);
  EXPECT_EQ(timeout("Second-600"), (LockTimeout{false, 600}));
  EXPECT_EQ(timeout("second-600"), (LockTimeout{false, 600}));
  EXPECT_EQ(timeout("Infinite"), (LockTimeout{true, 0}));
  EXPECT_EQ(timeout("Infinite, Second-4100000000"), (LockTimeout{true, 0}));
  EXPECT_EQ(timeout("Extend, Second-4100000000"), (LockTimeout{false, 4100000000U}));
  EXPECT_EQ(timeout("Second-9999999999"), (LockTimeout{false, UINT32_MAX}));
  for (const char* bad :
       {"", "Second-", "Second-0", "Second--1", "Second-1e9", "Second- 1", "600", "garbage",
        "Second-18446744073709551616", "Second-123456789012345678901234567890"}) {
    EXPECT_EQ(timeout(bad), std::nullopt) << bad;
  }
}

TEST(Overwrite, IsTrueUnlessRefused) {
  const auto overwrite = [](std::string_view value) {
    return ParseOverwrite(With("Overwrite", value));
  };
  EXPECT_TRUE(ParseOverwrite(Headers()).value());
  for (const char* yes : {"T", "t", "true", "TRUE"}) EXPECT_TRUE(overwrite(yes).value()) << yes;
  for (const char* no : {"F", "f", "false", "False"}) EXPECT_FALSE(overwrite(no).value()) << no;
  for (const char* bad : {"", "maybe", "1", "TF"}) {
    EXPECT_EQ(overwrite(bad).error().code, ErrorCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace cairn::http
