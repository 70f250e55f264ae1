#include "storage/faults.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/log.h"

namespace cairn::storage {
namespace {

// ENOSPC was seen: writes resume once this much is free, so that they do not flap at the edge.
constexpr std::uint64_t kResumeBytes = 8u << 20;

}  // namespace

Faults::Faults(std::string directory, std::uint64_t reserve_bytes, OnBroken on_broken)
    : directory_(std::move(directory)), reserve_(reserve_bytes), on_broken_(std::move(on_broken)) {
  Refresh();
}

Result<void> Faults::CheckMayWrite() const {
  if (broken_) {
    std::call_once(told_, [] {});  // not before the one who is telling it is done
    return Fail(ErrorCode::kIo, "the store is broken");
  }
  if (full_) return Fail(ErrorCode::kDiskFull, "no space left in " + directory_);
  return {};
}

Result<void> Faults::CheckMayGrow() const {
  RETURN_IF_ERROR(CheckMayWrite());
  if (free_ < reserve_) return Fail(ErrorCode::kDiskFull, "below the reserve in " + directory_);
  return {};
}

Error Faults::OnWriteError(int errno_value, std::string_view what) {
  const std::string text = std::string(what) + ": " + std::strerror(errno_value);
  if (errno_value == ENOSPC || errno_value == EDQUOT) {
    if (!full_.exchange(true)) log::error("disk full: {}", text);
    return Fail(ErrorCode::kDiskFull, text);
  }
  if (errno_value == EIO || errno_value == EROFS) Break(text);
  return Fail(ErrorCode::kIo, text);
}

Error Faults::OnSyncError(int errno_value, std::string_view what) {
  if (errno_value == ENOSPC || errno_value == EDQUOT) return OnWriteError(errno_value, what);
  OnSyncError(std::string(what) + ": " + std::strerror(errno_value));
  return Fail(ErrorCode::kIo, std::string(what) + " could not be synced");
}

void Faults::OnSyncError(std::string_view what) { Break("sync failed: " + std::string(what)); }

// Whoever comes second waits for the first: an error that it handed up would become an answer
// before the process ends.
void Faults::Break(std::string_view what) {
  std::call_once(told_, [&] {
    broken_ = true;
    log::error("storage fault: {}", what);
    if (on_broken_) on_broken_(what);
  });
}

void Faults::Refresh() {
  struct statvfs info {};
  if (directory_.empty() || ::statvfs(directory_.c_str(), &info) != 0) return;
  free_ = static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  if (free_ > std::max(kResumeBytes, std::min(reserve_, 2 * kResumeBytes)) &&
      full_.exchange(false)) {
    log::info("space is back in {}: {} bytes free", directory_, free_.load());
  }
}

}  // namespace cairn::storage
