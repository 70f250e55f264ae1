#include "http/conditional.h"

#include <gtest/gtest.h>

#include <vector>

namespace cairn::http {
namespace {

constexpr char kDate[] = "Tue, 14 Nov 2023 22:13:20 GMT";  // the mtime below
constexpr char kBefore[] = "Tue, 14 Nov 2023 22:13:19 GMT";
constexpr char kAfter[] = "Tue, 14 Nov 2023 22:13:21 GMT";

const Validators kFile{true, "abc", 1'700'000'000};
const Validators kMissing{false, "", std::nullopt};

struct PreconditionRow {
  std::string method;
  std::vector<Headers::Field> fields;
  Validators current;
  Precondition expected;
};

std::string Describe(const PreconditionRow& row) {
  std::string out = row.method + (row.current.exists ? "" : " (missing)");
  for (const auto& [name, value] : row.fields) out += " " + name + ": " + value;
  return out;
}

void ExpectPreconditions(const std::vector<PreconditionRow>& rows) {
  for (const PreconditionRow& row : rows) {
    Headers headers;
    for (const auto& [name, value] : row.fields) headers.Add(name, value);
    EXPECT_EQ(EvaluatePreconditions(row.method, headers, row.current), row.expected)
        << Describe(row);
    EXPECT_EQ(HasPreconditions(headers), !row.fields.empty());
  }
}

constexpr auto kProceed = Precondition::kProceed;
constexpr auto kNotModified = Precondition::kNotModified;
constexpr auto kFailed = Precondition::kFailed;

TEST(Preconditions, IfMatchComparesStrongly) {
  ExpectPreconditions({
      {"PUT", {}, kFile, kProceed},
      {"PUT", {{"If-Match", "\"abc\""}}, kFile, kProceed},
      {"PUT", {{"If-Match", "abc"}}, kFile, kProceed},
      {"PUT", {{"If-Match", "\"x,y\", \"abc\""}}, kFile, kProceed},
      {"PUT", {{"If-Match", "\"x\""}, {"If-Match", "\"abc\""}}, kFile, kProceed},
      {"PUT", {{"If-Match", "W/\"abc\""}}, kFile, kFailed},
      {"PUT", {{"If-Match", "\"other\""}}, kFile, kFailed},
      {"PUT", {{"If-Match", "\"ABC\""}}, kFile, kFailed},
      {"PUT", {{"If-Match", "\"x\",,\"y\""}}, kFile, kFailed},
      {"PUT", {{"If-Match", ""}}, kFile, kFailed},
      {"PUT", {{"If-Match", "*"}}, kFile, kProceed},
      {"PUT", {{"If-Match", "*"}}, kMissing, kFailed},
      {"PUT", {{"If-Match", "\"abc\""}}, kMissing, kFailed},
      {"PUT", {{"If-Match", "\"\""}}, kMissing, kFailed},
      {"GET", {{"If-Match", "\"other\""}}, kFile, kFailed},
  });
}

TEST(Preconditions, IfNoneMatchComparesWeakly) {
  ExpectPreconditions({
      {"GET", {{"If-None-Match", "\"abc\""}}, kFile, kNotModified},
      {"HEAD", {{"If-None-Match", "\"abc\""}}, kFile, kNotModified},
      {"GET", {{"If-None-Match", "W/\"abc\""}}, kFile, kNotModified},
      {"GET", {{"If-None-Match", "abc"}}, kFile, kNotModified},
      {"GET", {{"If-None-Match", "*"}}, kFile, kNotModified},
      {"GET", {{"If-None-Match", "\"other\""}}, kFile, kProceed},
      {"PUT", {{"If-None-Match", "\"abc\""}}, kFile, kFailed},
      {"PUT", {{"If-None-Match", "*"}}, kFile, kFailed},
      {"PUT", {{"If-None-Match", "*"}}, kMissing, kProceed},
      {"PROPFIND", {{"If-None-Match", "\"abc\""}}, kFile, kFailed},
  });
}

TEST(Preconditions, DatesHaveSeconds) {
  ExpectPreconditions({
      {"GET", {{"If-Modified-Since", kDate}}, kFile, kNotModified},
      {"GET", {{"If-Modified-Since", kAfter}}, kFile, kNotModified},
      {"GET", {{"If-Modified-Since", kBefore}}, kFile, kProceed},
      {"PUT", {{"If-Modified-Since", kDate}}, kFile, kProceed},
      {"GET", {{"If-Modified-Since", "garbage"}}, kFile, kProceed},
      {"GET", {{"If-Modified-Since", kDate}}, kMissing, kProceed},
      {"PUT", {{"If-Unmodified-Since", kDate}}, kFile, kProceed},
      {"PUT", {{"If-Unmodified-Since", kAfter}}, kFile, kProceed},
      {"PUT", {{"If-Unmodified-Since", kBefore}}, kFile, kFailed},
      {"GET", {{"If-Unmodified-Since", kBefore}}, kFile, kFailed},
      {"PUT", {{"If-Unmodified-Since", "garbage"}}, kFile, kProceed},
      {"PUT", {{"If-Unmodified-Since", kBefore}}, kMissing, kProceed},
  });
}

TEST(Preconditions, StandInTheOrderOfRfc9110) {
  ExpectPreconditions({
      // If-Match hides If-Unmodified-Since; If-None-Match hides If-Modified-Since.
      {"PUT", {{"If-Match", "\"abc\""}, {"If-Unmodified-Since", kBefore}}, kFile, kProceed},
      {"GET", {{"If-None-Match", "\"other\""}, {"If-Modified-Since", kDate}}, kFile, kProceed},
      // A failed If-Match wins over an If-None-Match that would give 304.
      {"GET", {{"If-Match", "\"other\""}, {"If-None-Match", "\"abc\""}}, kFile, kFailed},
      {"GET", {{"If-Match", "\"abc\""}, {"If-None-Match", "\"abc\""}}, kFile, kNotModified},
      {"GET", {{"If-Unmodified-Since", kBefore}, {"If-None-Match", "\"abc\""}}, kFile, kFailed},
  });
}

}  // namespace
}  // namespace cairn::http
