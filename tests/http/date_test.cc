#include "http/date.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

TEST(HttpDate, Formats) {
  EXPECT_EQ(HttpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(1'700'000'000), "Tue, 14 Nov 2023 22:13:20 GMT");
  EXPECT_EQ(HttpDate(951'782'399), "Mon, 28 Feb 2000 23:59:59 GMT");
  EXPECT_EQ(HttpDate(951'782'400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(HttpDate(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(HttpDate(253'402'300'799), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(HttpDate, CutsToFourDigitYears) {
  EXPECT_EQ(HttpDate(INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
  EXPECT_EQ(HttpDate(INT64_MIN), "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST(ParseHttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), 784'111'777);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), 784'111'777);
  EXPECT_EQ(ParseHttpDate("Tue Nov 14 22:13:20 2023"), 1'700'000'000);
  EXPECT_EQ(ParseHttpDate("Tuesday, 14-Nov-23 22:13:20 GMT"), 1'700'000'000);
}

TEST(ParseHttpDate, IsTheInverseOfFormatting) {
  for (std::int64_t at = -5'000'000'000; at < 100'000'000'000; at += 987'654'321) {
    EXPECT_EQ(ParseHttpDate(HttpDate(at)), at);
  }
}

TEST(ParseHttpDate, RefusesEverythingElse) {
  for (const char* text :
       {"", "now", "1700000000", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Xxx, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT", "Sun", "Su", ",", "Sun Nov  6 08:49:37 94",
        "Sunday, 06-Nov-1994 08:49:37 GMT"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(IsoDate, Formats) {
  EXPECT_EQ(IsoDateWithOffset(0), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(IsoDateZulu(1'700'000'000), "2023-11-14T22:13:20Z");
}

TEST(ParseIsoDate, ReadsTheUsualForms) {
  EXPECT_EQ(ParseIsoDate("2023-11-14T22:13:20Z"), 1'700'000'000);
  EXPECT_EQ(ParseIsoDate("2023-11-14T22:13:20"), 1'700'000'000);
  EXPECT_EQ(ParseIsoDate("2023-11-14T22:13:20.987Z"), 1'700'000'000);
  EXPECT_EQ(ParseIsoDate("2023-11-14T23:13:20+01:00"), 1'700'000'000);
  EXPECT_EQ(ParseIsoDate("2023-11-14T17:43:20-0430"), 1'700'000'000);
  EXPECT_EQ(ParseIsoDate("1970-01-02"), 86'400);
  for (const char* text : {"", "2023", "2023-13-01", "2023-02-29", "2023-11-14T",
                           "2023-11-14T22:13", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20+1",
                           "2023-11-14T22:13:20+25:00", "2023-11-14 22:13:20", "-023-11-14"}) {
    EXPECT_EQ(ParseIsoDate(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace cairn::http
