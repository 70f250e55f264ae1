// Opening a data directory: identity, exclusion, formats, watermark, accepted losses.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/unicode.h"
#include "storage/commit.h"
#include "storage/data_directory.h"
#include "storage/engine.h"
#include "storage/records.h"
#include "storage/watermark.h"
#include "tests/support/temp_directory.h"

namespace cairn::storage {
namespace {

namespace fs = std::filesystem;

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    options_.directory = temporary_.path() / "data";
    options_.reserve_bytes = 1;
  }

  Result<void> Open() {
    Close();
    auto opened = OpenDirectory(options_, clock_, random_);
    if (opened.has_error()) return std::move(opened).error();
    backend_.emplace(std::move(*opened));
    return {};
  }
  void MustOpen() {
    const auto opened = Open();
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
  }
  ErrorCode Refusal() {
    const auto opened = Open();
    return opened.has_error() ? opened.error().code : ErrorCode::kAlreadyExists;
  }
  void Close() { backend_.reset(); }

  void Put(std::string_view key, std::string_view value, Table table = Table::kNodes) {
    auto body = [&](KvTxn& txn) -> Result<void> {
      txn.Put(table, key, value);
      return {};
    };
    ASSERT_TRUE(CommitBlocking(*backend_->kv, {DirectoryKey()}, body).has_value());
  }
  std::string Get(std::string_view key, Table table = Table::kNodes) {
    return backend_->kv->Published()->Get(table, key)->value_or("(none)");
  }

  // Every file with its bytes and mode.
  std::map<std::string, std::string> Everything() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(options_.directory)) {
      struct stat info {};
      ::lstat(entry.path().c_str(), &info);
      std::string text = std::to_string(info.st_mode) + " ";
      if (entry.is_regular_file()) text += Read(entry.path());
      all[entry.path().string()] = text;
    }
    return all;
  }
  static std::string Read(const fs::path& path) {
    std::string bytes(fs::file_size(path), '\0');
    std::ifstream(path, std::ios::binary).read(bytes.data(), std::ssize(bytes));
    return bytes;
  }
  static void Write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  // The largest write-ahead log.
  fs::path Log() const {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator(options_.directory / "meta")) {
      if (entry.path().extension() != ".log") continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    return largest;
  }
  // Rots one byte in the middle of the log: acknowledged writes after it are lost.
  void FlipAByteInTheLog() {
    std::string bytes = Read(Log());
    ASSERT_GT(bytes.size(), 4000U);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
    Write(Log(), bytes);
  }
  std::string InstanceInFile() const {
    return (*ReadFormatFile(options_.directory))->instance_id();
  }
  void Fill(int rows) {
    for (int i = 0; i < rows; ++i) Put("row" + std::to_string(i), std::string(100, 'x'));
  }
  std::uint64_t Counter(std::string_view name) {
    return ReadRecord<CounterRecord>(*backend_->kv->Published(), Table::kSystem, name)
        ->value_or(CounterRecord())
        .next_block();
  }
  void SetFormatFile(std::uint32_t format, std::uint32_t oldest_reader) {
    FormatRecord record = **ReadFormatFile(options_.directory);
    record.set_format(format);
    record.set_oldest_reader(oldest_reader);
    DiskOps disk;
    ASSERT_TRUE(WriteFormatFile(options_.directory, record, disk).has_value());
  }

  TempDirectory temporary_;
  FakeClock clock_;
  SeededRandom random_{1};
  EngineOptions options_;
  std::optional<Backend> backend_;
};

TEST_F(DirectoryTest, ANewDirectoryGetsAnIdentityThatStays) {
  MustOpen();
  const std::string instance = backend_->identity.instance_id;
  EXPECT_EQ(instance.size(), 12U);
  EXPECT_TRUE(instance.starts_with("oc"));
  EXPECT_EQ(instance.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789"), std::string::npos);
  EXPECT_EQ(backend_->identity.data_fingerprint, "");
  const auto record =
      ReadRecord<FormatRecord>(*backend_->kv->Published(), Table::kSystem, keys::kFormat);
  EXPECT_EQ((*record)->format(), kFormat);
  EXPECT_EQ((*record)->unicode(), UnicodeVersion());
  Put("a", "1");
  MustOpen();
  EXPECT_EQ(backend_->identity.instance_id, instance);
  EXPECT_EQ(Get("a"), "1");
}

TEST_F(DirectoryTest, IsPrivate) {
  MustOpen();
  EXPECT_EQ(fs::status(options_.directory).permissions(), fs::perms::owner_all);
  Close();
  fs::permissions(options_.directory, fs::perms(0755));
  EXPECT_EQ(Refusal(), ErrorCode::kForbidden);
  fs::permissions(options_.directory, fs::perms(0750));
  MustOpen();
}

TEST_F(DirectoryTest, IsNotMadeUnlessWanted) {
  options_.create = false;
  EXPECT_EQ(Refusal(), ErrorCode::kNotFound);
  EXPECT_FALSE(fs::exists(options_.directory));
  fs::create_directory(options_.directory);
  EXPECT_EQ(Refusal(), ErrorCode::kNotFound);
  options_.create = true;
  options_.read_only = true;
  EXPECT_EQ(Refusal(), ErrorCode::kNotFound);
  EXPECT_TRUE(fs::is_empty(options_.directory));
}

TEST_F(DirectoryTest, SomebodyElsesDirectoryIsLeftAlone) {
  fs::create_directory(options_.directory);
  Write(options_.directory / "diary.txt", "mine");
  const auto before = Everything();
  EXPECT_EQ(Refusal(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTest, AFileIsNotADirectory) {
  Write(options_.directory, "a file");
  EXPECT_EQ(Refusal(), ErrorCode::kInvalidArgument);
}

TEST_F(DirectoryTest, ASecondOpeningIsRefused) {
  MustOpen();
  EXPECT_EQ(OpenDirectory(options_, clock_, random_).error().code, ErrorCode::kBusy);
  options_.read_only = true;
  EXPECT_EQ(OpenDirectory(options_, clock_, random_).error().code, ErrorCode::kBusy);
  options_.read_only = false;
  Close();
  MustOpen();
}

TEST_F(DirectoryTest, ASecondProcessIsRefused) {
  MustOpen();
  const std::string lock = (options_.directory / "LOCK").string();
  const pid_t child = ::fork();
  if (child == 0) {  // only system calls from here: other threads' locks were copied as they were
    const int fd = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
    ::_exit(fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK ? 7 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(DirectoryTest, ADirectoryOfANewerFormatIsNotTouched) {
  MustOpen();
  Put("a", "1");
  Close();
  SetFormatFile(kFormat + 1, kFormat + 1);
  const auto before = Everything();
  EXPECT_EQ(Refusal(), ErrorCode::kUnsupported);
  options_.accept_loss = true;
  EXPECT_EQ(Refusal(), ErrorCode::kUnsupported);
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTest, ANewerFormatThatWeMayReadIsOpened) {
  MustOpen();
  SetFormatFile(kFormat + 1, kFormat);
  MustOpen();
}

TEST_F(DirectoryTest, ADamagedFormatFileIsRefused) {
  MustOpen();
  Close();
  Write(options_.directory / "format", "");
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  Write(options_.directory / "format", "\xff\xff\xff\xff");
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  fs::remove(options_.directory / "format");
  EXPECT_EQ(Refusal(), ErrorCode::kInvalidArgument);  // files, but not known to be ours
}

TEST_F(DirectoryTest, AnInterruptedCreationIsFinished) {
  MustOpen();
  const std::string instance = backend_->identity.instance_id;
  Close();
  fs::remove_all(options_.directory / "meta");  // the crash came right after the format file
  fs::remove(options_.directory / "acknowledged");
  MustOpen();
  EXPECT_EQ(backend_->identity.instance_id, instance);
}

TEST_F(DirectoryTest, AMissingStoreIsNotMadeAnewOnceSomethingWasAcknowledged) {
  MustOpen();
  Put("a", "1");
  Close();
  fs::remove_all(options_.directory / "meta");
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  options_.accept_loss = true;
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  EXPECT_FALSE(fs::exists(options_.directory / "meta"));
}

TEST_F(DirectoryTest, ReadingOnlySeesTheLogAndWritesNothing) {
  MustOpen();
  Fill(50);
  Put("last", "in the log");
  Close();
  const auto before = Everything();
  options_.read_only = true;
  MustOpen();
  EXPECT_EQ(Get("last"), "in the log");
  EXPECT_EQ(Get("row49").size(), 100U);
  auto body = [](KvTxn& txn) -> Result<void> {
    EXPECT_EQ(txn.Get(Table::kNodes, "last")->value_or(""), "in the log");
    txn.Put(Table::kNodes, "no", "no");
    return {};
  };
  EXPECT_EQ(CommitBlocking(*backend_->kv, {DirectoryKey()}, body).error().code,
            ErrorCode::kForbidden);
  Close();
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTest, AFlippedByteInTheLogIsNoticedAndChangesNothing) {
  MustOpen();
  Fill(100);
  Close();
  FlipAByteInTheLog();
  const auto before = Everything();
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);  // not just once
  options_.read_only = true;
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  EXPECT_EQ(Everything(), before);
}

TEST_F(DirectoryTest, AnAcceptedLossGetsANewFingerprintAndDistantIds) {
  MustOpen();
  const std::string instance = backend_->identity.instance_id;
  IdSource ids(*backend_->kv, keys::kFileIds);
  ASSERT_TRUE(ids.Reserve(1).has_value());
  Fill(100);
  Close();
  FlipAByteInTheLog();
  ASSERT_EQ(Refusal(), ErrorCode::kCorruption);

  options_.accept_loss = true;
  MustOpen();
  const std::string fingerprint = backend_->identity.data_fingerprint;
  EXPECT_EQ(fingerprint.size(), 32U);
  EXPECT_EQ(backend_->identity.instance_id, instance);
  EXPECT_EQ(Get("row0").size(), 100U);
  EXPECT_EQ(Get("row99"), "(none)");
  EXPECT_EQ(Counter(keys::kFileIds), 1 + IdSource::kBlock + (1 << 20));
  EXPECT_EQ(Counter(keys::kUserIds), 1U + (1 << 20));

  options_.accept_loss = false;
  MustOpen();  // from now on as usual
  EXPECT_EQ(backend_->identity.data_fingerprint, fingerprint);
  options_.accept_loss = true;
  MustOpen();
  EXPECT_NE(backend_->identity.data_fingerprint, fingerprint);  // each time another
}

TEST_F(DirectoryTest, ALossIsNotAcceptedByReadingOnly) {
  MustOpen();
  options_.accept_loss = true;
  options_.read_only = true;
  EXPECT_EQ(Refusal(), ErrorCode::kInvalidArgument);
}

TEST_F(DirectoryTest, AnOldCopyIsNoticedByTheWitness) {
  options_.witness_path = temporary_.path() / "witness";
  MustOpen();
  Put("a", "1");
  Close();
  const fs::path backup = temporary_.path() / "backup";
  fs::copy(options_.directory, backup, fs::copy_options::recursive);
  MustOpen();
  Put("b", "2");
  Close();
  fs::remove_all(options_.directory);
  fs::rename(backup, options_.directory);
  fs::permissions(options_.directory, fs::perms::owner_all);
  EXPECT_EQ(Refusal(), ErrorCode::kCorruption);
  options_.accept_loss = true;
  MustOpen();
  EXPECT_EQ(Get("a"), "1");
  EXPECT_EQ(Get("b"), "(none)");
  EXPECT_NE(backend_->identity.data_fingerprint, "");
  options_.accept_loss = false;
  MustOpen();
}

TEST_F(DirectoryTest, AWitnessOfAnotherInstanceIsRefused) {
  options_.witness_path = temporary_.path() / "witness";
  MustOpen();
  Put("a", "1");
  Close();
  options_.directory = temporary_.path() / "other";
  EXPECT_EQ(Refusal(), ErrorCode::kInvalidArgument);
}

TEST_F(DirectoryTest, ADamagedWatermarkOnlyProtectsLess) {
  MustOpen();
  Put("a", "1");
  Close();
  const fs::path file = options_.directory / "acknowledged";
  const std::string good = Read(file);
  EXPECT_EQ(good.size(), 128U);
  for (std::size_t i = 0; i < good.size(); i += 7) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    Write(file, bad);
    const auto watermark = Watermark::Open(file, {}, InstanceInFile());
    ASSERT_TRUE(watermark.has_value()) << i;  // never taken for that of another instance
    const bool padding = good[i] == ' ' && i > good.find_last_not_of(" \n");
    EXPECT_TRUE(padding || (*watermark)->at_open() == CommitSeq{}) << i;
  }
  Write(file, "");
  MustOpen();
  EXPECT_EQ(Get("a"), "1");
}

TEST_F(DirectoryTest, TheWatermarkFollowsTheSyncs) {
  MustOpen();
  Put("a", "1");
  const CommitSeq acknowledged = backend_->kv->LatestSeq();
  Close();
  const auto watermark = Watermark::Open(options_.directory / "acknowledged", {}, InstanceInFile());
  ASSERT_TRUE(watermark.has_value());
  EXPECT_EQ((*watermark)->at_open(), acknowledged);
}

TEST_F(DirectoryTest, TheBallastIsThereAndRealBytes) {
  MustOpen();
  struct stat info {};
  ASSERT_EQ(::stat((options_.directory / "ballast").c_str(), &info), 0);
  EXPECT_EQ(static_cast<std::uint64_t>(info.st_size), kBallastBytes);
  EXPECT_GE(static_cast<std::uint64_t>(info.st_blocks) * 512, kBallastBytes);
  Close();
  fs::remove(options_.directory / "ballast");
  options_.reserve_bytes = std::uint64_t{1} << 60;  // no room to spare: none is made
  MustOpen();
  EXPECT_FALSE(fs::exists(options_.directory / "ballast"));
}

TEST_F(DirectoryTest, NamesAreCheckedWhenUnicodeHasChanged) {
  MustOpen();
  FormatRecord record =
      **ReadRecord<FormatRecord>(*backend_->kv->Published(), Table::kSystem, keys::kFormat);
  record.set_unicode("1.1.0");
  Put(keys::kFormat, Serialize(record), Table::kSystem);
  Put(keys::Entry(FileId{1}, "caf\xc3\xa9"), "x", Table::kEntries);
  MustOpen();  // still a normal form: the new version is noted
  record = **ReadRecord<FormatRecord>(*backend_->kv->Published(), Table::kSystem, keys::kFormat);
  EXPECT_EQ(record.unicode(), UnicodeVersion());

  record.set_unicode("1.1.0");
  Put(keys::kFormat, Serialize(record), Table::kSystem);
  Put(keys::Entry(FileId{1}, "cafe\xcc\x81"), "x", Table::kEntries);
  EXPECT_EQ(Refusal(), ErrorCode::kUnsupported);
}

TEST_F(DirectoryTest, MemoryHasAnIdentityToo) {
  const Backend memory = OpenMemory(clock_, random_);
  EXPECT_TRUE(memory.identity.instance_id.starts_with("oc"));
  EXPECT_EQ(memory.identity.instance_id.size(), 12U);
  EXPECT_TRUE(memory.faults->CheckMayGrow().has_value());
}

}  // namespace
}  // namespace cairn::storage
