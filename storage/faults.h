// The three fault levels of a data directory's file system.
//
//   reserve:   free space below the reserve: writes that grow get 507; deleting goes on
//   full:      ENOSPC was seen: every write gets 507, reads go on, resumes when space is back
//   broken:    failed fsync, EIO on write, corrupt metadata: nothing is answered any more; the
//   process exits
//
// Thread-safe. Never blocks, except Refresh (one statvfs).
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::storage {

class Faults {
 public:
  // Called once with what happened when the store is broken; every other thread that meets the
  // fault waits until it returns. In the server it does not return: it ends the process without
  // answering anybody. It must not call back into this object.
  using OnBroken = std::function<void(std::string_view what)>;

  Faults(std::string directory, std::uint64_t reserve_bytes, OnBroken on_broken);

  // kDiskFull when a write that grows may not begin.
  Result<void> CheckMayGrow() const;
  // kDiskFull when no write may begin.
  Result<void> CheckMayWrite() const;

  // What a failed system call means; returns the error to hand up, or does not return (EIO).
  Error OnWriteError(int errno_value, std::string_view what);
  // The same for a failed sync of something that no record names yet: a full disk costs that alone.
  Error OnSyncError(int errno_value, std::string_view what);
  // A failed sync of what others may have read already.
  void OnSyncError(std::string_view what);
  // Any other reason to answer nobody any more, such as corrupt metadata.
  void Break(std::string_view what);

  // Looks at the free space; called by a background job and after each large write.
  void Refresh();
  std::uint64_t free_bytes() const { return free_; }
  bool broken() const { return broken_; }

 private:
  const std::string directory_;
  const std::uint64_t reserve_;
  const OnBroken on_broken_;
  std::atomic<std::uint64_t> free_{UINT64_MAX};
  std::atomic<bool> full_{false};
  std::atomic<bool> broken_{false};
  mutable std::once_flag told_;
};

}  // namespace cairn::storage
