// Versions of large files in a real data directory: which of very many are left, and what they
// take.
#include <filesystem>
#include <map>

#include "base/random.h"
#include "storage/commit.h"
#include "storage/fsck.h"
#include "tests/support/sanitizer.h"
#include "tests/support/switch_policies.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tree_fixture.h"
#include "versions/history.h"

namespace cairn::versions {
namespace {

using namespace cairn::support;  // NOLINT: the fixture's words

constexpr int kSmallOverwrites = kOneIn == 1 ? 1000 : 100;
constexpr int kLargeOverwrites = kOneIn == 1 ? 20 : 3;
constexpr std::size_t kMiB = 1 << 20;
constexpr SpaceId kHome{1};

class OnDiskTest : public testing::Test {
 protected:
  OnDiskTest() {
    versions_.keep = true;
    EngineOptions options;
    options.directory = directory_.path() / "data";
    options.ballast = false;
    options.reserve_bytes = 0;
    options.on_broken = [](std::string_view what) { ADD_FAILURE() << what; };
    auto backend = OpenDirectory(options, clock_, random_);
    CAIRN_CHECK(backend.has_value());
    engine_ = std::make_unique<Engine>(
        std::move(*backend), TreePolicies{access_, quota_, versions_, trash_}, clock_, random_);
    alice_.user = UserId{1};
    auto make = [&](KvTxn& txn) { return engine_->tree().CreateSpace(txn, alice_.user, kHome); };
    CAIRN_CHECK(engine_->file_ids().Reserve(1000).has_value());
    CAIRN_CHECK(CommitBlocking(engine_->kv(), {DirectoryKey(), SpaceKey(kHome)}, make).has_value());
  }

  TreePath Path() { return {.home = kHome, .segments = {"file"}}; }

  // A content that begins with its number.
  void Put(int number, std::size_t size) {
    auto ingest = engine_->contents().Begin({});
    std::string piece(kMiB, static_cast<char>('a' + number % 26));
    piece.replace(0, 16, ToHex(Big64(static_cast<std::uint64_t>(number))));
    for (std::size_t at = 0; at < size; at += kMiB)
      ASSERT_TRUE(Done(ingest->Append(AsBytes(piece))));
    const NewContent content = *ingest->Finish();
    const WriteContext context{.caller = alice_};
    auto body = [&](KvTxn& txn) { return engine_->tree().Put(txn, context, Path(), content, {}); };
    ASSERT_TRUE(Done(CommitBlocking(engine_->kv(), {SpaceKey(kHome)}, body)));
  }

  FileId Id() { return engine_->tree().Resolve(*engine_->kv().Published(), Path())->leaf().id(); }

  // The numbers of the contents that are kept as versions, oldest first.
  std::vector<int> Kept() {
    const auto view = engine_->kv().Published();
    std::vector<int> numbers;
    for (const VersionRow& row : *ReadVersions(*view, Id())) {
      const auto reader =
          engine_->contents().Open(*view, *ContentId::FromBytes(row.version.content()));
      std::string head;
      EXPECT_TRUE(Done((*reader)->Read(0, 16, head)));
      numbers.push_back(static_cast<int>(ReadBig64(*FromHex(head))));
    }
    return numbers;
  }

  void Collect() {
    while (CollectStep(engine_->kv(), engine_->contents(), 1000, false)->more) {
    }
  }

  // Blob files on the disk against what records say: a blob has its bytes, a table and a footer.
  void ExpectDiskToSayTheSame() {
    Collect();
    const auto report = Fsck(engine_->kv(), engine_->contents(), FsckOptions{});
    ASSERT_TRUE(Done(report));
    for (const Finding& finding : report->findings)
      ADD_FAILURE() << storage::Name(finding.kind) << ": " << finding.what;
    std::uint64_t recorded = 0;
    std::uint64_t rows = 0;
    const auto add = [&](std::string_view, std::string_view value) {
      storage::Blob blob;
      EXPECT_TRUE(ParseInto(value, blob));
      recorded += blob.length();
      ++rows;
      return true;
    };
    ASSERT_TRUE(Done(engine_->kv().Published()->Scan(Table::kBlobs, {}, {}, add)));
    std::uint64_t on_disk = 0;
    std::uint64_t files = 0;
    const auto count = [&](const BlobId&, std::uint64_t size, std::int64_t) {
      on_disk += size;
      ++files;
      return true;
    };
    ASSERT_TRUE(Done(engine_->contents().blobs().ForEach(count)));
    EXPECT_EQ(files, rows);
    EXPECT_GE(on_disk, recorded);
    EXPECT_LE(on_disk, recorded + recorded / 1000 + rows * 256);
    const auto root = engine_->tree().Resolve(*engine_->kv().Published(), {kHome, {}});
    const Aggregates& below = root->leaf().node.below();
    EXPECT_EQ(recorded, below.bytes() + below.version_bytes());
  }

  TempDirectory directory_;
  FakeClock clock_;
  SystemRandom random_;
  SwitchAccess access_;
  SwitchQuota quota_;
  SwitchVersions versions_{clock_, quota_};
  SwitchTrash trash_{clock_, quota_};
  std::unique_ptr<Engine> engine_;
  Caller alice_;
};

// The manual's schedule, once more and in other words: what is kept after each overwrite at `now`.
class Reference {
 public:
  void Overwritten(int number, std::int64_t became_current, std::int64_t now) {
    versions_.push_back({number, became_current});
    const Version newest = versions_.back();
    std::map<std::pair<std::int64_t, std::int64_t>, Version> first;
    for (const Version& version : versions_) first.try_emplace(Bucket(version, now), version);
    first[Bucket(newest, now)] = newest;
    std::erase_if(versions_, [&](const Version& version) {
      return first.at(Bucket(version, now)).number != version.number;
    });
  }
  std::vector<int> Numbers() const {
    std::vector<int> numbers;
    for (const Version& version : versions_) numbers.push_back(version.number);
    return numbers;
  }

 private:
  struct Version {
    int number;
    std::int64_t at;
  };
  static std::pair<std::int64_t, std::int64_t> Bucket(const Version& version, std::int64_t now) {
    const std::int64_t age = now - version.at;
    std::int64_t width = 7 * 24 * 3600;
    if (age < 30 * 24 * 3600) width = 24 * 3600;
    if (age < 24 * 3600) width = 3600;
    if (age < 3600) width = 60;
    if (age < 60) width = 10;
    if (age < 10) width = 2;
    if (age < 1) width = 1;
    return {width, version.at / width};
  }
  std::vector<Version> versions_;
};

TEST_F(OnDiskTest, AThousandOverwritesOfAMebibyte) {
  Reference reference;
  std::int64_t became_current = clock_.NowSeconds();
  Put(0, kMiB);
  for (int i = 1; i <= kSmallOverwrites; ++i) {
    // Saves at every rhythm, from two a second to one in ten days, all in a year or two.
    constexpr std::int64_t kPauses[] = {500, 1000, 3000, 20'000, 300'000, 3'600'000, 86'400'000};
    clock_.Advance(std::chrono::milliseconds(kPauses[i % 7] * (1 + i % 10)));
    ASSERT_NO_FATAL_FAILURE(Put(i, kMiB));
    reference.Overwritten(i - 1, became_current, clock_.NowSeconds());
    became_current = clock_.NowSeconds();
    if (i % 100 == 0) {
      ASSERT_EQ(Kept(), reference.Numbers()) << i;
      Collect();
    }
  }
  EXPECT_EQ(Kept(), reference.Numbers());
  EXPECT_GT(Kept().size(), static_cast<std::size_t>(kSmallOverwrites) / 50);
  ExpectDiskToSayTheSame();
}

TEST_F(OnDiskTest, OverwritesOfAHundredMebibytes) {
  if (std::filesystem::space(directory_.path()).available < (std::uint64_t{4} << 30))
    GTEST_SKIP() << "needs 4 GiB of disk";
  Reference reference;
  std::int64_t became_current = clock_.NowSeconds();
  Put(0, 100 * kMiB);
  for (int i = 1; i <= kLargeOverwrites; ++i) {
    clock_.Advance(std::chrono::seconds(1) * (1 << i));
    ASSERT_NO_FATAL_FAILURE(Put(i, 100 * kMiB));
    reference.Overwritten(i - 1, became_current, clock_.NowSeconds());
    became_current = clock_.NowSeconds();
  }
  EXPECT_EQ(Kept(), reference.Numbers());
  ExpectDiskToSayTheSame();
}

}  // namespace
}  // namespace cairn::versions
