// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/archive_property.h"
#include "tests/fuzz/destination_property.h"
#include "tests/fuzz/query_property.h"
#include "tests/fuzz/replay.h"
#include "tests/fuzz/xml_body_property.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, XmlBody) { EXPECT_GE(Replay("xml_body", CheckXmlBody), 13); }
TEST(FuzzSeeds, Destination) { EXPECT_GE(Replay("destination", CheckDestination), 26); }
TEST(FuzzSeeds, Query) { EXPECT_GE(Replay("query", CheckQuery), 14); }
TEST(FuzzSeeds, Archive) { EXPECT_GE(Replay("archive", CheckArchive), 12); }

}  // namespace
}  // namespace cairn::fuzz
