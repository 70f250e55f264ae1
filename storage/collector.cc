// The collector: one of the two places that delete data. Records go first, in a transaction that
// has passed the gate; then the files. A crash between leaves files that no record names, which
// SweepOrphanBlobs takes.
//
// Why a content whose references are gone cannot come back while it is deleted, although the
// collector holds no space's key. A reference is added only
//   (a) under the key of a space that holds one already. Whoever does so has that key, so nobody
//   can drop the other
//       reference meanwhile: it stands in the latest committed state until his transaction ends,
//       and the collector, which scans the references in its own transaction, sees it. Every drop
//       leaves a candidate of its own, so the last one is always followed by a look at an empty
//       prefix, whatever ran at the same time.
//   (b) under a general lease that was taken before the view that shows the content and is held
//   until the new
//       reference is committed. The collector first marks the content as watched, waits until all
//       that is committed is published, and takes that view P: without a reference in P it notes
//       the lease clock. A lease above that clock comes with a view that is not older than P. The
//       others are waited for. If one of them has added a reference, it stands in the latest state,
//       or it was dropped again: then DropRef has said so to the watch, and the content is watched
//       anew, for a later lease may have seen that reference. (The clock that DropRef writes into
//       the candidate would be too early: a lease may begin before publication.)
// Open readers hold a lease on their content alone; Retire refuses while there is one and keeps new
// ones away. A candidate of an earlier process needs no care: no lease and no view of this process
// is older than it.
//
// Collectors of one process take turns under a writer key of their own; nobody else writes the rows
// of a content without references, nor chunk rows whose session is gone.
#include <algorithm>
#include <utility>

#include "base/log.h"
#include "storage/commit.h"
#include "storage/content_store.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kPageSize = 1000;       // candidates read at once
constexpr std::size_t kBatch = 100;           // candidates per transaction
constexpr std::size_t kRowsPerCommit = 8192;  // keeps a transaction far below 4 MiB

WriterKey CollectorKey() { return {KeyKind::kStaging, "collector"}; }

struct Seen {
  std::string key;
  CandidateKind kind;
  std::string id;  // 16 bytes
  // The leases that could reach the content have ended and it is retired. Without it only garbage
  // around a content that is in use may go.
  bool may_delete = false;
  ContentId content() const { return *ContentId::FromBytes(id); }
};

Result<bool> HasRefs(const KvView& view, std::string_view content) {
  bool any = false;
  const auto visit = [&](std::string_view, std::string_view) {
    any = true;
    return false;
  };
  RETURN_IF_ERROR(view.Scan(Table::kRefs, content, {}, visit));
  return any;
}

Result<std::vector<std::pair<std::string, std::string>>> FirstRows(const KvView& view, Table table,
                                                                   std::string_view prefix,
                                                                   std::size_t limit) {
  std::vector<std::pair<std::string, std::string>> rows;
  const auto visit = [&](std::string_view rest, std::string_view value) {
    rows.emplace_back(std::string(prefix).append(rest), value);
    return rows.size() < limit;
  };
  RETURN_IF_ERROR(view.Scan(table, prefix, {}, visit));
  return rows;
}

// The contents without references that a step looks at; see (b) at the top.
class Watch {
 public:
  explicit Watch(ContentStore::CollectorState& state) : state_(state) {}

  void Begin(const ContentId& id) {
    std::lock_guard lock(state_.mu);
    auto& watched = state_.watched[id];
    if (watched.dropped) watched = {};
  }
  void End(const ContentId& id) {
    std::lock_guard lock(state_.mu);
    state_.watched.erase(id);
  }
  // `now` counts from the first time on.
  std::uint64_t ClockOf(const ContentId& id, std::uint64_t now) {
    std::lock_guard lock(state_.mu);
    auto& clock = state_.watched[id].clock;
    if (!clock) clock = now;
    return *clock;
  }
  bool Dropped(const ContentId& id) const {
    std::lock_guard lock(state_.mu);
    const auto watched = state_.watched.find(id);
    return watched == state_.watched.end() || watched->second.dropped;
  }

 private:
  ContentStore::CollectorState& state_;
};

// What one transaction decided. Built anew at each attempt.
struct Plan {
  std::vector<BlobId> files;         // to be deleted after the gate
  std::vector<std::string> settled;  // candidates that are gone
  std::vector<ContentId> kept;       // not deleted after all
  std::vector<std::string>
      left;  // candidates for a later step: what was decided about them is outdated
  std::uint64_t contents = 0;
  std::uint64_t bytes = 0;
  std::size_t rows = 0;
  bool full() const { return rows >= kRowsPerCommit; }
};

class Collection {
 public:
  Collection(KvTxn& txn, const Watch& watch) : txn_(txn), watch_(watch) {}

  Result<void> Take(const Seen& seen) {
    if (seen.kind == CandidateKind::kBlob) {
      RETURN_IF_ERROR(EraseBlob(seen.id));
      return Settle(seen);
    }
    ASSIGN_OR_RETURN(const bool alive, HasRefs(txn_, seen.id));
    const bool keep = alive || !seen.may_delete || watch_.Dropped(seen.content());
    if (keep && seen.may_delete) plan_.kept.push_back(seen.content());
    if (alive) {
      RETURN_IF_ERROR(EraseFinishedChunks(seen));
      if (!plan_.full()) return Settle(seen);
      plan_.left.push_back(seen.key);
    } else if (keep) {
      plan_.left.push_back(seen.key);
    } else {
      RETURN_IF_ERROR(EraseContent(seen));
      if (!plan_.full()) return Settle(seen);  // else the next transaction goes on with its rows
    }
    return {};
  }

  Plan plan() && { return std::move(plan_); }

 private:
  Result<void> Settle(const Seen& seen) {
    Erase(Table::kCandidates, seen.key);
    plan_.settled.push_back(seen.key);
    return {};
  }

  void Erase(Table table, std::string_view key) {
    txn_.Erase(table, key);
    ++plan_.rows;
  }

  // The row may be gone already (a part that was released before): the file goes all the same.
  Result<void> EraseBlob(std::string_view raw) {
    const auto blob = BlobId::FromBytes(raw);
    if (!blob) return {};
    ASSIGN_OR_RETURN(const auto row, ReadRecord<Blob>(txn_, Table::kBlobs, raw));
    if (row) {
      plan_.bytes += row->length();
      Erase(Table::kBlobs, raw);
    }
    plan_.files.push_back(*blob);
    return {};
  }

  Result<void> EraseContent(const Seen& seen) {
    ASSIGN_OR_RETURN(const auto record, ReadRecord<Content>(txn_, Table::kContents, seen.id));
    if (record) {
      if (record->kind() == CONTENT_BLOB) RETURN_IF_ERROR(EraseBlob(record->blob()));
      if (record->kind() == CONTENT_INLINE) Erase(Table::kInline, seen.id);
      Erase(Table::kContents, seen.id);
      ++plan_.contents;
    }
    RETURN_IF_ERROR(ErasePages(seen.id));
    return EraseChunks(seen.id, true);
  }

  Result<void> ErasePages(std::string_view content) {
    while (!plan_.full()) {
      ASSIGN_OR_RETURN(const auto pages, FirstRows(txn_, Table::kManifests, content, 1));
      if (pages.empty()) return {};
      ASSIGN_OR_RETURN(const auto page, Parse<ManifestPage>(pages.front().second));
      for (const auto& part : page.parts()) RETURN_IF_ERROR(EraseBlob(part.blob()));
      Erase(Table::kManifests, pages.front().first);
    }
    return {};
  }

  // Chunk rows of a session that is gone. Of a finished upload only empty chunks have a blob that
  // nothing names.
  Result<void> EraseChunks(std::string_view content, bool with_blobs) {
    if (plan_.full()) return {};
    const std::size_t limit = kRowsPerCommit - plan_.rows;
    ASSIGN_OR_RETURN(const auto rows, FirstRows(txn_, Table::kChunks, content, limit));
    for (const auto& [key, value] : rows) {
      ASSIGN_OR_RETURN(const auto chunk, Parse<Chunk>(value));
      if (with_blobs || chunk.length() == 0) RETURN_IF_ERROR(EraseBlob(chunk.blob()));
      Erase(Table::kChunks, key);
    }
    return {};
  }

  Result<void> EraseFinishedChunks(const Seen& seen) {
    ASSIGN_OR_RETURN(const auto record, txn_.Get(Table::kContents, seen.id));
    return record ? EraseChunks(seen.id, false) : Result<void>();
  }

  KvTxn& txn_;
  const Watch& watch_;
  Plan plan_;
};

class CollectorRun {
 public:
  CollectorRun(KvStore& store, ContentStore& contents, std::size_t limit, bool dry_run)
      : store_(store),
        contents_(contents),
        limit_(limit),
        dry_run_(dry_run),
        watch_(contents.collector_state()) {}

  Result<CollectorReport> Run() {
    RETURN_IF_ERROR(Gather());
    if (dry_run_) return report_;
    RETURN_IF_ERROR(Decide());
    auto committed = CommitAll();
    for (const ContentId& id : over_) watch_.End(id);
    RETURN_IF_ERROR(committed);
    report_.more = cut_off_ && settled_ > 0;
    return report_;
  }

 private:
  Result<void> Gather() {
    const auto view = store_.Published();
    std::string after;
    while (!cut_off_) {
      ASSIGN_OR_RETURN(const auto page, ReadPage(*view, after));
      if (page.empty()) return {};
      for (const Seen& seen : page) {
        cut_off_ = report_.examined == limit_;
        if (cut_off_) break;
        after = seen.key;
        RETURN_IF_ERROR(Look(*view, seen));
      }
    }
    return {};
  }

  Result<std::vector<Seen>> ReadPage(const KvView& view, std::string_view after) {
    std::vector<Seen> page;
    const auto visit = [&](std::string_view key, std::string_view) {
      if (key.size() != 25) {
        log::error("collector: the candidate {} cannot be read", ToHex(key));
        return true;
      }
      page.push_back(
          {std::string(key), static_cast<CandidateKind>(key[8]), std::string(key.substr(9))});
      return page.size() < kPageSize;
    };
    RETURN_IF_ERROR(view.Scan(Table::kCandidates, {}, after, visit));
    return page;
  }

  Result<void> Look(const KvView& view, const Seen& seen) {
    if (seen.kind == CandidateKind::kBlob) {
      report_.blobs += dry_run_ ? 1U : 0U;
    } else {
      ASSIGN_OR_RETURN(const bool referenced, HasRefs(view, seen.id));
      if (!referenced && dry_run_) {
        ASSIGN_OR_RETURN(const auto record, view.Get(Table::kContents, seen.id));
        report_.contents += record ? 1U : 0U;
      } else if (!referenced) {
        // A slow download must not keep the step from what comes behind it: it does not count
        // against the limit.
        if (contents_.leases().IsRead(seen.content())) return {};
        watch_.Begin(seen.content());
      }
    }
    ++report_.examined;
    if (!dry_run_) batch_.push_back(seen);
    return {};
  }

  // Which of them may be deleted. The rest stays in the batch only when it is referenced.
  Result<void> Decide() {
    RETURN_IF_ERROR(store_.gate().WaitFor(store_.LatestSeq()));
    const auto view = store_.Published();
    const std::uint64_t now = contents_.leases().Now();
    std::vector<Seen> decided;
    for (Seen& seen : batch_) {
      if (seen.kind == CandidateKind::kContent) {
        const ContentId id = seen.content();
        ASSIGN_OR_RETURN(const bool referenced, HasRefs(*view, seen.id));
        if (referenced) {
          over_.push_back(id);
        } else if (!contents_.leases().AllEndedUpTo(watch_.ClockOf(id, now)) ||
                   !contents_.leases().Retire(id)) {
          continue;  // stays watched
        } else {
          seen.may_delete = true;
        }
      }
      decided.push_back(std::move(seen));
    }
    batch_ = std::move(decided);
    return {};
  }

  Result<void> CommitAll() {
    std::span<const Seen> rest(batch_);
    while (!rest.empty()) {
      const auto some = rest.first(std::min(kBatch, rest.size()));
      if (auto committed = CommitSome({some.begin(), some.end()}); committed.has_error()) {
        for (const Seen& seen : rest) {
          if (seen.may_delete) contents_.leases().Unretire(seen.content());
        }
        return committed;
      }
      rest = rest.subspan(some.size());
    }
    return {};
  }

  // Goes on until big manifests are gone too.
  Result<void> CommitSome(std::vector<Seen> batch) {
    while (!batch.empty()) {
      Plan plan;
      auto body = [&](KvTxn& txn) -> Result<void> {
        Collection collection(txn, watch_);
        for (const Seen& seen : batch) RETURN_IF_ERROR(collection.Take(seen));
        plan = std::move(collection).plan();
        return {};
      };
      RETURN_IF_ERROR(CommitBlocking(store_, {CollectorKey()}, body));
      for (const ContentId& id : plan.kept) contents_.leases().Unretire(id);
      for (const BlobId& blob : plan.files) RETURN_IF_ERROR(contents_.blobs().Remove(blob));
      report_.contents += plan.contents;
      report_.blobs += plan.files.size();
      report_.bytes += plan.bytes;
      settled_ += plan.settled.size();
      for (const std::string& key : plan.settled) Forget(batch, key);
      for (const std::string& key : plan.left) Forget(batch, key);
    }
    return {};
  }

  void Forget(std::vector<Seen>& batch, const std::string& key) {
    const auto found =
        std::find_if(batch.begin(), batch.end(), [&](const Seen& seen) { return seen.key == key; });
    if (found->kind == CandidateKind::kContent) over_.push_back(found->content());
    batch.erase(found);
  }

  KvStore& store_;
  ContentStore& contents_;
  const std::size_t limit_;
  const bool dry_run_;
  Watch watch_;
  std::vector<Seen> batch_;
  std::vector<ContentId> over_;  // to be watched no more
  bool cut_off_ = false;
  std::uint64_t settled_ = 0;
  CollectorReport report_;
};

}  // namespace

Result<CollectorReport> CollectStep(KvStore& store, ContentStore& contents, std::size_t limit,
                                    bool dry_run) {
  std::lock_guard turn(contents.collector_state().turn);
  return CollectorRun(store, contents, limit, dry_run).Run();
}

Result<CollectorReport> SweepOrphanBlobs(KvStore& store, ContentStore& contents,
                                         std::int64_t grace_seconds, bool dry_run) {
  CollectorReport report;
  Result<void> outcome;
  const auto visit = [&](const BlobId& id, std::uint64_t file_size, std::int64_t age_seconds) {
    ++report.examined;
    if (age_seconds < grace_seconds) return true;
    // The newest published state each time: the walk may take longer than a view lives.
    const auto row = store.Published()->Get(Table::kBlobs, keys::Blob(id));
    if (row.has_error()) {
      outcome = row.error();
      return false;
    }
    if (row->has_value()) return true;
    ++report.blobs;
    report.bytes += file_size;
    if (!dry_run) outcome = contents.blobs().Remove(id);
    return outcome.has_value();
  };
  RETURN_IF_ERROR(contents.blobs().ForEach(visit));
  RETURN_IF_ERROR(outcome);
  return report;
}

}  // namespace cairn::storage
