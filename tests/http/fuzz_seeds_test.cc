// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/if_header_property.h"
#include "tests/fuzz/multipart_property.h"
#include "tests/fuzz/path_property.h"
#include "tests/fuzz/range_property.h"
#include "tests/fuzz/replay.h"
#include "tests/fuzz/request_head_property.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, RequestHead) { EXPECT_GE(Replay("request_head", CheckRequestHead), 15); }
TEST(FuzzSeeds, Path) { EXPECT_GE(Replay("path", CheckPath), 19); }
TEST(FuzzSeeds, IfHeader) { EXPECT_GE(Replay("if_header", CheckIfHeader), 12); }
TEST(FuzzSeeds, Range) { EXPECT_GE(Replay("range", CheckRange), 19); }
TEST(FuzzSeeds, Multipart) { EXPECT_GE(Replay("multipart", CheckMultipart, "\r\n-\"=;B%"), 15); }

}  // namespace
}  // namespace cairn::fuzz
