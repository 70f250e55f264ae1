// The power-loss model itself: what it loses, what it keeps, and that it would notice a store that
// does not sync.
#include "tests/support/crash_fs.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "storage/local_blob_store.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

class CrashFsTest : public testing::Test {
 protected:
  int Create(const char* name) {
    const int fd = disk().Open(top_.get(), name, O_WRONLY | O_CREAT, 0600);
    EXPECT_GE(fd, 0);
    return fd;
  }
  void Write(int fd, std::string_view text, std::uint64_t offset = 0) {
    ASSERT_EQ(disk().Write(fd, text.data(), text.size(), offset),
              static_cast<ssize_t>(text.size()));
  }
  // A file that is there for good.
  void Durable(const char* name, std::string_view text) {
    const OwnedFd file(disk(), Create(name));
    Write(file.get(), text);
    disk().SyncFile(file.get());
    disk().SyncDirectory(top_.get());
  }
  std::map<std::string, std::string> After(const CrashFs::Choice& choice) const {
    return fs_.ImageAt(fs_.step(), choice).files;
  }
  DiskOps& disk() { return fs_.disk(); }

  using Files = std::map<std::string, std::string>;
  TempDirectory live_{FastStorage()};
  CrashFs fs_{live_.path()};
  OwnedFd top_{disk(), disk().OpenTop(live_.path().c_str())};
};

TEST_F(CrashFsTest, BytesAreSafeOnceTheFileIsSynced) {
  const OwnedFd file(disk(), Create("a"));
  disk().SyncDirectory(top_.get());
  Write(file.get(), "one ");
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", ""}}));
  EXPECT_EQ(After(CrashFs::All), (Files{{"a", "one "}}));
  disk().StartWriteback(file.get(), 0, 4);
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", ""}}));
  disk().SyncFile(file.get());
  Write(file.get(), "two", 4);
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", "one "}}));
}

TEST_F(CrashFsTest, ANameIsSafeOnceItsDirectoryIsSynced) {
  const OwnedFd file(disk(), Create("a"));
  Write(file.get(), "bytes");
  disk().SyncFile(file.get());
  EXPECT_EQ(After(CrashFs::None), Files{});
  disk().SyncDirectory(top_.get());
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", "bytes"}}));
  disk().Unlink(top_.get(), "a");
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", "bytes"}}));
  EXPECT_EQ(After(CrashFs::All), Files{});
  disk().SyncDirectory(top_.get());
  EXPECT_EQ(After(CrashFs::None), Files{});
}

TEST_F(CrashFsTest, ALostWriteBeforeASurvivingOneReadsAsZeros) {
  Durable("a", "");
  const OwnedFd file(disk(), Create("a"));
  Write(file.get(), "one");
  Write(file.get(), "two", 3);
  const auto second = [](const CrashFs::Pending& pending) { return pending.index == 1; };
  EXPECT_EQ(After(second), (Files{{"a", std::string(3, '\0') + "two"}}));
}

TEST_F(CrashFsTest, EveryDirectoryIsSyncedByItself) {
  disk().MakeDirectory(top_.get(), "d", 0700);
  const OwnedFd inner(disk(), disk().Open(top_.get(), "d", O_RDONLY | O_DIRECTORY, 0));
  const OwnedFd file(disk(), Create("d/a"));
  disk().SyncFile(file.get());
  disk().SyncDirectory(inner.get());
  EXPECT_EQ(After(CrashFs::None), Files{}) << "the directory itself has no name yet";
  disk().SyncDirectory(top_.get());
  EXPECT_EQ(After(CrashFs::None), (Files{{"d/a", ""}}));
  const OwnedFd other(disk(), Create("d/b"));
  disk().SyncDirectory(top_.get());
  EXPECT_EQ(After(CrashFs::None), (Files{{"d/a", ""}}));
}

TEST_F(CrashFsTest, ARenameIsOneChange) {
  Durable("a", "moved");
  disk().MakeDirectory(top_.get(), "d", 0700);
  disk().SyncDirectory(top_.get());
  const OwnedFd inner(disk(), disk().Open(top_.get(), "d", O_RDONLY | O_DIRECTORY, 0));
  ASSERT_EQ(disk().Rename(top_.get(), "a", inner.get(), "b"), 0);
  EXPECT_EQ(After(CrashFs::None), (Files{{"a", "moved"}}));
  EXPECT_EQ(After(CrashFs::All), (Files{{"d/b", "moved"}}));
  disk().SyncDirectory(inner.get());
  EXPECT_EQ(After(CrashFs::None), (Files{{"d/b", "moved"}}));
}

TEST_F(CrashFsTest, ARenameDoesNotOvertakeWhatWasBefore) {
  Durable("current", "old");
  const OwnedFd first(disk(), Create("first"));
  const OwnedFd next(disk(), Create("next"));
  Write(next.get(), "new");
  disk().SyncFile(next.get());
  ASSERT_EQ(disk().Replace(top_.get(), "next", "current"), 0);
  const OwnedFd later(disk(), Create("later"));
  const auto rename = [](const CrashFs::Pending& pending) { return pending.index == 2; };
  EXPECT_EQ(After(rename), (Files{{"current", "new"}, {"first", ""}}));
}

TEST_F(CrashFsTest, WhatWasThereBeforeCountsAsSynced) {
  Durable("a", "bytes");
  fs_.CrashAt(fs_.step(), CrashFs::None, live_.path() / "next");
  const CrashFs next(live_.path() / "next");
  EXPECT_EQ(next.ImageAt(next.step(), CrashFs::None).files, (Files{{"a", "bytes"}}));
}

// Forgets to sync.
class LazyDisk final : public DiskOps {
 public:
  LazyDisk(DiskOps& real, bool files, bool directories)
      : real_(real), files_(files), directories_(directories) {}
  int Open(int at, const char* path, int flags, mode_t mode) override {
    return real_.Open(at, path, flags, mode);
  }
  int Close(int fd) override { return real_.Close(fd); }
  ssize_t Write(int fd, const char* data, std::size_t size, std::uint64_t offset) override {
    return real_.Write(fd, data, size, offset);
  }
  int SyncFile(int fd) override { return files_ ? real_.SyncFile(fd) : 0; }
  int SyncDirectory(int fd) override { return directories_ ? real_.SyncDirectory(fd) : 0; }
  int MakeDirectory(int at, const char* path, mode_t mode) override {
    return real_.MakeDirectory(at, path, mode);
  }

 private:
  DiskOps& real_;
  const bool files_;
  const bool directories_;
};

class CrashedBlobTest : public CrashFsTest {
 protected:
  // What is left of a finished blob when nothing unsynced survives.
  Result<std::string> WriteAndCrash(DiskOps& disk) {
    Faults faults(live_.path().string(), 0, nullptr);
    SystemRandom random;
    ASSIGN_OR_RETURN(const auto store,
                     LocalBlobStore::Open(live_.path(), faults, random, false, &disk));
    ASSIGN_OR_RETURN(const auto writer, store->Create(*ContentId::FromBytes("0123456789abcdef")));
    RETURN_IF_ERROR(writer->Append(AsBytes(std::string(100'000, 'x'))));
    RETURN_IF_ERROR(writer->Finish());
    fs_.CrashAt(fs_.step(), CrashFs::None, after_.path());
    ASSIGN_OR_RETURN(const auto again, LocalBlobStore::Open(after_.path(), faults, random));
    ASSIGN_OR_RETURN(const auto reader, again->Open(writer->id()));
    std::string bytes;
    RETURN_IF_ERROR(reader->Read(0, reader->length(), bytes));
    return bytes;
  }
  TempDirectory after_{FastStorage()};
};

TEST_F(CrashedBlobTest, IsThereWhenItWasFinished) {
  const auto bytes = WriteAndCrash(disk());
  ASSERT_TRUE(bytes.has_value()) << bytes.error().message;
  EXPECT_EQ(*bytes, std::string(100'000, 'x'));
}

TEST_F(CrashedBlobTest, IsDamagedWithoutTheSyncOfItsFile) {
  LazyDisk lazy(disk(), false, true);
  EXPECT_EQ(WriteAndCrash(lazy).error().code, ErrorCode::kCorruption);
}

TEST_F(CrashedBlobTest, IsGoneWithoutTheSyncOfItsDirectory) {
  LazyDisk lazy(disk(), true, false);
  EXPECT_EQ(WriteAndCrash(lazy).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace cairn::storage
