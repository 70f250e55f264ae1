// `cairn fsck` called the sums of every folder wrong that had a shared folder in it: of what was
// shared it counted files alone, and it exited with 1 for an installation with nothing wrong.
#include <gtest/gtest.h>

#include "storage/fsck.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class FsckOfSharedFolders : public EngineCase {};

TEST_F(FsckOfSharedFolders, AreCountedAsTheTreeCountsThem) {
  ASSERT_TRUE(Ok(Mkcol("a")));
  ASSERT_TRUE(Ok(Mkcol("a/shared")));
  const auto share = [&](KvTxn& txn) -> Result<void> {
    ASSIGN_OR_RETURN(const Chain chain, tree().Resolve(txn, At("a/shared")));
    Node shared = chain.leaf().node;
    shared.set_flags(shared.flags() | kHasShares);
    tree().RewriteQuietly(txn, chain, shared);
    Share row;
    row.set_id(1);
    row.set_type(3);
    row.set_token("token");
    row.set_node(Raw(chain.leaf().id()));
    WriteRecord(txn, Table::kShares, keys::Share(ShareId{1}), row);
    txn.Put(Table::kNodeShares, keys::NodeShare(chain.leaf().id(), ShareId{1}), {});
    txn.Put(Table::kSharerShares, keys::UserShare(UserId{0}, ShareId{1}), {});
    txn.Put(Table::kLinkTokens, "token", keys::Share(ShareId{1}));
    return {};
  };
  ASSERT_TRUE(Commit(share).has_value());
  EXPECT_EQ(Stat("a").node.below().shares(), 1u);
  const auto report = Fsck(kv(), engine_->contents(), {});
  ASSERT_TRUE(Ok(report));
  EXPECT_TRUE(report->clean());
}

}  // namespace
}  // namespace cairn::storage
