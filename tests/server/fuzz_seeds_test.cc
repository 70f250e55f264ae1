// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/chunked_body_property.h"
#include "tests/fuzz/header_fields_property.h"
#include "tests/fuzz/replay.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, ChunkedBody) { EXPECT_GE(Replay("chunked_body", CheckChunkedBody), 24); }
TEST(FuzzSeeds, HeaderFields) { EXPECT_GE(Replay("header_fields", CheckHeaderFields), 13); }

}  // namespace
}  // namespace cairn::fuzz
