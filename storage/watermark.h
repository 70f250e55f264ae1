// The watermark: the highest commit that this directory has acknowledged, written beside the store
// after syncs.
//
// A start that recovers less has lost acknowledged writes. The file is written in place, at most
// every 100 ms and without fsync, so it may lag behind but never runs ahead: it is a lower bound. A
// second copy, the witness, may stand outside the data directory: it also notices that the whole
// directory is an old copy.
//
// Thread-safe. Note and Flush write at most two small files. Failing to write costs protection, not
// data: it is logged, nothing else.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "storage/disk_ops.h"
#include "storage/sync_gate.h"

namespace cairn::storage {

class Watermark {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPeriod{100};

  // Reads `file` and, unless empty, `witness`; a missing or damaged one counts as nothing
  // acknowledged. kInvalidArgument: the witness is that of another instance. Nothing is created
  // before the first Note. `ops` (tests): must outlive the watermark.
  static Result<std::unique_ptr<Watermark>> Open(std::filesystem::path file,
                                                 std::filesystem::path witness,
                                                 std::string instance_id, DiskOps* ops = nullptr);

  // What the files said when opened, the higher of the two.
  CommitSeq at_open() const { return at_open_; }

  // `seq` is durable. Writes it when the last write is long enough ago.
  void Note(CommitSeq seq);
  // When a noted number that was not yet written should be.
  std::optional<Time> due() const;
  // Writes what was noted last.
  void Flush();

 private:
  struct Copy {
    std::filesystem::path path;
    OwnedFd file{};
    bool failed = false;  // logged
  };
  Watermark(std::vector<std::filesystem::path> paths, std::string instance_id, DiskOps* ops);
  // 0 when there is none or it is damaged.
  Result<CommitSeq> Read(const std::filesystem::path& path) const;
  std::string Text(CommitSeq seq) const;
  void WriteAll();                                 // needs mu_
  int Write(Copy& copy, const std::string& text);  // 0 or -errno

  const std::string instance_id_;
  DiskOps real_ops_;
  DiskOps& ops_;
  CommitSeq at_open_{};
  mutable std::mutex mu_;
  std::vector<Copy> copies_;        // guarded by mu_
  std::optional<CommitSeq> noted_;  // guarded by mu_; not yet written
  Time last_write_{};               // guarded by mu_
};

}  // namespace cairn::storage
