// Damaged rows that could make a program run for good instead of being reported: `cairn fsck`
// read a table's row without a key again and again, as it did an entry without a name, and the
// purge of a deleted folder that lies below itself went down without end, until the server had used
// up all memory, after each start anew.
#include <gtest/gtest.h>

#include "storage/fsck.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class DamagedRows : public EngineCase {};

TEST_F(DamagedRows, FsckGoesOnBehindARowWithoutAKey) {
  Plant([](KvTxn& txn) {
    txn.Put(Table::kSpaces, {}, "");
    txn.Erase(Table::kSpaces, keys::Space(kHome));
  });
  const auto report = Fsck(kv(), engine_->contents(), {});
  ASSERT_TRUE(Ok(report));
  EXPECT_FALSE(report->clean());
}

TEST_F(DamagedRows, FsckGoesOnBehindAnEntryWithoutAName) {
  ASSERT_TRUE(Ok(Mkcol("a")));
  const Entry a = Stat("a");
  Plant([&](KvTxn& txn) { WriteRecord(txn, Table::kEntries, keys::Entry(a.id(), ""), a.node); });
  const auto report = Fsck(kv(), engine_->contents(), {});
  ASSERT_TRUE(Ok(report));
  EXPECT_FALSE(report->clean());
}

TEST_F(DamagedRows, APurgeDoesNotFollowACircle) {
  ASSERT_TRUE(Ok(Mkcol("a")));
  ASSERT_TRUE(Ok(Mkcol("a/b")));
  const Entry a = Stat("a");
  const FileId b = Stat("a/b").id();
  ASSERT_TRUE(Ok(Remove("a")));
  Plant([&](KvTxn& txn) { WriteRecord(txn, Table::kEntries, keys::Entry(b, "a"), a.node); });
  EXPECT_TRUE(Refused(tree().PurgeStep(kv(), kHome, 100), ErrorCode::kCorruption));
}

}  // namespace
}  // namespace cairn::storage
