#include "server/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace cairn::server {
namespace {

TEST(DescriptorLimit, LeavesAFileForEachConnectionAndSomeForTheStore) {
  for (const std::size_t limit : {64u, 512u, 1'024u, 20'000u, 65'536u, 1'048'576u}) {
    const std::size_t connections = ConnectionsWithin(limit);
    EXPECT_GE(connections, limit / 4) << limit;
    EXPECT_LE(2 * connections + std::min<std::size_t>(limit / 4, 640), limit) << limit;
  }
  EXPECT_GE(ConnectionsWithin(65'536), 10'000u)
      << "the default of limits.connections fits the unit's";
  EXPECT_EQ(ConnectionsWithin(0), 1u);
}

TEST(DescriptorLimit, IsRaisedAsFarAsAllowed) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(before.rlim_max, 256);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(RaiseDescriptorLimit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace cairn::server
