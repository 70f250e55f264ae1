// The files of a data directory around the stores: LOCK, format, ballast. Blocking; POSIX calls
// only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "storage/disk_ops.h"
#include "storage/records.pb.h"

namespace cairn::storage {

// What a start may have to write before it can give anything back: all that the metadata store had
// in memory (EngineOptions::write_buffer_bytes), and a little.
inline constexpr std::uint64_t kBallastBytes = 80u << 20;

// Makes the directory (mode 0700) when it is missing and `create`. kNotFound; kForbidden: it is a
// data directory to which others than its owner may write, or which strangers may read.
Result<void> PrepareDirectory(const std::filesystem::path& directory, bool create);

// The record of the file `format`; nullopt when there is none. kUnsupported: it was written by a
// newer version whose directories this one cannot read; kCorruption.
Result<std::optional<FormatRecord>> ReadFormatFile(const std::filesystem::path& directory);
Result<void> CheckReadable(const FormatRecord& record);
// Durable when it returns; a crash leaves the old file or none.
Result<void> WriteFormatFile(const std::filesystem::path& directory, const FormatRecord& record,
                             DiskOps& ops);
// Makes a directory without a format record ours (mode 0700), but only if nothing of somebody
// else's is in it: kInvalidArgument otherwise.
Result<void> ClaimDirectory(const std::filesystem::path& directory);

// Makes `name` in `directory` with mode 0700 unless it is there. Durable when it returns.
Result<void> MakePrivateDirectory(const std::filesystem::path& directory, const std::string& name,
                                  DiskOps& ops);

// Takes the advisory lock on LOCK until the last copy of the result goes. kBusy: another process,
// or another opening in this one, has it. `read_only`: a missing LOCK is not made.
Result<std::shared_ptr<void>> LockDirectory(const std::filesystem::path& directory, bool read_only);

// The ballast is given back when less than its size is free, so that a store on a full disk can
// open.
void ReleaseBallastIfFull(const std::filesystem::path& directory);
// Makes it again when more than `reserve` plus its size is free.
void MakeBallast(const std::filesystem::path& directory, std::uint64_t reserve);

}  // namespace cairn::storage
