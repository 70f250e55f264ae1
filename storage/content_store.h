// Contents: immutable byte strings that nodes, versions and upload sessions refer to, and that own
// their blobs.
//
//   ASSIGN_OR_RETURN(auto ingest, contents.Begin({HashKind::kSha1}));
//   RETURN_IF_ERROR(ingest->Append(bytes));
//   ASSIGN_OR_RETURN(NewContent content, ingest->Finish());     // durable if it is a blob; inline
//   bytes ride along
//   ... in a transaction: contents.Attach(txn, content, HolderKind::kNode, holder)
//
// References are rows. One may be added only under the writer key of a space that already holds
// one, or under a read lease. Dropping one leaves a candidate; the collector deletes
// (storage/collector.cc says why that is safe). Thread-safe; ContentIngest and ContentReader are
// not. Every call may block.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/random.h"
#include "storage/blob_store.h"
#include "storage/content_ingest.h"
#include "storage/content_reader.h"
#include "storage/kv_store.h"
#include "storage/read_lease.h"
#include "storage/records.pb.h"

namespace cairn::storage {

inline constexpr std::size_t kDefaultInlineLimit = 16 * 1024;
inline constexpr std::size_t kManifestPageParts = 1024;

class ContentStore {
 public:
  ContentStore(BlobStore& blobs, Clock& clock, Random& random,
               std::size_t inline_limit = kDefaultInlineLimit);

  std::unique_ptr<ContentIngest> Begin(std::span<const HashKind> kinds);
  ContentId NewId() { return random_.NewContentId(clock_.NowMillis()); }

  // Writes the content's records and its first reference. Nothing to do for an empty content.
  void Attach(KvTxn& txn, const NewContent& content, HolderKind kind, std::string_view holder);
  // A further reference to a content that `txn` can see. kCorruption when it is gone.
  Result<void> AddRef(KvTxn& txn, const ContentId& id, HolderKind kind, std::string_view holder);
  // The same for a holder of a read lease that was taken before the view in which a node names the
  // content: it cannot be gone.
  void AddRefLeased(KvTxn& txn, const ContentId& id, HolderKind kind, std::string_view holder);
  // Another holder takes over the reference that one holds, in one step: there is nothing to
  // collect.
  void MoveRef(KvTxn& txn, const ContentId& id, HolderKind from, std::string_view from_holder,
               HolderKind to, std::string_view to_holder);
  // Drops one reference and leaves a candidate: another transaction may be dropping the others
  // right now, so only the collector can tell whether it was the last one. Nothing to do for an
  // empty id.
  Result<void> DropRef(KvTxn& txn, const ContentId& id, HolderKind kind, std::string_view holder);
  // A content that was never finished (an upload session given up): pages, chunk rows and their
  // blobs become garbage.
  void Abandon(KvTxn& txn, const ContentId& id);
  // A blob that no record will name any more (a chunk that was sent again).
  void ReleaseBlob(KvTxn& txn, const BlobId& blob);

  // Manifest pages of a content made of several blobs, written before the transaction that names
  // it. Idempotent. `parts`: (blob, length) in order, beginning with the content's part number
  // `first_part` (a multiple of kManifestPageParts) at plain offset `first_offset`; none may be
  // empty. With first_part 0 pages that an earlier attempt left are removed first.
  Result<void> PutManifestPages(KvTxn& txn, const ContentId& id,
                                std::span<const std::pair<BlobId, std::uint64_t>> parts,
                                std::size_t first_part, std::uint64_t first_offset);
  // For a content that needs no pages after all: an earlier attempt may have left some.
  Result<void> EraseManifestPages(KvTxn& txn, const ContentId& id);

  // Opens `id` as `view` sees it. An empty id is the empty content. kCorruption: records or blobs
  // are broken; kBusy: the view is outdated, its content was dropped and collected meanwhile.
  Result<std::unique_ptr<ContentReader>> Open(const KvView& view, const ContentId& id);

  LeaseRegistry& leases() { return leases_; }
  // What the collector remembers between steps; storage/collector.cc says what for.
  struct CollectorState {
    struct Watched {
      bool dropped = false;                // a reference was dropped since it is watched
      std::optional<std::uint64_t> clock;  // lease clock at which it was seen without references
    };
    std::mutex turn;  // one step at a time
    std::mutex mu;
    std::unordered_map<ContentId, Watched> watched;  // guarded by mu
  };
  CollectorState& collector_state() { return collector_state_; }
  BlobStore& blobs() { return blobs_; }
  std::size_t inline_limit() const { return inline_limit_; }

 private:
  void PutCandidate(KvTxn& txn, CandidateKind kind, std::string_view id);
  BlobStore& blobs_;
  Clock& clock_;
  Random& random_;
  const std::size_t inline_limit_;
  LeaseRegistry leases_;
  CollectorState collector_state_;
  std::atomic<std::int64_t> last_candidate_{
      0};  // milliseconds; no two candidates of a process share one
};

struct CollectorReport {
  std::uint64_t examined = 0;
  std::uint64_t contents = 0;  // deleted
  std::uint64_t blobs = 0;     // deleted
  std::uint64_t bytes = 0;     // of deleted blobs
  bool more = false;           // stopped at the step limit: worth another step at once
};

// One bounded step of collection: looks at up to `limit` candidates. Deletes nothing when
// `dry_run`. Resumable. Takes a writer key of its own; must not be called while holding one.
Result<CollectorReport> CollectStep(KvStore& store, ContentStore& contents, std::size_t limit,
                                    bool dry_run);

// Removes blobs that no record names and that are older than `grace_seconds` (left by a crash).
// `store` published.
Result<CollectorReport> SweepOrphanBlobs(KvStore& store, ContentStore& contents,
                                         std::int64_t grace_seconds, bool dry_run);

}  // namespace cairn::storage
