// A SHA-1 over the chunks of one upload that grows while they arrive, in any order and from several
// threads, so that at MOVE normally nothing is left to read.
//
// What it has hashed is a guess at the beginning of the file: chunk 0 or 1 (offset 0 for rclone),
// then each next number. Complete compares the guess with the real order and starts anew when it
// was wrong. Thread-safe; blocking. No lock is held while a chunk is read.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "storage/blob_store.h"

namespace cairn::storage {

class PrefixHash {
 public:
  struct Part {
    BlobId blob;
    std::uint64_t length = 0;
  };

  // `name` is in place now. Hashes it, and waiting ones behind it, when it is the next. `alone`:
  // SHA-1 of just its bytes, or null.
  void Added(std::string_view name, const Part& part, const Hasher* alone, BlobStore& blobs);
  // The SHA-1 of all parts in order; reads what is not hashed yet. Errors as BlobStore::Open and
  // BlobReader::Read.
  Result<Checksum> Complete(std::span<const Part> parts, BlobStore& blobs);

 private:
  // Whether `parts` begin with what is hashed. Call it as the one that is busy.
  bool IsPrefixOf(std::span<const Part> parts) const;

  std::mutex mu_;
  std::condition_variable idle_;
  bool busy_ = false;       // guarded by mu_; whoever set it owns sha1_, hashed_, chain_
  bool guessing_ = true;    // guarded by mu_; false: Added does nothing any more
  bool ranges_ = false;     // guarded by mu_; names are rclone's
  bool started_ = false;    // guarded by mu_
  std::uint64_t next_ = 0;  // guarded by mu_; the number or offset that is waited for
  std::map<std::uint64_t, Part> waiting_;             // guarded by mu_; by number or offset
  std::optional<std::pair<BlobId, Checksum>> alone_;  // guarded by mu_
  Hasher sha1_{HashKind::kSha1};
  std::size_t hashed_ = 0;   // parts
  std::uint64_t chain_ = 0;  // over the ids of the hashed parts
  bool valid_ = true;        // sha1_ holds exactly the hashed parts
};

// Feeds a blob's bytes to the hashers.
Result<void> HashBlob(BlobStore& blobs, const PrefixHash::Part& part, std::span<Hasher> hashers);

}  // namespace cairn::storage
