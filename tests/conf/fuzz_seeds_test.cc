// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/config_property.h"
#include "tests/fuzz/replay.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, Config) { EXPECT_GE(Replay("config", CheckConfig, "\n :[]{}&*!\t-"), 19); }

}  // namespace
}  // namespace cairn::fuzz
