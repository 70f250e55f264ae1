#include "versions/expiry.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/log.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "versions/history.h"
#include "versions/thinning.h"

namespace cairn::versions {
namespace {

using storage::Chain;
using storage::Engine;
using storage::Entry;
using storage::Keeping;
using storage::KvTxn;
using storage::KvView;
using storage::Node;
using storage::Table;
namespace keys = storage::keys;

constexpr std::size_t kListPage = 1000;

Kept ForTheRule(const storage::Version& version) {
  return {.became_current = version.became_current(),
          .bytes = version.size(),
          .labelled = !version.label().empty()};
}

std::vector<std::size_t> Overdue(const std::vector<VersionRow>& rows, const Retention& retention,
                                 std::int64_t now) {
  std::vector<Kept> kept;
  kept.reserve(rows.size());
  for (const VersionRow& row : rows) kept.push_back(ForTheRule(row.version));
  return Thin(kept, retention, now);
}

std::uint64_t BytesOf(const std::vector<VersionRow>& rows, const std::vector<std::size_t>& which) {
  std::uint64_t bytes = 0;
  for (const std::size_t i : which) bytes += rows[i].version.size();
  return bytes;
}

// Which versions of a file go, decided on what the transaction sees.
using Choice = FunctionRef<std::vector<std::size_t>(const std::vector<VersionRow>&)>;

// One transaction about one file, wherever it lies; nothing when it is gone or not live.
Result<ThinReport> DropFrom(Engine& engine, FileId file, Choice choose) {
  ThinReport report;
  const auto seen = engine.tree().ResolveId(*engine.kv().Published(), file);
  if (seen.has_error()) {
    if (Is(seen.error(), ErrorCode::kNotFound)) return report;
    return seen.error();
  }
  const SpaceId space = seen->space();
  auto body = [&](KvTxn& txn) -> Result<ThinReport> {
    ThinReport done;
    const auto chain = engine.tree().ResolveId(txn, file);
    if (chain.has_error()) {
      if (Is(chain.error(), ErrorCode::kNotFound)) return done;
      return chain.error();
    }
    if (chain->space() != space) return done;  // it moved: the next pass finds it
    ASSIGN_OR_RETURN(const auto rows, ReadVersions(txn, file));
    const auto victims = choose(rows);
    if (victims.empty()) return done;
    Drop(engine.tree(), txn, *chain, rows, victims);
    done.files = 1;
    done.versions = victims.size();
    done.bytes = BytesOf(rows, victims);
    return done;
  };
  return storage::CommitBlocking(engine.kv(), {storage::SpaceKey(space)}, body);
}

void Add(ThinReport& sum, const ThinReport& more) {
  sum.files += more.files;
  sum.versions += more.versions;
  sum.bytes += more.bytes;
}

// `rows`: the file's versions as somebody has just seen them.
Result<ThinReport> ThinFile(Engine& engine, FileId file, const std::vector<VersionRow>& rows,
                            const Retention& retention, std::int64_t now, bool dry_run) {
  const auto overdue = Overdue(rows, retention, now);
  if (overdue.empty()) return ThinReport{};
  if (dry_run)
    return ThinReport{.files = 1, .versions = overdue.size(), .bytes = BytesOf(rows, overdue)};
  auto choose = [&](const std::vector<VersionRow>& found) {
    return Overdue(found, retention, now);
  };
  return DropFrom(engine, file, choose);
}

// The files of a space that have versions: the sums of the folders tell where to look.
class VersionedFiles {
 public:
  VersionedFiles(const storage::FileTree& tree, const KvView& view) : tree_(tree), view_(view) {}

  using Visit = FunctionRef<Result<bool>(const Entry&)>;  // false: enough
  Result<void> ForEach(FileId root, Visit visit) {
    std::vector<FileId> open = {root};
    while (!open.empty()) {
      const FileId folder = open.back();
      open.pop_back();
      std::string after;
      for (bool more = true; more;) {
        ASSIGN_OR_RETURN(const storage::Page page, tree_.List(view_, folder, after, kListPage));
        for (const Entry& entry : page.entries) {
          after = entry.key;
          if (entry.is_collection()) {
            if (entry.node.below().version_bytes() > 0) open.push_back(entry.id());
          } else if ((entry.node.flags() & storage::kHasVersions) != 0) {
            ASSIGN_OR_RETURN(const bool go_on, visit(entry));
            if (!go_on) return {};
          }
        }
        more = page.more;
      }
    }
    return {};
  }

 private:
  const storage::FileTree& tree_;
  const KvView& view_;
};

struct Candidate {
  Kept kept;
  FileId file{};
  std::uint64_t sequence = 0;
};

struct SpaceState {
  storage::Space space;
  Node root;
};

// kNotFound: no such space.
Result<SpaceState> Load(const storage::FileTree& tree, const KvView& view, SpaceId id) {
  ASSIGN_OR_RETURN(const Chain root, tree.Resolve(view, {.home = id, .segments = {}}));
  ASSIGN_OR_RETURN(auto space, tree.FindSpace(view, id));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  return SpaceState{std::move(*space), root.root().node};
}

// The oldest versions of a space, oldest first, at most `limit`.
Result<std::vector<Candidate>> Oldest(Engine& engine, const KvView& view, FileId root,
                                      std::size_t limit) {
  const auto younger = [](const Candidate& a, const Candidate& b) {
    return a.kept.became_current < b.kept.became_current;
  };
  std::vector<Candidate> heap;  // the youngest on top
  auto visit = [&](const Entry& entry) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto rows, ReadVersions(view, entry.id()));
    for (const VersionRow& row : rows) {
      Candidate candidate{ForTheRule(row.version), entry.id(), row.sequence};
      if (heap.size() == limit) {
        if (!younger(candidate, heap.front())) continue;
        std::pop_heap(heap.begin(), heap.end(), younger);
        heap.pop_back();
      }
      heap.push_back(candidate);
      std::push_heap(heap.begin(), heap.end(), younger);
    }
    return true;
  };
  VersionedFiles files(engine.tree(), view);
  RETURN_IF_ERROR(files.ForEach(root, visit));
  std::sort_heap(heap.begin(), heap.end(), younger);
  return heap;
}

// Drops those of `sequences` that are still there.
Result<ThinReport> DropSequences(Engine& engine, FileId file,
                                 const std::vector<std::uint64_t>& sequences) {
  auto choose = [&](const std::vector<VersionRow>& rows) {
    std::vector<std::size_t> victims;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (std::find(sequences.begin(), sequences.end(), rows[i].sequence) != sequences.end() &&
          rows[i].version.label().empty())
        victims.push_back(i);
    }
    return victims;
  };
  return DropFrom(engine, file, choose);
}

}  // namespace

Result<ThinReport> ThinStep(Engine& engine, const Keeping& keeping, ThinCursor& cursor,
                            std::size_t limit, bool dry_run) {
  ThinReport report;
  const auto view = engine.kv().Published();
  std::map<FileId, std::vector<VersionRow>> files;
  std::string last;
  bool stopped = false;
  auto visit = [&](std::string_view key, std::string_view value) {
    const FileId file{key.size() == 16 ? ReadBig64(key) : 0};
    // A file's versions are looked at together.
    if (report.examined >= limit && !files.empty() && files.rbegin()->first != file) {
      stopped = true;
      return false;
    }
    VersionRow row;
    last = key;
    ++report.examined;
    // A damaged row is fsck's to report: the versions of all others are thinned all the same.
    if (key.size() != 16 || !storage::ParseInto(value, row.version)) return true;
    row.sequence = ReadBig64(key.substr(8));
    files[file].push_back(std::move(row));
    return true;
  };
  RETURN_IF_ERROR(view->Scan(Table::kVersions, {}, cursor.after, visit));
  cursor.after = stopped ? last : std::string();  // whatever happens, the next step goes on
  const Retention retention = keeping.retention();
  const std::int64_t now = engine.clock().NowSeconds();
  for (const auto& [file, rows] : files) {
    const auto done = ThinFile(engine, file, rows, retention, now, dry_run);
    if (done.has_value()) {
      Add(report, *done);
    } else if (Is(done.error(), ErrorCode::kCorruption)) {
      log::error("versions of node {}: {}", Raw(file), done.error().message);
    } else {
      return done.error();
    }
  }
  return report;
}

Result<ThinReport> ThinSpace(Engine& engine, const Keeping& keeping, SpaceId id, bool dry_run) {
  ThinReport report;
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(const SpaceState state, Load(engine.tree(), *view, id));
  const Retention retention = keeping.retention();
  const std::int64_t now = engine.clock().NowSeconds();
  auto visit = [&](const Entry& entry) -> Result<bool> {
    ASSIGN_OR_RETURN(const auto rows, ReadVersions(*view, entry.id()));
    report.examined += rows.size();
    ASSIGN_OR_RETURN(const ThinReport done,
                     ThinFile(engine, entry.id(), rows, retention, now, dry_run));
    Add(report, done);
    return true;
  };
  VersionedFiles files(engine.tree(), *view);
  RETURN_IF_ERROR(files.ForEach(FileId{state.root.id()}, visit));
  return report;
}

Result<ThinReport> MakeRoomStep(Engine& engine, const Keeping& keeping, SpaceId id,
                                std::size_t limit, bool dry_run) {
  ThinReport report;
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(const SpaceState state, Load(engine.tree(), *view, id));
  const std::uint64_t bytes = state.root.below().version_bytes();
  const Room room = keeping.RoomIn(state.space, state.root.below().bytes());
  const Retention retention = keeping.retention();
  if (!NeedsSpace(bytes, room, retention)) return report;
  ASSIGN_OR_RETURN(const auto oldest, Oldest(engine, *view, FileId{state.root.id()}, limit));
  std::vector<Kept> kept;
  kept.reserve(oldest.size());
  for (const Candidate& candidate : oldest) kept.push_back(candidate.kept);
  std::map<FileId, std::vector<std::uint64_t>> victims;
  for (const std::size_t i :
       PickForSpace(kept, bytes, room, retention, engine.clock().NowSeconds())) {
    victims[oldest[i].file].push_back(oldest[i].sequence);
    if (dry_run) Add(report, {.files = 0, .versions = 1, .bytes = oldest[i].kept.bytes});
  }
  if (dry_run) {
    report.files = victims.size();
    return report;
  }
  for (const auto& [file, sequences] : victims) {
    ASSIGN_OR_RETURN(const ThinReport done, DropSequences(engine, file, sequences));
    Add(report, done);
  }
  if (report.versions > 0) {
    log::info(
        "versions of space {}: {} versions of {} files, {} bytes, are purged: the space is "
        "needed",
        Raw(id), report.versions, report.files, report.bytes);
  }
  return report;
}

Result<ThinReport> CleanUpStep(Engine& engine, SpaceId id, std::size_t limit) {
  ThinReport report;
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(const SpaceState state, Load(engine.tree(), *view, id));
  std::vector<FileId> files;
  auto visit = [&](const Entry& entry) -> Result<bool> {
    files.push_back(entry.id());
    return files.size() < limit;
  };
  VersionedFiles versioned(engine.tree(), *view);
  RETURN_IF_ERROR(versioned.ForEach(FileId{state.root.id()}, visit));
  for (const FileId file : files) {
    auto all = [](const std::vector<VersionRow>& rows) {
      std::vector<std::size_t> every(rows.size());
      for (std::size_t i = 0; i < every.size(); ++i) every[i] = i;
      return every;
    };
    ASSIGN_OR_RETURN(const ThinReport done, DropFrom(engine, file, all));
    Add(report, done);
  }
  return report;
}

}  // namespace cairn::versions
