// The files of LocalBlobStore: names, order of system calls, and every call failing once.
#include "storage/local_blob_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

namespace cairn::storage {
namespace {

namespace fs = std::filesystem;

// Records what is called and fails one call.
class ScriptedDisk final : public DiskOps {
 public:
  std::vector<std::string> calls;
  int fail_at = -1;  // index of the call that fails
  int error = EIO;
  bool short_writes = false;

  int Open(int at, const char* path, int flags, mode_t mode) override {
    const bool creates = (flags & O_CREAT) != 0;
    if (!Allowed(creates ? "create" : (flags & O_DIRECTORY) != 0 ? "opendir" : "open"))
      return -error;
    return DiskOps::Open(at, path, flags, mode);
  }
  int Close(int fd) override {
    const int closed = DiskOps::Close(fd);
    return Allowed("close") ? closed : -error;
  }
  ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset) override {
    if (!Allowed("write")) return -error;
    return DiskOps::Write(fd, data, short_writes ? (size + 1) / 2 : size, offset);
  }
  ssize_t Read(int fd, char* data, std::size_t size, std::uint64_t offset) override {
    if (!Allowed("read")) return -error;
    return DiskOps::Read(fd, data, size, offset);
  }
  int StartWriteback(int fd, std::uint64_t offset, std::uint64_t size) override {
    if (!Allowed("writeback")) return -error;
    return DiskOps::StartWriteback(fd, offset, size);
  }
  int SyncFile(int fd) override { return Allowed("sync") ? DiskOps::SyncFile(fd) : -error; }
  int SyncDirectory(int fd) override {
    return Allowed("syncdir") ? DiskOps::SyncDirectory(fd) : -error;
  }
  int Unlink(int at, const char* path) override {
    return Allowed("unlink") ? DiskOps::Unlink(at, path) : -error;
  }

 private:
  bool Allowed(std::string what) {
    calls.push_back(std::move(what));
    return static_cast<int>(calls.size()) - 1 != fail_at;
  }
};

class LocalBlobStoreTest : public testing::Test {
 protected:
  LocalBlobStoreTest() {
    std::string name = (fs::temp_directory_path() / "cairn-local-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    OpenStore();
  }
  ~LocalBlobStoreTest() override {
    store_.reset();
    fs::remove_all(directory_);
  }
  void OpenStore(bool read_only = false) {
    store_.reset();
    faults_ = std::make_unique<Faults>(directory_.string(), 0,
                                       [this](std::string_view what) { broken_ = what; });
    auto opened = LocalBlobStore::Open(directory_, *faults_, random_, read_only, &disk_);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    disk_.calls.clear();
  }
  // One blob from Create to Finish.
  Result<BlobId> Write(const std::string& payload) {
    ASSIGN_OR_RETURN(auto writer, store_->Create(content_));
    RETURN_IF_ERROR(writer->Append(AsBytes(payload)));
    RETURN_IF_ERROR(writer->Finish());
    return writer->id();
  }
  std::size_t FilesOnDisk() const {
    std::size_t count = 0;
    for (const auto& item : fs::recursive_directory_iterator(directory_ / "blobs"))
      count += item.is_regular_file();
    return count;
  }
  fs::path PathOf(const BlobId& id) const {
    return directory_ / "blobs" / id.Hex().substr(0, 2) / id.Hex();
  }

  ScriptedDisk disk_;
  fs::path directory_;
  SystemRandom random_;
  std::string broken_;
  std::unique_ptr<Faults> faults_;
  std::unique_ptr<LocalBlobStore> store_;
  const ContentId content_ = *ContentId::FromHex("00112233445566778899aabbccddeeff");
};

TEST_F(LocalBlobStoreTest, AFileStandsUnderItsHexNameInItsShardForTheOwnerAlone) {
  const BlobId id = *Write("hello");
  const auto about = fs::status(PathOf(id));
  ASSERT_EQ(about.type(), fs::file_type::regular);
  EXPECT_EQ(about.permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(LocalBlobStoreTest, DataIsSyncedThenTheDirectory) {
  ASSERT_TRUE(Write("hello").has_value());
  EXPECT_THAT(disk_.calls, testing::ElementsAre("create", "write", "write", "sync", "close",
                                                "opendir", "syncdir", "close"));
}

TEST_F(LocalBlobStoreTest, WriteBackStartsEachEightMebibytes) {
  ASSERT_TRUE(Write(std::string(20u << 20, 'x')).has_value());
  EXPECT_EQ(std::count(disk_.calls.begin(), disk_.calls.end(), "writeback"), 2);
}

TEST_F(LocalBlobStoreTest, ShortWritesAreContinued) {
  disk_.short_writes = true;
  const std::string payload(200'000, 'x');
  const BlobId id = *Write(payload);
  std::string out;
  ASSERT_TRUE((*store_->Open(id))->Read(0, payload.size(), out).has_value());
  EXPECT_EQ(out, payload);
}

// What a failed call may be: nothing may be acknowledged, no file may stay.
TEST_F(LocalBlobStoreTest, EveryFailingCallFailsTheWriteAndLeavesNothing) {
  ASSERT_TRUE(Write(std::string(100'000, 'x')).has_value());
  const std::vector<std::string> all = disk_.calls;
  ASSERT_GE(all.size(), 9u);
  for (std::size_t n = 0; n + 1 < all.size(); ++n) {
    OpenStore();
    broken_.clear();
    const std::size_t before = FilesOnDisk();
    disk_.fail_at = static_cast<int>(n);
    const auto written = Write(std::string(100'000, 'x'));
    disk_.fail_at = -1;
    EXPECT_TRUE(written.has_error()) << n << " " << all[n];
    EXPECT_EQ(FilesOnDisk(), before) << n << " " << all[n];
    // Only opening the directory says nothing about what was written.
    EXPECT_EQ(broken_.empty(), all[n] == "opendir") << n << " " << all[n];
  }
}

TEST_F(LocalBlobStoreTest, AFullDiskIsNotABrokenOne) {
  disk_.error = ENOSPC;
  for (const int n : {0, 1}) {
    OpenStore();
    disk_.fail_at = n;
    const auto written = Write("hello");
    disk_.fail_at = -1;
    ASSERT_TRUE(written.has_error());
    EXPECT_EQ(written.error().code, ErrorCode::kDiskFull);
    EXPECT_EQ(broken_, "");
    EXPECT_EQ(FilesOnDisk(), 0u);
  }
}

TEST_F(LocalBlobStoreTest, AWriterThatFailedOnceNeverFinishes) {
  auto writer = std::move(*store_->Create(content_));
  ASSERT_TRUE(writer->Append(AsBytes(std::string(65'536, 'x'))).has_value());
  disk_.error = ENOSPC;
  disk_.fail_at = static_cast<int>(disk_.calls.size());
  ASSERT_TRUE(writer->Append(AsBytes("y")).has_error());
  EXPECT_TRUE(writer->Finish().has_error());
}

TEST_F(LocalBlobStoreTest, AFailedReadIsAnErrorOfThisReadOnly) {
  const BlobId id = *Write("hello");
  const auto reader = std::move(*store_->Open(id));
  disk_.fail_at = static_cast<int>(disk_.calls.size());
  std::string out;
  EXPECT_EQ(reader->Read(0, 5, out).error().code, ErrorCode::kIo);
  EXPECT_EQ(broken_, "");
  ASSERT_TRUE(reader->Read(0, 5, out).has_value());
  EXPECT_EQ(out, "hello");
}

TEST_F(LocalBlobStoreTest, SymbolicLinksAreNotFollowed) {
  const BlobId id = *Write("hello");
  fs::rename(PathOf(id), directory_ / "elsewhere");
  fs::create_symlink(directory_ / "elsewhere", PathOf(id));
  EXPECT_TRUE(store_->Open(id).has_error());
}

TEST_F(LocalBlobStoreTest, StrangeFilesAreNotVisited) {
  std::ofstream(directory_ / "blobs" / "00" / "notes.txt") << "x";
  std::ofstream(directory_ / "blobs" / "00" / "ff0102030405060708090a0b0c0d0e0f") << "wrong shard";
  fs::create_directory(directory_ / "blobs" / "00" / "000102030405060708090a0b0c0d0e0f");
  const auto visit = [](const BlobId& id, std::uint64_t, std::int64_t) {
    ADD_FAILURE() << id.Hex();
    return true;
  };
  EXPECT_TRUE(store_->ForEach(visit).has_value());
}

TEST_F(LocalBlobStoreTest, QuarantineKeepsTheFile) {
  const BlobId id = *Write("hello");
  ASSERT_TRUE(store_->Quarantine(id).has_value());
  EXPECT_TRUE(fs::exists(directory_ / "quarantine" / id.Hex()));
  EXPECT_EQ(FilesOnDisk(), 0u);
}

TEST_F(LocalBlobStoreTest, ReadOnlyReadsAndRefusesTheRest) {
  const BlobId id = *Write("hello");
  OpenStore(true);
  EXPECT_TRUE(store_->Open(id).has_value());
  EXPECT_EQ(store_->Create(content_).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(store_->Remove(id).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(store_->Quarantine(id).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(FilesOnDisk(), 1u);
}

TEST_F(LocalBlobStoreTest, ReadOnlyMakesNothing) {
  fs::remove_all(directory_ / "blobs");
  EXPECT_TRUE(LocalBlobStore::Open(directory_, *faults_, random_, true).has_error());
  EXPECT_FALSE(fs::exists(directory_ / "blobs"));
}

TEST_F(LocalBlobStoreTest, BlobsSurviveReopening) {
  const BlobId id = *Write("hello");
  OpenStore();
  std::string out;
  ASSERT_TRUE((*store_->Open(id))->Read(0, 100, out).has_value());
  EXPECT_EQ(out, "hello");
}

}  // namespace
}  // namespace cairn::storage
