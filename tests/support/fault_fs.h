// File systems whose N-th call fails: RocksDB and the blob files work on the real disk through
// them, and share one count of calls.
//
//   FaultFs fs;
//   ... open a store with fs.env() and fs.disk() ...
//   fs.Arm(FaultFs::Kind::kNoSpace, 3);     // the third call from now
//   ... do something ...
//   if (!fs.Disarm()) ...                   // it needed fewer calls: nothing has failed
//
// The watermark's writes neither fail nor count: they come by the clock, and nothing waits for
// them. Nor do RocksDB's other files than its log count, which threads of its own write when they
// like: they suffer from a fault that lasts. Thread-safe.
#pragma once

#include <cerrno>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "storage/disk_ops.h"

namespace rocksdb {
class Env;
}

namespace cairn {

class FaultFs {
 public:
  enum class Kind {
    kIoError,      // that call alone fails with EIO
    kNoSpace,      // the disk is full from then on: half of that write, then ENOSPC
    kShortWrite,   // that write writes half of its bytes and says so
    kTooManyOpen,  // no file can be opened from then on, but for tables: RocksDB would want a
                   // restart
  };
  enum class Call { kOpen, kMake, kWrite, kSync, kRemove, kRead };

  FaultFs();
  ~FaultFs();

  rocksdb::Env* env();
  storage::DiskOps& disk();

  void Arm(Kind kind, std::size_t number);
  // Whether the fault has happened. The disk is a good one afterwards.
  bool Disarm();
  // The failed call, as "sync blobs/ab"; empty when none has failed.
  std::string failed() const;
  // From now on everything that would change the disk fails: the process would be dead.
  void Die();

  // What this call is to answer: 0 or an errno; `half`: but half of its bytes are written first.
  struct Verdict {
    int error = 0;
    bool half = false;
  };
  Verdict Judge(Call call, std::string_view name);

 private:
  class Disk;
  bool Hits(Call call) const;  // needs mu_

  mutable std::mutex mu_;
  Kind kind_ = Kind::kIoError;  // guarded by mu_
  std::size_t left_ = 0;        // guarded by mu_; calls until the fault; 0: not armed, or past it
  bool lasts_ = false;          // guarded by mu_; the fault has come to stay
  bool dead_ = false;           // guarded by mu_
  std::string failed_;          // guarded by mu_
  std::unique_ptr<Disk> disk_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace cairn
