#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "tests/storage/content_case.h"

namespace cairn::storage {
namespace {

using CollectorTest = ContentCase;

TEST_F(CollectorTest, TakesWhatNobodyRefersTo) {
  const std::vector<ContentId> ids = {Store("inline", "a"), Store(std::string(5000, 'b'), "b"),
                                      StoreParts({"one", "two", "three"}, "c")};
  const std::string holders = "abc";
  EXPECT_EQ(Collect().contents, 0u);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_TRUE(Read(ids[i]).has_value());
    ASSERT_TRUE(Drop(ids[i], holders.substr(i, 1)).has_value());
  }
  const CollectorReport report = Collect();
  EXPECT_EQ(report.contents, 3u);
  EXPECT_EQ(report.blobs, 4u);
  EXPECT_EQ(report.bytes, 5000u + 11);
  EXPECT_FALSE(report.more);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, KeepsWhatSomebodyRefersTo) {
  const std::string bytes(5000, 'b');
  const ContentId id = Store(bytes, "a");
  ASSERT_TRUE(AddRef(id, "b").has_value());
  ASSERT_TRUE(Drop(id, "a").has_value());
  EXPECT_EQ(Collect().contents, 0u);
  EXPECT_EQ(Rows(Table::kCandidates), 0u);
  EXPECT_EQ(*Read(id), bytes);
  ASSERT_TRUE(Drop(id, "b").has_value());
  EXPECT_EQ(Collect().contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, ADryRunDeletesNothing) {
  ASSERT_TRUE(Drop(Store(std::string(5000, 'b'), "a"), "a").has_value());
  EXPECT_EQ(Collect(1000, true).contents, 1u);
  EXPECT_EQ(blobs().count(), 1u);
  EXPECT_EQ(Rows(Table::kCandidates), 1u);
  EXPECT_EQ(Collect().contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, AnOpenReaderKeepsItsContentAndHoldsUpNothingElse) {
  const std::vector<std::string> parts = {std::string(3000, 'x'), std::string(3000, 'y'),
                                          std::string(3000, 'z')};
  const ContentId id = StoreParts(parts, "a");
  const ContentId other = Store(std::string(5000, 'o'), "o");
  auto reader = std::move(*contents().Open(*kv().Published(), id));
  ASSERT_TRUE(Drop(id, "a").has_value());
  ASSERT_TRUE(Drop(other, "o").has_value());
  EXPECT_EQ(Collect(1).contents, 1u) << "the other one, although it comes second";
  std::string out;
  ASSERT_TRUE(reader->Read(0, 9000, out).has_value());
  EXPECT_EQ(out, parts[0] + parts[1] + parts[2]);
  reader.reset();
  EXPECT_EQ(Collect().contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, AnOutdatedViewIsToldToTryAgain) {
  const ContentId id = Store(std::string(5000, 'x'), "a");
  const auto old = kv().Published();
  ASSERT_TRUE(Drop(id, "a").has_value());
  EXPECT_EQ(Collect().contents, 1u);
  EXPECT_EQ(contents().Open(*old, id).error().code, ErrorCode::kBusy);
}

TEST_F(CollectorTest, ALeaseKeepsWhatItsViewReaches) {
  const ContentId id = Store("x", "a");
  std::optional<ReadLease> lease = contents().leases().Take();
  const auto view = kv().Published();
  ASSERT_TRUE(Drop(id, "a").has_value());
  EXPECT_EQ(Collect().contents, 0u);
  ReadLease later = contents().leases().Take();
  ASSERT_TRUE(AddRef(id, "copy").has_value());
  lease.reset();
  EXPECT_EQ(Collect().contents, 0u) << "the copy refers to it";
  ASSERT_TRUE(Drop(id, "copy").has_value());
  later = ReadLease();
  EXPECT_EQ(Collect().contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, ALeaseTakenAfterTheFirstLookHoldsUpNothing) {
  const ContentId id = Store("x", "a");
  std::optional<ReadLease> early = contents().leases().Take();
  ASSERT_TRUE(Drop(id, "a").has_value());
  EXPECT_EQ(Collect().contents, 0u);
  const ReadLease late = contents().leases().Take();
  early.reset();
  EXPECT_EQ(Collect().contents, 1u);
}

// A reference that came and went while an older lease was waited for may have been seen under a
// younger one.
TEST_F(CollectorTest, AReferenceThatCameAndWentBeginsTheWaitAnew) {
  const ContentId id = Store("x", "a");
  std::optional<ReadLease> first = contents().leases().Take();
  ASSERT_TRUE(Drop(id, "a").has_value());
  EXPECT_EQ(Collect().contents, 0u);
  ASSERT_TRUE(AddRef(id, "copy").has_value());
  first.reset();
  std::optional<ReadLease> second = contents().leases().Take();
  const auto view = kv().Published();
  ASSERT_TRUE(Drop(id, "copy").has_value());
  EXPECT_EQ(Collect().contents, 0u);
  ASSERT_TRUE(AddRef(id, "copy of the copy").has_value());
  EXPECT_TRUE(Read(id).has_value());
  second.reset();
  ASSERT_TRUE(Drop(id, "copy of the copy").has_value());
  EXPECT_EQ(Collect().contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, StepsAreBoundedAndResume) {
  for (int i = 0; i < 10; ++i) {
    const std::string holder = std::to_string(i);
    ASSERT_TRUE(Drop(Store(std::string(200, 'x'), holder), holder).has_value());
  }
  CollectorReport report = Collect(4);
  EXPECT_EQ(report.contents, 4u);
  EXPECT_TRUE(report.more);
  EXPECT_EQ(Collect(4).contents, 4u);
  report = Collect(4);
  EXPECT_EQ(report.contents, 2u);
  EXPECT_FALSE(report.more);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, AHugeManifestGoesInSeveralTransactions) {
  const ContentId id = StoreParts(std::vector<std::string>(20'000, "p"), "a");
  ASSERT_TRUE(Drop(id, "a").has_value());
  const CollectorReport report = Collect();
  EXPECT_EQ(report.contents, 1u);
  EXPECT_EQ(report.blobs, 20'000u);
  ExpectNothingLeft();
}

// A crash after the first of several transactions: the content's record is gone, the rest is not.
TEST_F(CollectorTest, ACollectionThatWasCutShortGoesOn) {
  const ContentId id = StoreParts({"one", "two"}, "a");
  ASSERT_TRUE(Drop(id, "a").has_value());
  auto half = [&](KvTxn& txn) -> Result<void> {
    txn.Erase(Table::kContents, keys::Content(id));
    return {};
  };
  ASSERT_TRUE(Change(half).has_value());
  EXPECT_EQ(Collect().blobs, 2u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, CandidatesOfAnEarlierProcessAreTaken) {
  const ContentId id = Store("x", "a");
  for (int i = 0; i < 100; ++i) contents().leases().Take();
  ASSERT_TRUE(Drop(id, "a").has_value());
  ContentStore next(blobs(), clock_, random_, kInlineLimit);  // its lease clock starts anew
  EXPECT_EQ(CollectStep(kv(), next, 100, false)->contents, 1u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, AReleasedBlobGoesWithItsRow) {
  auto writer = std::move(*blobs().Create(contents().NewId()));
  ASSERT_TRUE(writer->Append(AsBytes("chunk")).has_value());
  ASSERT_TRUE(writer->Finish().has_value());
  auto release = [&](KvTxn& txn) -> Result<void> {
    Blob row;
    row.set_length(5);
    WriteRecord(txn, Table::kBlobs, keys::Blob(writer->id()), row);
    contents().ReleaseBlob(txn, writer->id());
    return {};
  };
  ASSERT_TRUE(Change(release).has_value());
  EXPECT_EQ(Collect().bytes, 5u);
  ExpectNothingLeft();
}

TEST_F(CollectorTest, TheSweepTakesOldBlobsThatNoRecordNames) {
  const ContentId named = Store(std::string(5000, 'x'), "a");
  auto orphan = std::move(*blobs().Create(named));
  ASSERT_TRUE(orphan->Append(AsBytes("lost in a crash")).has_value());
  ASSERT_TRUE(orphan->Finish().has_value());
  blobs().Age(3599);
  EXPECT_EQ(SweepOrphanBlobs(kv(), contents(), 3600, false)->blobs, 0u);
  blobs().Age(1);
  EXPECT_EQ(SweepOrphanBlobs(kv(), contents(), 3600, true)->blobs, 1u);
  EXPECT_EQ(blobs().count(), 2u);
  const auto report = SweepOrphanBlobs(kv(), contents(), 3600, false);
  EXPECT_EQ(report->blobs, 1u);
  EXPECT_EQ(report->examined, 2u);
  EXPECT_EQ(blobs().count(), 1u);
  EXPECT_TRUE(Read(named).has_value());
}

// ---- two spaces copying and deleting the same contents while the collector runs

class Crowd : public ContentCase {
 protected:
  static std::string Holder(SpaceId space, std::uint64_t number) {
    return Big64(Raw(space)) + Big64(number);
  }

  // Some holder of the space, as `view` sees it.
  static std::optional<std::string> AnyHolder(const KvView& view, const ContentId& id,
                                              SpaceId space) {
    std::optional<std::string> found;
    const std::string prefix = keys::Ref(id, HolderKind::kNode, Big64(Raw(space)));
    const auto visit = [&](std::string_view rest, std::string_view) {
      found = Big64(Raw(space)).append(rest);
      return false;
    };
    EXPECT_TRUE(view.Scan(Table::kRefs, prefix, {}, visit).has_value());
    return found;
  }

  void CopyInside(const ContentId& id, SpaceId space) {
    auto body = [&](KvTxn& txn) -> Result<void> {
      if (!AnyHolder(txn, id, space)) return {};
      return contents().AddRef(txn, id, HolderKind::kNode, Holder(space, ++next_));
    };
    const auto copied = Change(body, space);
    EXPECT_TRUE(copied.has_value()) << copied.error().message;
  }
  void CopyAcross(const ContentId& id, SpaceId from, SpaceId to) {
    const ReadLease lease = contents().leases().Take();
    const auto view = kv().Published();
    if (!AnyHolder(*view, id, from)) return;
    // What makes the race likely: the source goes, and the collector comes by, before the copy is
    // made.
    Delete(id, from);
    Collect(50);
    const auto copied = AddRef(id, Holder(to, ++next_), to);
    EXPECT_TRUE(copied.has_value()) << copied.error().message;
  }
  void Delete(const ContentId& id, SpaceId space) {
    auto body = [&](KvTxn& txn) -> Result<void> {
      const auto holder = AnyHolder(txn, id, space);
      return holder ? contents().DropRef(txn, id, HolderKind::kNode, *holder) : Result<void>();
    };
    EXPECT_TRUE(Change(body, space).has_value());
  }
  void ReadIt(const ContentId& id) {
    const auto view = kv().Published();
    if (!AnyHolder(*view, id, kA) && !AnyHolder(*view, id, kB)) return;
    const auto reader = contents().Open(*view, id);
    if (reader.has_error()) {
      EXPECT_EQ(reader.error().code, ErrorCode::kBusy) << reader.error().message;
      return;
    }
    std::string out;
    EXPECT_TRUE((*reader)->Read(0, 1 << 20, out).has_value());
    EXPECT_EQ(out.size(), (*reader)->size());
  }
  void Act(std::mt19937& dice, const ContentId& id) {
    const SpaceId here = dice() % 2 == 0 ? kA : kB;
    const SpaceId there = here == kA ? kB : kA;
    switch (dice() % 6) {
      case 0:
        return CopyInside(id, here);
      case 1:
        return CopyAcross(id, here, there);
      case 2:
        return ReadIt(id);
      default:
        return Delete(id, here);
    }
  }

  static constexpr SpaceId kA{1};
  static constexpr SpaceId kB{2};
  std::atomic<std::uint64_t> next_{1};
};

TEST_F(Crowd, NothingIsLostAndNothingIsLeft) {
  std::vector<ContentId> ids;
  for (int round = 0; round < 30; ++round) {
    ids.push_back(Store(std::string(50, 'i'), Holder(kA, ++next_), kA));
    ids.push_back(Store(std::string(500, 'b'), Holder(kB, ++next_), kB));
    ids.push_back(StoreParts({"some", "parts", "of", "it"}, Holder(kA, ++next_)));
  }
  std::atomic<bool> over{false};
  std::thread collector([&] {
    while (!over) Collect(50);
  });
  std::vector<std::thread> users;
  for (unsigned seed = 0; seed < 8; ++seed) {
    users.emplace_back([&, seed] {
      std::mt19937 dice(seed);
      for (int i = 0; i < 400; ++i) Act(dice, ids[dice() % ids.size()]);
    });
  }
  for (std::thread& user : users) user.join();
  over = true;
  collector.join();

  std::size_t alive = 0;
  for (const ContentId& id : ids) {
    if (!AnyHolder(*kv().Published(), id, kA) && !AnyHolder(*kv().Published(), id, kB)) continue;
    ++alive;
    const auto read = Read(id);
    EXPECT_TRUE(read.has_value()) << read.error().message;
  }
  EXPECT_LT(alive, ids.size()) << "some were collected while others were copied";
  Collect(100'000);
  EXPECT_EQ(Rows(Table::kContents), alive);
  for (const ContentId& id : ids) {
    for (const SpaceId space : {kA, kB}) {
      while (AnyHolder(*kv().Published(), id, space)) Delete(id, space);
    }
  }
  Collect(100'000);
  ExpectNothingLeft();
}

}  // namespace
}  // namespace cairn::storage
