// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/ocs_args_property.h"
#include "tests/fuzz/replay.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, OcsArgs) { EXPECT_GE(Replay("ocs_args", CheckOcsArgs), 10); }

}  // namespace
}  // namespace cairn::fuzz
