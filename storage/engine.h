// The storage engine of one data directory, opened and wired: what server, CLI and tests start
// from.
//
// Layout of a data directory (docs/format.md): LOCK, format, acknowledged, ballast, meta/
// (RocksDB), blobs/, quarantine/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "storage/blob_store.h"
#include "storage/content_store.h"
#include "storage/disk_ops.h"
#include "storage/faults.h"
#include "storage/file_tree.h"
#include "storage/kv_store.h"
#include "storage/uploads.h"

namespace rocksdb {
class Env;
}

namespace cairn::storage {

struct EngineOptions {
  std::filesystem::path directory;
  std::filesystem::path witness_path;  // optional second watermark outside the directory
  std::uint64_t block_cache_bytes = 64u << 20;
  std::uint64_t reserve_bytes = 256u << 20;
  std::size_t inline_limit = kDefaultInlineLimit;
  bool create = true;        // make a new data directory when there is none
  bool read_only = false;    // fsck: nothing is written
  bool accept_loss = false;  // `cairn recover --accept-loss`
  Faults::OnBroken on_broken;
  std::uint64_t write_buffer_bytes = 64u << 20;  // of the metadata store
  // Tests: other file systems, which must outlive the engine; no ballast.
  rocksdb::Env* env = nullptr;
  DiskOps* disk = nullptr;
  bool ballast = true;
};

// What stands in Table::kSystem about this instance.
struct Identity {
  std::string instance_id;
  std::string data_fingerprint;
};

// The parts below the tree: what differs between disk and memory.
struct Backend {
  std::unique_ptr<Faults> faults;
  std::unique_ptr<KvStore> kv;
  std::unique_ptr<BlobStore> blobs;
  Identity identity;
  std::shared_ptr<void>
      directory_lock;  // held while open; two processes on one directory are refused
};

// kBusy: another process has the directory; kUnsupported: a newer format; kCorruption: acknowledged
// writes are missing (see accept_loss) or records are broken.
Result<Backend> OpenDirectory(const EngineOptions& options, Clock& clock, Random& random);
// For tests: nothing survives.
Backend OpenMemory(Clock& clock, Random& random);

class Engine {
 public:
  Engine(Backend backend, const TreePolicies& policies, Clock& clock, Random& random,
         std::size_t inline_limit = kDefaultInlineLimit);
  ~Engine();

  KvStore& kv() { return *backend_.kv; }
  Faults& faults() { return *backend_.faults; }
  ContentStore& contents() { return contents_; }
  FileTree& tree() { return tree_; }
  LockTable& locks() { return locks_; }
  Uploads& uploads() { return uploads_; }
  IdSource& file_ids() { return file_ids_; }
  const Identity& identity() const { return backend_.identity; }
  Clock& clock() { return clock_; }
  Random& random() { return random_; }

  // oc:id: the file id, zero-padded to 8 digits, and the instance id.
  std::string OcId(FileId id) const;

 private:
  Backend backend_;
  Clock& clock_;
  Random& random_;
  EtagSource etags_;
  IdSource file_ids_;
  LockTable locks_;
  ContentStore contents_;
  FileTree tree_;
  Uploads uploads_;
};

}  // namespace cairn::storage
