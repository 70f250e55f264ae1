// Immutable byte strings on disk (or in memory, for tests), verified on every read.
//
//   ASSIGN_OR_RETURN(auto writer, blobs.Create(content));
//   RETURN_IF_ERROR(writer->Append(bytes));             // as often as needed
//   RETURN_IF_ERROR(writer->Finish());                  // durable: data and name. Only now may a
//   record name it
//
// A writer that is dropped without Finish removes its file. Thread-safe; writers and readers are
// not (one user at a time). Every call may block.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "base/function_ref.h"
#include "base/ids.h"

namespace cairn::storage {

class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual const BlobId& id() const = 0;
  virtual std::uint64_t length() const = 0;
  // kDiskFull on ENOSPC or below the reserve; a failed write of another kind is a storage fault
  // (storage/faults.h).
  virtual Result<void> Append(Bytes data) = 0;
  // Writes the tail, makes data and name durable. A failed fsync never returns: the process must
  // not acknowledge anything any more.
  virtual Result<void> Finish() = 0;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t length() const = 0;
  virtual const ContentId& content() const = 0;
  // Reads up to `size` verified bytes at `offset` into `out` (resized to what was read; shorter
  // only at the end). kCorruption: a checksum does not match; nothing unverified is ever handed
  // out.
  virtual Result<void> Read(std::uint64_t offset, std::size_t size, std::string& out) = 0;
  // As Read, all of `size` bytes, if that needs no waiting for a disk. False: it does, or they
  // cannot be read, which Read will say; `out` holds nothing then. Never blocks.
  virtual bool ReadNow(std::uint64_t offset, std::size_t size, std::string& out) = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;

  virtual Result<std::unique_ptr<BlobWriter>> Create(const ContentId& content) = 0;
  // kNotFound: no such blob; kCorruption: its tail is broken.
  virtual Result<std::unique_ptr<BlobReader>> Open(const BlobId& id) = 0;
  // Not being there is success.
  virtual Result<void> Remove(const BlobId& id) = 0;
  // Visits every blob that is on disk, unfinished ones of this process left out. `age_seconds`:
  // since last written.
  virtual Result<void> ForEach(
      FunctionRef<bool(const BlobId& id, std::uint64_t file_size, std::int64_t age_seconds)>
          visit) = 0;
  // Moves a damaged or unknown blob out of the way, where no reader finds it and nothing deletes
  // it.
  virtual Result<void> Quarantine(const BlobId& id) = 0;
};

}  // namespace cairn::storage
