#include "auth/quota_text.h"

#include <gtest/gtest.h>

namespace cairn::auth {
namespace {

TEST(Quota, IsReadAsOccWritesIt) {
  const std::pair<const char*, std::int64_t> table[] = {
      {"0", 0},
      {"512", 512},
      {"512 B", 512},
      {"1k", 1024},
      {"10 MB", 10 << 20},
      {"1.5 GB", 1610612736},
      {" 2 TB ", 2ll << 40},
      {"8191 PB", 8191ll << 50},
      {"9223372036854775807", INT64_MAX},
  };
  for (const auto& [text, bytes] : table) {
    const auto quota = ParseQuota(text);
    ASSERT_TRUE(quota.has_value()) << text;
    EXPECT_EQ(quota->bytes, bytes) << text;
    EXPECT_FALSE(quota->is_default);
  }
}

TEST(Quota, UnlimitedIsNoNumber) {
  EXPECT_EQ(ParseQuota("none")->bytes, std::nullopt);
  EXPECT_FALSE(ParseQuota("NONE")->is_default);
  EXPECT_TRUE(ParseQuota("default")->is_default);
}

TEST(Quota, RefusesEverythingElse) {
  for (const char* text : {"", "-1", "-3", "MB", "1 XB", "1 MBB", "1e9", "1.", ".5 GB", "1.2.3 GB",
                           "8192 PB", "1 BB", "9223372036854775808", "10 M B", "unlimited"}) {
    EXPECT_TRUE(ParseQuota(text).has_error()) << text;
  }
}

}  // namespace
}  // namespace cairn::auth
