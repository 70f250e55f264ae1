#include "storage/watermark.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/log.h"

namespace cairn::storage {
namespace {

constexpr std::string_view kWatermarkMagic = "cairn-watermark 1";
// Constant, and within one disk sector: a write in place leaves the old text or the new one.
constexpr std::size_t kSize = 128;

std::string Checksum(std::string_view text) { return ToHex(Big64(Xxh3(AsBytes(text)))); }

// The next blank-separated word of `text`.
std::string_view TakeWord(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

Watermark::Watermark(std::vector<std::filesystem::path> paths, std::string instance_id,
                     DiskOps* ops)
    : instance_id_(std::move(instance_id)), ops_(ops != nullptr ? *ops : real_ops_) {
  for (auto& path : paths) copies_.push_back({.path = std::move(path)});
}

Result<std::unique_ptr<Watermark>> Watermark::Open(std::filesystem::path file,
                                                   std::filesystem::path witness,
                                                   std::string instance_id, DiskOps* ops) {
  std::vector<std::filesystem::path> paths{std::move(file)};
  if (!witness.empty()) paths.push_back(std::move(witness));
  std::unique_ptr<Watermark> watermark(
      new Watermark(std::move(paths), std::move(instance_id), ops));
  for (const Copy& copy : watermark->copies_) {
    ASSIGN_OR_RETURN(const CommitSeq seq, watermark->Read(copy.path));
    watermark->at_open_ = std::max(watermark->at_open_, seq);
  }
  return watermark;
}

// "cairn-watermark 1 INSTANCE SEQ CHECKSUM", padded with blanks to 127 bytes, and a line feed.
std::string Watermark::Text(CommitSeq seq) const {
  std::string text = std::string(kWatermarkMagic) + " " + instance_id_ + " " +
                     std::to_string(static_cast<std::uint64_t>(seq));
  text += " " + Checksum(text);
  text.resize(kSize - 1, ' ');
  return text + "\n";
}

Result<CommitSeq> Watermark::Read(const std::filesystem::path& path) const {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return CommitSeq{};
    return Fail(ErrorCode::kIo, path.string() + ": " + std::strerror(errno));
  }
  std::string text(kSize, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), 0);
  ::close(fd);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  std::string_view rest = text;
  if (rest.starts_with(kWatermarkMagic)) {
    rest.remove_prefix(std::min(kWatermarkMagic.size() + 1, rest.size()));
    const std::string_view instance = TakeWord(rest);
    const auto seq = ParseUint(TakeWord(rest));
    const auto words = static_cast<std::size_t>(rest.data() - text.data());
    if (seq.has_value() &&
        TakeWord(rest) == Checksum(std::string_view(text).substr(0, words - 1))) {
      if (instance == instance_id_) return CommitSeq{*seq};
      return Fail(ErrorCode::kInvalidArgument,
                  path.string() + " is the watermark of the instance " + std::string(instance));
    }
  }
  log::warn("the watermark {} is damaged: lost writes cannot be noticed at this start",
            path.string());
  return CommitSeq{};
}

void Watermark::Note(CommitSeq seq) {
  const std::lock_guard lock(mu_);
  noted_ = seq;
  if (std::chrono::steady_clock::now() - last_write_ >= kPeriod) WriteAll();
}

std::optional<Watermark::Time> Watermark::due() const {
  const std::lock_guard lock(mu_);
  if (!noted_.has_value()) return std::nullopt;
  return last_write_ + kPeriod;
}

void Watermark::Flush() {
  const std::lock_guard lock(mu_);
  WriteAll();
}

void Watermark::WriteAll() {
  if (!noted_.has_value()) return;
  const std::string text = Text(*noted_);
  for (Copy& copy : copies_) {
    const int written = Write(copy, text);
    if (written == 0) {
      copy.failed = false;
    } else if (!std::exchange(copy.failed, true)) {
      log::warn("cannot write the watermark {}: {}", copy.path.string(), std::strerror(-written));
    }
  }
  noted_.reset();
  last_write_ = std::chrono::steady_clock::now();
}

int Watermark::Write(Copy& copy, const std::string& text) {
  if (copy.file.get() < 0) {
    const std::filesystem::path parent = copy.path.parent_path();
    const OwnedFd directory(ops_, ops_.OpenTop(parent.empty() ? "." : parent.c_str()));
    if (directory.get() < 0) return directory.get();
    const std::string name = copy.path.filename().string();
    const int opened = ops_.Open(directory.get(), name.c_str(), O_WRONLY | O_CREAT, 0600);
    if (opened < 0) return opened;
    copy.file = OwnedFd(ops_, opened);
  }
  const ssize_t put = ops_.Write(copy.file.get(), text.data(), text.size(), 0);
  if (put < 0) return static_cast<int>(put);
  return static_cast<std::size_t>(put) == text.size() ? 0 : -ENOSPC;
}

}  // namespace cairn::storage
