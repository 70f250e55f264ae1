#include "storage/fsck.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "storage/blob_format.h"
#include "storage/properties.h"
#include "storage/tree_locks.h"
#include "tests/storage/engine_case.h"

namespace cairn::storage {

void PrintTo(FindingKind kind, std::ostream* out) { *out << Name(kind); }

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A tree with everything in it that this format knows: inline, blob and empty files, a chunked
// upload that is finished and one that is not, properties, favourites, locks, a removed folder.
class FsckTest : public EngineCase {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Ok(Mkcol("d")));
    ASSERT_TRUE(Ok(Mkcol("d/e")));
    ASSERT_TRUE(Ok(Put("d/small", "hello")));
    ASSERT_TRUE(Ok(Put("d/e/big", std::string(200'000, 'b'))));
    ASSERT_TRUE(Ok(Put("empty", "")));
    ASSERT_TRUE(Ok(Mkcol("gone")));
    ASSERT_TRUE(Ok(Put("gone/x", "bye")));
    ASSERT_TRUE(Ok(Remove("gone")));
    Upload("done", 2);
    FinishUpload("done", "d/joined");
    Upload("running", 3);
    Property red;
    red.set_value("red");
    const WriteContext context{.caller = alice_};
    const PropertiesPatch patch{
        .dead = {{{"n", "color"}, red}}, .favorite = true, .attributes = {}};
    ASSERT_TRUE(Ok(Commit(
        [&](KvTxn& txn) { return PatchProperties(tree(), txn, context, At("d/small"), patch); })));
    ASSERT_TRUE(
        Ok(Commit([&](KvTxn& txn) { return TakeLock(tree(), txn, context, At("d/e"), {}); })));
    big_ = BlobOf("d/e/big");
  }

  void Upload(std::string_view session, int chunks) {
    Uploads& uploads = engine_->uploads();
    auto create = [&](KvTxn& txn) {
      return uploads.Create(txn, alice_, kHome, session, std::nullopt);
    };
    auto created =
        CommitBlocking(kv(), {SessionKey(alice_.user, session), SpaceKey(kHome)}, create);
    ASSERT_TRUE(Ok(created));
    for (int i = 1; i <= chunks; ++i) {
      auto writer = uploads.BeginChunk(*created);
      ASSERT_TRUE(Ok(writer));
      ASSERT_TRUE(Ok((*writer)->Append(AsBytes(std::string(70'000, static_cast<char>('0' + i))))));
      ASSERT_TRUE(Ok((*writer)->Finish()));
      const NewChunk chunk{.blob = (*writer)->id(), .length = (*writer)->length()};
      auto add = [&](KvTxn& txn) {
        return uploads.AddChunk(txn, alice_, session, std::to_string(i), chunk);
      };
      ASSERT_TRUE(
          Ok(CommitBlocking(kv(), {SessionKey(alice_.user, session), SpaceKey(kHome)}, add)));
    }
  }
  void FinishUpload(const std::string& session, std::string_view path) {
    const WriteContext context{.caller = alice_};
    FinishRequest request;
    request.session = session;
    request.destination = At(path);
    ASSERT_TRUE(Ok(engine_->uploads().Finish(context, request)));
  }

  FsckReport Check(FsckOptions options = {}) {
    auto report = Fsck(kv(), engine_->contents(), options);
    EXPECT_TRUE(Ok(report));
    return report.has_value() ? std::move(*report) : FsckReport{};
  }
  std::vector<FindingKind> Kinds(FsckOptions options = {}) { return Kinds(Check(options)); }
  static std::vector<FindingKind> Kinds(const FsckReport& report) {
    std::vector<FindingKind> kinds;
    for (const Finding& finding : report.findings) kinds.push_back(finding.kind);
    return kinds;
  }
  // Each kind once, for damage that shows from several sides.
  std::vector<FindingKind> Sides() {
    auto kinds = Kinds();
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    return kinds;
  }

  // ---- planting
  template <class Record>
  void Change(Table table, const std::string& key, std::function<void(Record&)> change) {
    Plant([&](KvTxn& txn) {
      auto record = ReadRecord<Record>(txn, table, key);
      ASSERT_TRUE(Ok(record));
      ASSERT_TRUE(record->has_value());
      change(**record);
      WriteRecord(txn, table, key, **record);
    });
  }
  void ChangeNode(std::string_view path, std::function<void(Node&)> change) {
    const Entry entry = Stat(path);
    Change<Node>(Table::kEntries, keys::Entry(entry.parent, entry.key), std::move(change));
  }
  void Erase(Table table, const std::string& key) {
    Plant([&](KvTxn& txn) { txn.Erase(table, key); });
  }
  void PutRow(Table table, const std::string& key, const std::string& value) {
    Plant([&](KvTxn& txn) { txn.Put(table, key, value); });
  }
  void PutNode(std::uint64_t id, std::uint64_t parent, const std::string& key, bool collection,
               bool with_place = true) {
    Node node;
    node.set_id(id);
    node.set_name(key);
    node.set_collection(collection);
    node.set_mtime(1);
    NodePlace place;
    place.set_parent(parent);
    place.set_key(key);
    Plant([&](KvTxn& txn) {
      WriteRecord(txn, Table::kEntries, keys::Entry(FileId{parent}, key), node);
      if (with_place) WriteRecord(txn, Table::kNodes, keys::Node(FileId{id}), place);
    });
  }

  ContentId ContentOf(std::string_view path) {
    return *ContentId::FromBytes(Stat(path).node.content());
  }
  BlobId BlobOf(std::string_view path) {
    auto content =
        ReadRecord<Content>(*kv().Published(), Table::kContents, keys::Content(ContentOf(path)));
    return *BlobId::FromBytes((*content)->blob());
  }

  BlobId big_;
};

TEST_F(FsckTest, AHealthyDirectoryHasNoFindings) {
  FsckOptions thorough;
  thorough.read_data = true;
  thorough.orphan_grace_seconds = 0;
  const FsckReport report = Check(thorough);
  for (const Finding& finding : report.findings)
    ADD_FAILURE() << Name(finding.kind) << ": " << finding.what;
  EXPECT_TRUE(report.clean());
  EXPECT_EQ(report.spaces, 1u);
  EXPECT_GE(report.nodes, 7u);
  EXPECT_EQ(report.blobs, 6u);
  EXPECT_EQ(report.bytes_read, 200'000u + 5 * 70'000u);
}

TEST_F(FsckTest, NothingIsWrongWhileGarbageIsTakenApart) {
  auto abort = [&](KvTxn& txn) { return engine_->uploads().Abort(txn, alice_, "running"); };
  ASSERT_TRUE(Ok(CommitBlocking(kv(), {SessionKey(alice_.user, "running")}, abort)));
  ASSERT_TRUE(Ok(Put("d/e/big", "replaced")));
  ASSERT_THAT(Kinds(), IsEmpty());
  for (std::uint64_t purged = 1; purged > 0;) {
    auto step = tree().PurgeStep(kv(), kHome, 1);
    ASSERT_TRUE(Ok(step));
    purged = *step;
    ASSERT_THAT(Kinds(), IsEmpty());
  }
  for (bool more = true; more;) {
    auto step = CollectStep(kv(), engine_->contents(), 1, false);
    ASSERT_TRUE(Ok(step));
    more = step->more;
    ASSERT_THAT(Kinds(), IsEmpty());
  }
  const FsckReport report = Check();
  EXPECT_EQ(report.blobs, 2u) << "those of the joined file";
}

TEST_F(FsckTest, AMovedAndACopiedTreeAreHealthy) {
  const WriteContext context{.caller = alice_};
  ASSERT_TRUE(Ok(tree().CopyCollection(kv(), context, At("d"), At("copy"), {})));
  EXPECT_THAT(Kinds(), IsEmpty());
  ASSERT_TRUE(Ok(Commit(
      [&](KvTxn& txn) { return tree().Move(txn, context, At("copy"), At("d/moved"), {}); })));
  EXPECT_THAT(Kinds(), IsEmpty());
}

TEST_F(FsckTest, ABigFolderIsWalkedPageByPage) {
  ASSERT_TRUE(Ok(engine_->file_ids().Reserve(700)));
  ASSERT_TRUE(Ok(Mkcol("many")));
  for (int i = 0; i < 600; ++i) ASSERT_TRUE(Ok(Put("many/f" + std::to_string(i), "x")));
  EXPECT_THAT(Kinds(), IsEmpty());
  ChangeNode("many/f599", [](Node& node) { node.set_mtime(0); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kBadRecord));
}

TEST_F(FsckTest, ABlobThatIsNotOnDiskNamesItsFile) {
  ASSERT_TRUE(Ok(blobs_->Remove(big_)));
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kMissingBlob));
  EXPECT_THAT(report.findings[0].what, HasSubstr("files:/d/e/big"));
  EXPECT_FALSE(report.clean());
}

TEST_F(FsckTest, ADamagedTailIsFoundWithoutReading) {
  blobs_->FlipBit(big_, 200'000 * 8 + 3);
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kDamagedBlob));
}

TEST_F(FsckTest, ATruncatedBlobIsDamaged) {
  blobs_->Truncate(big_, 150'000);
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kDamagedBlob));
}

TEST_F(FsckTest, ARottenPayloadIsFoundByReading) {
  blobs_->FlipBit(big_, 100'000 * 8);
  EXPECT_THAT(Kinds(), IsEmpty());
  FsckOptions options;
  options.read_data = true;
  EXPECT_THAT(Kinds(options), ElementsAre(FindingKind::kDamagedBlob));
}

TEST_F(FsckTest, ABlobUnderAnothersNameIsDamaged) {
  ASSERT_TRUE(Ok(Put("other", std::string(200'000, 'o'))));
  blobs_->SetFileBytes(big_, blobs_->FileBytes(BlobOf("other")));
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kDamagedBlob));
}

TEST_F(FsckTest, AFileWithoutARowIsHarmlessAndOnlyWhenOld) {
  blobs_->SetFileBytes(*BlobId::FromHex("00112233445566778899aabbccddeeff"), "left by a crash");
  EXPECT_THAT(Kinds(), IsEmpty());
  blobs_->Age(24 * 3600);
  const FsckReport report = Check();
  EXPECT_THAT(Kinds(report), ElementsAre(FindingKind::kOrphanBlob));
  EXPECT_TRUE(report.clean());
}

TEST_F(FsckTest, ASizeThatIsNotTheContents) {
  ChangeNode("d/small", [](Node& node) { node.set_size(6); });
  EXPECT_THAT(Sides(), UnorderedElementsAre(FindingKind::kWrongSize, FindingKind::kWrongAggregate));
}

TEST_F(FsckTest, ABlobRowOfAnotherLength) {
  Change<Blob>(Table::kBlobs, keys::Blob(big_), [](Blob& row) { row.set_length(1); });
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kWrongSize));
}

TEST_F(FsckTest, InlineBytesOfAnotherLengthOrNone) {
  const std::string key = keys::Content(ContentOf("d/small"));
  PutRow(Table::kInline, key, "hell");
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongSize));
  Erase(Table::kInline, key);
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kMissingContent));
}

TEST_F(FsckTest, AManifestWithAMissingPage) {
  Erase(Table::kManifests, keys::ManifestPage(ContentOf("d/joined"), 0));
  EXPECT_THAT(Sides(),
              UnorderedElementsAre(FindingKind::kWrongSize, FindingKind::kUnreferencedContent));
}

// Rows of shares as the folder shares/ writes them.
class FsckSharesTest : public FsckTest {
 protected:
  void SetUp() override {
    FsckTest::SetUp();
    Share share;
    share.set_node(Raw(Stat("d").id()));
    share.set_sharer(1);
    for (const std::uint32_t type : {0u, 1u, 3u}) {
      share.set_id(share.id() + 1);
      share.set_type(type);
      if (type == 0) share.set_recipient(2);
      if (type == 1) share.set_group("staff");
      if (type == 3) share.set_token("token");
      const ShareId id{share.id()};
      auto put = [&](KvTxn& txn) -> Result<void> {
        WriteRecord(txn, Table::kShares, keys::Share(id), share);
        txn.Put(Table::kNodeShares, keys::NodeShare(FileId{share.node()}, id), {});
        txn.Put(Table::kSharerShares, keys::UserShare(UserId{1}, id), {});
        if (type == 0)
          WriteRecord(txn, Table::kUserShares, keys::UserShare(UserId{2}, id), ShareState());
        if (type == 1) txn.Put(Table::kGroupShares, keys::GroupShare("staff", id), {});
        if (type == 3) txn.Put(Table::kLinkTokens, "token", keys::Share(id));
        return {};
      };
      ASSERT_TRUE(Ok(Commit(put)));
    }
    auto mark = [&](KvTxn& txn) -> Result<void> {
      ASSIGN_OR_RETURN(const Chain chain, tree().Resolve(txn, At("d")));
      Node shared = chain.leaf().node;
      shared.set_flags(shared.flags() | kHasShares);
      tree().RewriteQuietly(txn, chain, shared);
      return {};
    };
    ASSERT_TRUE(Ok(Commit(mark)));
  }
};

TEST_F(FsckSharesTest, WholeSharesAreHealthy) { EXPECT_THAT(Kinds(), IsEmpty()); }

TEST_F(FsckSharesTest, EveryRowByWhichAShareIsFound) {
  const FileId node = Stat("d").id();
  Erase(Table::kNodeShares, keys::NodeShare(node, ShareId{1}));
  Erase(Table::kSharerShares, keys::UserShare(UserId{1}, ShareId{1}));
  Erase(Table::kUserShares, keys::UserShare(UserId{2}, ShareId{1}));
  Erase(Table::kGroupShares, keys::GroupShare("staff", ShareId{2}));
  Erase(Table::kLinkTokens, "token");
  EXPECT_THAT(Kinds(),
              ElementsAre(FindingKind::kShareRow, FindingKind::kShareRow, FindingKind::kShareRow,
                          FindingKind::kShareRow, FindingKind::kShareRow));
}

TEST_F(FsckSharesTest, RowsThatLeadToNoShare) {
  for (const ShareId id : {ShareId{1}, ShareId{2}, ShareId{3}})
    Erase(Table::kShares, keys::Share(id));
  // Two rows of each, the third of its kind, and the folder's flag; what a recipient has made of a
  // share is garbage then.
  const auto kinds = Kinds();
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), FindingKind::kWrongFlag), 1);
  EXPECT_EQ(std::count(kinds.begin(), kinds.end(), FindingKind::kShareRow), 9);
}

TEST_F(FsckTest, ATrashLinkThatCannotBeRead) {
  TrashLink link;
  link.set_node(7);
  PutRow(Table::kTrashLinks, keys::TrashLink(UserId{2}, keys::TrashName(5, "a")), Serialize(link));
  EXPECT_THAT(Kinds(), IsEmpty());
  PutRow(Table::kTrashLinks, keys::TrashLink(UserId{2}, keys::TrashName(5, "b")), "\xff\xff");
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kBadRecord));
}

TEST_F(FsckTest, AnEntryBelowNothing) {
  PutNode(90, 91, "lost", false, false);
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kDanglingParent));
  EXPECT_THAT(report.findings[0].what, HasSubstr("lost (node 90)"));
}

TEST_F(FsckTest, AnEntryBelowAFile) {
  PutNode(90, Raw(Stat("empty").id()), "odd", false, false);
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kDanglingParent));
}

TEST_F(FsckTest, ABackPointerToNothing) {
  NodePlace place;
  place.set_parent(Raw(Stat("d").id()));
  place.set_key("nothing");
  PutRow(Table::kNodes, keys::Node(FileId{90}), place.SerializeAsString());
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kNodeWithoutEntry));
}

TEST_F(FsckTest, AnEntryWithoutABackPointer) {
  Erase(Table::kNodes, keys::Node(Stat("empty").id()));
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kEntryWithoutNode));
  EXPECT_THAT(report.findings[0].what, HasSubstr("/empty"));
}

TEST_F(FsckTest, AnIdInTwoPlaces) {
  const Entry empty = Stat("empty");
  PutRow(Table::kEntries, keys::Entry(Stat("d/e").id(), "empty"), empty.node.SerializeAsString());
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kEntryWithoutNode, FindingKind::kWrongAggregate));
}

TEST_F(FsckTest, AFolderInsideItselfEndsTheWalkAndIsFound) {
  const Entry d = Stat("d");
  PutRow(Table::kEntries, keys::Entry(Stat("d/e").id(), "d"), d.node.SerializeAsString());
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kEntryWithoutNode, FindingKind::kWrongAggregate));
}

TEST_F(FsckTest, AggregatesAreCountedAgainOneFindingPerWrongRecord) {
  ChangeNode("d/e", [](Node& node) { node.mutable_below()->set_bytes(7); });
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kWrongAggregate));
  EXPECT_THAT(report.findings[0].what, HasSubstr("stored bytes 7,"));
  EXPECT_THAT(report.findings[0].what, HasSubstr("counted bytes 200000,"));
}

TEST_F(FsckTest, DirectCountsAreCountedAgain) {
  ChangeNode("d", [](Node& node) { node.set_direct_folders(9); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongAggregate));
}

TEST_F(FsckTest, LockCountsAreCountedAgain) {
  ChangeNode("d", [](Node& node) { node.mutable_below()->set_locks(0); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongAggregate));
}

TEST_F(FsckTest, TwoNamesThatAreOneInNfc) {
  ASSERT_TRUE(Ok(Put("caf\u00e9", "1")));
  PutNode(90, Raw(Stat("").id()), "cafe\u0301", false);
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kWrongAggregate, FindingKind::kDuplicateName));
}

TEST_F(FsckTest, AKeyThatIsNotItsName) {
  ChangeNode("empty", [](Node& node) { node.set_name("full"); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kBadRecord));
}

TEST_F(FsckTest, AContentThatIsNotThere) {
  Erase(Table::kContents, keys::Content(ContentOf("d/small")));
  EXPECT_THAT(Sides(),
              ElementsAre(FindingKind::kMissingContent, FindingKind::kUnreferencedContent));
}

TEST_F(FsckTest, AFileThatForgotItsContent) {
  ChangeNode("d/small", [](Node& node) { node.clear_content(); });
  EXPECT_THAT(Sides(),
              ElementsAre(FindingKind::kMissingContent, FindingKind::kReferenceWithoutHolder));
}

TEST_F(FsckTest, AUsedContentWithoutAReference) {
  const Entry small = Stat("d/small");
  Erase(Table::kRefs, keys::Ref(ContentOf("d/small"), HolderKind::kNode, keys::Node(small.id())));
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kUnreferencedContent));
}

TEST_F(FsckTest, AReferenceOfNobody) {
  PutRow(Table::kRefs, keys::Ref(ContentOf("d/small"), HolderKind::kNode, keys::Node(FileId{77})),
         "");
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kReferenceWithoutHolder));
}

TEST_F(FsckTest, ABlobRowThatNothingNames) {
  const ContentId content = ContentOf("d/small");
  Blob row;
  row.set_content(std::string(content.view()));
  row.set_length(3);
  PutRow(Table::kBlobs, std::string(16, 'x'), row.SerializeAsString());
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kUnreferencedContent, FindingKind::kMissingBlob));
}

TEST_F(FsckTest, RecordsThatCannotBeRead) {
  PutRow(Table::kEntries, keys::Entry(Stat("d").id(), "garbage"), "\xff\xff");
  PutRow(Table::kLocks, keys::Lock(Stat("d/e").id(), "opaquelocktoken:x"), "\xff");
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kWrongAggregate, FindingKind::kBadRecord))
      << "the row counts as a lock";
}

TEST_F(FsckTest, FlagsSayWhatTheOtherTablesSay) {
  ChangeNode("d/small", [](Node& node) { node.set_flags(0); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongFlag));
  ChangeNode("d/small", [](Node& node) { node.set_flags(kHasProperties | kHasLocks); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongFlag));
}

TEST_F(FsckTest, ACycleAwayFromEveryRootIsOneFinding) {
  PutNode(91, 92, "one", true);
  PutNode(92, 91, "two", true);
  PutNode(93, 92, "below", true);
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kUnreachableNode));
  EXPECT_THAT(report.findings[0].what, HasSubstr("node 91"));
}

TEST_F(FsckTest, SpacesAndUsersBelongTogether) {
  User carol;
  carol.set_id(5);
  carol.set_space(9);
  PutRow(Table::kUsers, keys::User(UserId{5}), carol.SerializeAsString());
  const FsckReport report = Check();
  ASSERT_THAT(Kinds(report),
              ElementsAre(FindingKind::kSpaceWithoutOwner, FindingKind::kSpaceWithoutOwner));
  EXPECT_THAT(report.findings[0].what, HasSubstr("user 5"));
  EXPECT_THAT(report.findings[1].what, HasSubstr("space 1"));
}

TEST_F(FsckTest, AnIdAboveTheDurableBound) {
  Change<CounterRecord>(Table::kSystem, std::string(keys::kFileIds),
                        [](CounterRecord& row) { row.set_next_block(2); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kIdAboveBound));
}

TEST_F(FsckTest, ARootThatNoSpaceNames) {
  Change<Space>(Table::kSpaces, keys::Space(kHome), [](Space& space) { space.set_purge_root(0); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kUnreachableNode));
}

TEST_F(FsckTest, FavouritesAndMarkersComeInPairs) {
  const FileId small = Stat("d/small").id();
  PutRow(Table::kFavorites, keys::Favorite(bob_.user, small), "");
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kReferenceWithoutHolder));
  Erase(Table::kFavorites, keys::Favorite(bob_.user, small));
  Erase(Table::kFavorites, keys::Favorite(alice_.user, small));
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kReferenceWithoutHolder));
}

TEST_F(FsckTest, LocksOfNobodyAreHarmlessPropertiesAreNot) {
  Lock lock;
  lock.set_token("opaquelocktoken:x");
  PutRow(Table::kLocks, keys::Lock(FileId{95}, lock.token()), lock.SerializeAsString());
  FsckReport report = Check();
  EXPECT_THAT(Kinds(report), ElementsAre(FindingKind::kReferenceWithoutHolder));
  EXPECT_TRUE(report.clean());
  PutRow(Table::kProps, keys::Prop(FileId{95}, 0, "n", "x"), "");
  report = Check();
  EXPECT_EQ(report.findings.size(), 2u);
  EXPECT_FALSE(report.clean());
}

TEST_F(FsckTest, ChunksAndTheirSession) {
  const std::string key = keys::Upload(alice_.user, "running");
  Change<UploadSession>(Table::kUploads, key,
                        [](UploadSession& session) { session.set_chunk_count(9); });
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kWrongAggregate));
  Erase(Table::kUploads, key);
  EXPECT_THAT(Sides(), ElementsAre(FindingKind::kReferenceWithoutHolder));
}

TEST_F(FsckTest, RepairQuarantinesWhatIsProvenDamagedAndTouchesNothingElse) {
  blobs_->FlipBit(big_, 100'000 * 8);
  FsckOptions options;
  options.read_data = true;
  options.repair = true;
  const std::size_t blobs_before = blobs_->count();
  ASSERT_THAT(Kinds(options), ElementsAre(FindingKind::kDamagedBlob));
  EXPECT_EQ(blobs_->count(), blobs_before - 1);
  const auto row = ReadRecord<Blob>(*kv().Published(), Table::kBlobs, keys::Blob(big_));
  ASSERT_TRUE(row.has_value() && row->has_value());
  EXPECT_TRUE((*row)->quarantined());
  EXPECT_EQ(Stat("d/e/big").node.size(), 200'000u) << "the file stays what it says it is";
  const FsckReport again = Check(options);
  ASSERT_THAT(Kinds(again), ElementsAre(FindingKind::kDamagedBlob)) << "still lost, and still said";
  EXPECT_THAT(again.findings[0].what, HasSubstr("is in quarantine"));
}

TEST_F(FsckTest, WithoutRepairNothingIsWritten) {
  blobs_->FlipBit(big_, 200'000 * 8 + 3);
  const CommitSeq before = kv().LatestSeq();
  const std::size_t blobs_before = blobs_->count();
  EXPECT_THAT(Kinds(), ElementsAre(FindingKind::kDamagedBlob));
  EXPECT_EQ(kv().LatestSeq(), before);
  EXPECT_EQ(blobs_->count(), blobs_before);
}

TEST_F(FsckTest, AThousandFindingsOfOneKindAreEnough) {
  Plant([&](KvTxn& txn) {
    const ContentId content = ContentOf("d/small");
    for (std::uint64_t id = 1; id <= 1100; ++id) {
      txn.Put(Table::kRefs, keys::Ref(content, HolderKind::kNode, keys::Node(FileId{5000 + id})),
              {});
    }
  });
  const FsckReport report = Check();
  ASSERT_EQ(report.findings.size(), 1001u);
  EXPECT_EQ(report.findings.back().what, "and 100 more");
  EXPECT_FALSE(report.clean());
}

// The same on disk: what is found is found after a restart, by a process that may not write.
TEST_F(FsckTest, ADamagedBlobOnDiskGoesToQuarantineAndIsNamedByAReadOnlyCheck) {
  const std::filesystem::path directory =
      std::filesystem::path(testing::TempDir()) / ("fsck-" + std::to_string(::getpid()));
  std::filesystem::remove_all(directory);
  EngineOptions options;
  options.directory = directory;
  options.reserve_bytes = 0;
  FsckOptions thorough;
  thorough.read_data = true;
  thorough.repair = true;
  const auto check = [&](Engine& engine) {
    auto report = Fsck(engine.kv(), engine.contents(), thorough);
    EXPECT_TRUE(Ok(report));
    return report.has_value() ? std::move(*report) : FsckReport{};
  };
  const TreePolicies policies{access_, quota_, versions_, trash_};
  std::string hex;
  {
    auto backend = OpenDirectory(options, clock_, random_);
    ASSERT_TRUE(Ok(backend));
    engine_ = std::make_unique<Engine>(std::move(*backend), policies, clock_, random_);
    ASSERT_TRUE(Ok(engine_->file_ids().Reserve(10)));
    auto make = [&](KvTxn& txn) { return tree().CreateSpace(txn, alice_.user, kHome); };
    ASSERT_TRUE(Ok(CommitBlocking(kv(), {DirectoryKey(), SpaceKey(kHome)}, make)));
    ASSERT_TRUE(Ok(Put("big", std::string(200'000, 'b'))));
    hex = BlobOf("big").Hex();
    EXPECT_THAT(Kinds(check(*engine_)), IsEmpty());
    std::fstream file(directory / "blobs" / hex.substr(0, 2) / hex,
                      std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(1000).put('x');
    ASSERT_TRUE(file.good());
    file.close();
    EXPECT_THAT(Kinds(check(*engine_)), ElementsAre(FindingKind::kDamagedBlob));
    EXPECT_EQ(std::filesystem::file_size(directory / "quarantine" / hex), BlobFileSize(200'000));
    engine_.reset();
  }
  options.read_only = true;
  thorough.repair = false;
  auto backend = OpenDirectory(options, clock_, random_);
  ASSERT_TRUE(Ok(backend));
  Engine reopened(std::move(*backend), policies, clock_, random_);
  const FsckReport report = check(reopened);
  ASSERT_THAT(Kinds(report), ElementsAre(FindingKind::kDamagedBlob));
  EXPECT_THAT(report.findings[0].what, HasSubstr("files:/big"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace cairn::storage
