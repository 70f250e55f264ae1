// What a share costs those who have it, and those who have not: look-ups counted by the store.
#include "tests/shares/share_case.h"
#include "tests/support/counting_txn.h"

namespace cairn::shares {
namespace {

constexpr int kMembers = 10'000;

class ShareCostTest : public ShareCase {
 protected:
  ShareCostTest() {
    Add("alice");
    Add("bob");
    EXPECT_EQ(Mkcol("alice", "shr"), kOk);
    EXPECT_EQ(Put("alice", "shr/a.txt"), kOk);
  }
  std::size_t Rows(storage::Table table) {
    std::size_t count = 0;
    auto visit = [&](std::string_view, std::string_view) {
      ++count;
      return true;
    };
    EXPECT_TRUE(View()->Scan(table, {}, {}, visit).has_value());
    return count;
  }
  struct Cost {
    std::uint64_t gets = 0;
    support::Counts writes;
    auto operator<=>(const Cost&) const = default;
  };
  // What one PUT looks up and writes in its transaction, by whoever it is.
  Cost CostOfPut(const std::string& user, const std::string& path) {
    const storage::WriteContext context{.caller = CallerOf(user)};
    const auto at = PathOf(user, path);
    Cost cost;
    auto body = [&](storage::KvTxn& txn) {
      support::CountingTxn counting(txn, cost.writes);
      auto put = engine_.tree().Put(counting, context, at, storage::NewContent{}, {});
      cost.gets = txn.gets();
      return put;
    };
    EXPECT_TRUE(
        storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(at.home)}, body).has_value());
    return cost;
  }
};

TEST_F(ShareCostTest, AGroupOfAnySizeIsOneRecordAndItsOwnerPaysNothing) {
  ASSERT_TRUE(groups_.Create("all").has_value());
  auto members = [&](storage::KvTxn& txn) -> Result<void> {
    for (std::uint64_t id = 1000; id < 1000 + kMembers; ++id)
      txn.Put(storage::Table::kGroupMembers, auth::GroupRowKey("all", UserId{id}), {});
    return {};
  };
  ASSERT_TRUE(
      storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, members).has_value());
  (void)CostOfPut("alice", "shr/a.txt");  // the first has an id to find
  const Cost before = CostOfPut("alice", "shr/a.txt");
  EXPECT_GT(before.writes.bytes, 0u);
  ASSERT_TRUE(groups_.AddMember("all", CallerOf("bob").user).has_value());
  Share("alice", "shr", "all");
  EXPECT_EQ(Rows(storage::Table::kShares), 1u);
  EXPECT_EQ(Rows(storage::Table::kGroupShares), 1u);
  EXPECT_EQ(Rows(storage::Table::kUserShares), 0u);
  EXPECT_TRUE(Sees("bob", "shr/a.txt"));
  // As many look-ups and rows as without the share. The rows of the folder and of the root above it
  // carry its mark: two bytes each.
  const Cost shared = CostOfPut("alice", "shr/a.txt");
  EXPECT_EQ(shared.gets, before.gets);
  EXPECT_EQ(shared.writes.puts, before.writes.puts);
  EXPECT_EQ(shared.writes.erases, before.writes.erases);
  EXPECT_LE(shared.writes.bytes, before.writes.bytes + 4);
  EXPECT_EQ(CostOfPut("bob", "shr/a.txt").writes, shared.writes);
}

// Nothing is read for a request of somebody without mounts that was not read before shares were.
TEST_F(ShareCostTest, WhoHasNoMountsPaysNothing) {
  Add("carol");
  EXPECT_EQ(Put("carol", "own.txt"), kOk);
  Share("alice", "shr", "bob");
  ASSERT_TRUE(Sees("carol", "own.txt"));  // what she has mounted is known from now on
  const auto view = View();
  const SpaceId home = PathOf("carol", "own.txt").home;
  const std::uint64_t begin = view->gets();
  const auto mounts = table_.Of(*view, CallerOf("carol").user, home);
  ASSERT_TRUE(mounts.has_value());
  const auto path = Locate(*view, **mounts, home, {"own.txt"}, clock_.NowSeconds());
  ASSERT_TRUE(path.has_value());
  EXPECT_EQ(view->gets(), begin);
}

}  // namespace
}  // namespace cairn::shares
