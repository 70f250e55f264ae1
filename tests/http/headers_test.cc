#include "http/headers.h"

#include <gtest/gtest.h>

namespace cairn::http {
namespace {

TEST(Headers, CompareNamesWithoutCase) {
  Headers headers;
  headers.Add("Accept", "a");
  headers.Add("X", "y");
  headers.Add("accept", "b");
  EXPECT_EQ(headers.Get("ACCEPT"), "a");
  EXPECT_EQ(headers.Joined("Accept"), "a, b");
  EXPECT_TRUE(headers.Has("x"));
  EXPECT_FALSE(headers.Has("Y"));
  EXPECT_EQ(headers.Get("Y"), "");
  EXPECT_EQ(headers.Joined("Y"), "");
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers;
  headers.Add("A", "1");
  headers.Add("B", "2");
  headers.Add("a", "3");
  headers.Set("A", "4");
  EXPECT_EQ(headers.Joined("A"), "4");
  EXPECT_EQ(headers.fields().size(), 2U);
  headers.Set("C", "5");
  EXPECT_EQ(headers.Get("C"), "5");
}

TEST(Headers, RemoveDropsAll) {
  Headers headers;
  headers.Add("A", "1");
  headers.Add("a", "2");
  headers.Add("B", "3");
  headers.Remove("A");
  EXPECT_FALSE(headers.Has("a"));
  EXPECT_EQ(headers.fields().size(), 1U);
}

}  // namespace
}  // namespace cairn::http
