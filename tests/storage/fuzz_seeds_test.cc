// The fuzzers' seeds, replayed (tests/fuzz/replay.h).
#include <gtest/gtest.h>

#include "tests/fuzz/blob_property.h"
#include "tests/fuzz/records_property.h"
#include "tests/fuzz/replay.h"
#include "tests/fuzz/store_rows_property.h"

namespace cairn::fuzz {
namespace {

TEST(FuzzSeeds, Records) { EXPECT_GE(Replay("records", CheckRecords), 23); }
TEST(FuzzSeeds, Blob) { EXPECT_GE(Replay("blob", CheckBlob, {}), 14); }

TEST(FuzzSeeds, StoreRows) { EXPECT_GE(Replay("store_rows", CheckStoreRows, {}), 48); }

}  // namespace
}  // namespace cairn::fuzz
