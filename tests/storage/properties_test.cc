#include "storage/properties.h"

#include "storage/tree_locks.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {
namespace {

class Properties : public EngineCase {
 protected:
  static PropertyChange Set(std::string ns, std::string name, std::string text) {
    Property value;
    value.set_value(std::move(text));
    return {{std::move(ns), std::move(name)}, std::move(value)};
  }
  static PropertyChange Unset(std::string ns, std::string name) {
    return {{std::move(ns), std::move(name)}, std::nullopt};
  }

  Result<WriteOutcome> Patch(std::string_view path, const PropertiesPatch& patch,
                             const Caller& caller, std::vector<std::string> tokens = {},
                             const Precondition* precondition = nullptr) {
    const WriteContext context{
        .caller = caller, .precondition = precondition, .lock_tokens = tokens};
    return Commit(
        [&](KvTxn& txn) { return PatchProperties(tree(), txn, context, At(path), patch); });
  }
  Result<WriteOutcome> PatchDead(std::string_view path, std::vector<PropertyChange> changes) {
    return Patch(path, {.dead = std::move(changes), .favorite = {}, .attributes = {}}, alice_);
  }
  Result<WriteOutcome> Favorite(std::string_view path, const Caller& caller, bool on) {
    return Patch(path, {.dead = {}, .favorite = on, .attributes = {}}, caller);
  }
  // "ns|name=value;..." in key order.
  std::string Read(FileId node) {
    auto read = ReadProperties(*kv().Published(), node);
    EXPECT_TRUE(Ok(read));
    std::string text;
    for (const auto& one : *read)
      text += one.name.ns + "|" + one.name.name + "=" + one.value.value() + ";";
    return text;
  }
  std::string Read(std::string_view path) { return Read(Stat(path).id()); }
  bool Flagged(std::string_view path) { return (Stat(path).node.flags() & kHasProperties) != 0; }
  std::size_t Rows(Table table) {
    std::size_t rows = 0;
    const auto visit = [&](std::string_view, std::string_view) { return ++rows, true; };
    EXPECT_TRUE(kv().Published()->Scan(table, {}, {}, visit).has_value());
    return rows;
  }
};

class Never final : public Precondition {
 public:
  Result<void> Check(const KvView&, const Entry*) const override {
    return Fail(ErrorCode::kPreconditionFailed);
  }
};

TEST_F(Properties, SetReplaceAndRemove) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  ASSERT_TRUE(Ok(PatchDead(
      "a", {Set("urn:x", "color", "red"), Set("", "bare", "1"), Set("urn:x", "a", "b")})));
  EXPECT_EQ(Read("a"), "|bare=1;urn:x|a=b;urn:x|color=red;");
  ASSERT_TRUE(Ok(PatchDead(
      "a", {Set("urn:x", "color", "blue"), Unset("", "bare"), Unset("urn:x", "missing")})));
  EXPECT_EQ(Read("a"), "urn:x|a=b;urn:x|color=blue;");
}

TEST_F(Properties, TheFlagSaysWhetherThereAreRows) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  EXPECT_FALSE(Flagged("a"));
  ASSERT_TRUE(Ok(PatchDead("a", {Set("n", "x", "1")})));
  EXPECT_TRUE(Flagged("a"));
  ASSERT_TRUE(Ok(Favorite("a", bob_, true)));
  ASSERT_TRUE(Ok(PatchDead("a", {Unset("n", "x")})));
  EXPECT_TRUE(Flagged("a")) << "bob's favourite is left";
  ASSERT_TRUE(Ok(Favorite("a", bob_, false)));
  EXPECT_FALSE(Flagged("a"));
}

TEST_F(Properties, NoEtagChangesByDeadPropertiesAndFavorites) {
  ASSERT_TRUE(Ok(Mkcol("d")));
  ASSERT_TRUE(Ok(Put("d/f", "1")));
  const Etag file = Stat("d/f").etag();
  const Etag folder = Stat("d").etag();
  ASSERT_TRUE(Ok(PatchDead("d/f", {Set("n", "x", "1")})));
  ASSERT_TRUE(Ok(Favorite("d/f", alice_, true)));
  EXPECT_EQ(Stat("d/f").etag(), file);
  EXPECT_EQ(Stat("d").etag(), folder);
}

TEST_F(Properties, AttributesChangeInTheSamePatch) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const Etag before = Stat("a").etag();
  PropertiesPatch patch{.dead = {Set("n", "x", "1")}, .favorite = true, .attributes = {}};
  patch.attributes.mtime = 1234567;
  auto outcome = Patch("a", patch, alice_);
  ASSERT_TRUE(Ok(outcome));
  EXPECT_EQ(outcome->entry.node.mtime(), 1234567);
  EXPECT_EQ(Stat("a").node.mtime(), 1234567);
  EXPECT_NE(Stat("a").etag(), before);
  EXPECT_TRUE(Flagged("a"));
  EXPECT_EQ(Read("a"), "n|x=1;");
}

TEST_F(Properties, APatchIsAllOrNothing) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const auto too_long = Set("n", "y", std::string(kMaxPropertyBytes + 1, 'x'));
  EXPECT_TRUE(Refused(PatchDead("a", {Set("n", "x", "1"), too_long}), ErrorCode::kTooLarge));
  EXPECT_EQ(Read("a"), "");
  EXPECT_FALSE(Flagged("a"));
}

TEST_F(Properties, CapsAndImpossibleNames) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  std::vector<PropertyChange> many;
  for (std::size_t i = 0; i < kMaxPropertiesPerNode; ++i)
    many.push_back(Set("n", "p" + std::to_string(i), "1"));
  ASSERT_TRUE(Ok(PatchDead("a", many)));
  EXPECT_TRUE(Refused(PatchDead("a", {Set("n", "one-more", "1")}), ErrorCode::kTooLarge));
  EXPECT_TRUE(Ok(PatchDead("a", {Unset("n", "p0"), Set("n", "one-more", "1")})));
  EXPECT_TRUE(
      Refused(PatchDead("a", {Set("n", std::string(2000, 'x'), "1")}), ErrorCode::kTooLarge));
  EXPECT_TRUE(Refused(PatchDead("a", {Set("n", "", "1")}), ErrorCode::kInvalidArgument));
  EXPECT_TRUE(Refused(PatchDead("a", {Set(std::string("n\0m", 3), "x", "1")}),
                      ErrorCode::kInvalidArgument));
}

TEST_F(Properties, TheBytesOfOneNodeAreBounded) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  Result<WriteOutcome> last = PatchDead("a", {});
  std::size_t stored = 0;
  for (; stored < 100; ++stored) {
    last = PatchDead("a",
                     {Set("n", "p" + std::to_string(stored), std::string(kMaxPropertyBytes, 'x'))});
    if (last.has_error()) break;
  }
  EXPECT_TRUE(Refused(last, ErrorCode::kTooLarge));
  EXPECT_EQ(stored, kMaxPropertyBytesPerNode / kMaxPropertyBytes - 1) << "names count too";
}

TEST_F(Properties, WritingNeedsPermissionTokenAndPrecondition) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const WriteContext context{.caller = alice_};
  auto taken = Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, context, At("a"), {}); });
  ASSERT_TRUE(Ok(taken));
  const PropertiesPatch patch{.dead = {Set("n", "x", "1")}, .favorite = {}, .attributes = {}};
  EXPECT_TRUE(Refused(Patch("a", patch, bob_), ErrorCode::kLocked));
  const Never never;
  EXPECT_TRUE(Refused(Patch("a", patch, alice_, {taken->held.lock.token()}, &never),
                      ErrorCode::kPreconditionFailed));
  EXPECT_TRUE(Ok(Patch("a", patch, alice_, {taken->held.lock.token()})));
  access_.reader = bob_.user;
  EXPECT_TRUE(Refused(Patch("a", patch, bob_), ErrorCode::kForbidden));
  access_.dead = bob_.user;
  EXPECT_TRUE(Refused(Favorite("a", bob_, true), ErrorCode::kUnauthenticated));
  EXPECT_TRUE(Refused(PatchDead("missing", {}), ErrorCode::kNotFound));
}

TEST_F(Properties, AFavoriteNeedsReadingOnlyAndNoLockForbidsIt) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  const WriteContext context{.caller = alice_};
  ASSERT_TRUE(Ok(Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, context, At("a"), {}); })));
  access_.reader = bob_.user;
  auto outcome = Favorite("a", bob_, true);
  ASSERT_TRUE(Ok(outcome));
  EXPECT_EQ(outcome->permissions, static_cast<Permissions>(Permission::kRead));
  EXPECT_EQ(*ListFavorites(*kv().Published(), bob_.user, FileId{}, 10),
            std::vector<FileId>{Stat("a").id()});
}

TEST_F(Properties, FavoritesAreTheUsersOwnAndPaged) {
  std::vector<FileId> ids;
  for (const std::string_view path : {"a", "b", "c"}) {
    ASSERT_TRUE(Ok(Put(path, "1")));
    ASSERT_TRUE(Ok(Favorite(path, alice_, true)));
    ids.push_back(Stat(path).id());
  }
  ASSERT_TRUE(Ok(Favorite("b", bob_, true)));
  ASSERT_TRUE(Ok(Favorite("b", alice_, false)));
  const auto view = kv().Published();
  EXPECT_EQ(*ReadFavorites(*view, alice_.user, ids), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(*ReadFavorites(*view, bob_.user, ids), (std::vector<bool>{false, true, false}));
  EXPECT_EQ(*ListFavorites(*view, alice_.user, FileId{}, 1), std::vector<FileId>{ids[0]});
  EXPECT_EQ(*ListFavorites(*view, alice_.user, ids[0], 10), std::vector<FileId>{ids[2]});
  EXPECT_TRUE(ListFavorites(*view, alice_.user, ids[2], 10)->empty());
  EXPECT_EQ(Read("b"), "") << "a marker is no property";
}

TEST_F(Properties, ReadFavoritesIsOneBatchedLookUp) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  ASSERT_TRUE(Ok(Favorite("a", alice_, true)));
  const auto view = kv().Published();
  const std::vector<FileId> ids(50, Stat("a").id());
  const std::uint64_t before = view->gets();
  EXPECT_EQ(*ReadFavorites(*view, alice_.user, ids), std::vector<bool>(50, true));
  EXPECT_LE(view->gets() - before, 50u);
}

TEST_F(Properties, CopyTakesDeadPropertiesAndNobodysFavorites) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  ASSERT_TRUE(Ok(Put("b", "1")));
  const FileId a = Stat("a").id();
  const FileId b = Stat("b").id();
  ASSERT_TRUE(Ok(Favorite("a", alice_, true)));
  Plant([&](KvTxn& txn) { EXPECT_FALSE(*CopyProperties(txn, a, b)); });
  ASSERT_TRUE(Ok(PatchDead("a", {Set("n", "x", "1"), Set("m", "y", "2")})));
  Plant([&](KvTxn& txn) { EXPECT_TRUE(*CopyProperties(txn, a, b)); });
  EXPECT_EQ(Read(b), "m|y=2;n|x=1;");
  EXPECT_FALSE((*ReadFavorites(*kv().Published(), alice_.user, std::vector<FileId>{b}))[0]);
}

TEST_F(Properties, EraseLeavesNothingOfAnyUser) {
  ASSERT_TRUE(Ok(Put("a", "1")));
  ASSERT_TRUE(Ok(Put("b", "1")));
  ASSERT_TRUE(Ok(PatchDead("a", {Set("n", "x", "1")})));
  ASSERT_TRUE(Ok(Favorite("a", alice_, true)));
  ASSERT_TRUE(Ok(Favorite("a", bob_, true)));
  ASSERT_TRUE(Ok(Favorite("b", bob_, true)));
  const FileId a = Stat("a").id();
  Plant([&](KvTxn& txn) { EXPECT_TRUE(EraseProperties(txn, a).has_value()); });
  EXPECT_EQ(Rows(Table::kProps), 1u);
  EXPECT_EQ(Rows(Table::kFavorites), 1u);
}

}  // namespace
}  // namespace cairn::storage
