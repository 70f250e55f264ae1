// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/image_size_property.h"
#include "tests/fuzz/replay.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, ImageSize) { EXPECT_GE(Replay("image_size", CheckImageSize), 17); }

}  // namespace
}  // namespace cairn::fuzz
