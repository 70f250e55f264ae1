// One run of fsck: what its passes know together. Internal to storage/fsck*.cc.
//
// Order of the passes: Attachments (locks, properties, versions, shares), Sessions, Tree, Spaces,
// Nodes, Contents, Blobs. Memory: bits per node id, one page of rows per level of the tree, and
// small maps of locks, sessions, candidates and big files.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "storage/fsck.h"
#include "storage/fsck_view.h"

namespace cairn::storage {

// A set of dense ids: a bit each; a stray huge id costs one page.
class IdSet {
 public:
  void Add(FileId id) { pages_[Raw(id) / kPage].set(Raw(id) % kPage); }
  bool Has(FileId id) const {
    const auto page = pages_.find(Raw(id) / kPage);
    return page != pages_.end() && page->second.test(Raw(id) % kPage);
  }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [number, page] : pages_) {
      for (std::size_t i = 0; i < kPage; ++i) {
        if (page.test(i)) visit(FileId{number * kPage + i});
      }
    }
  }

 private:
  static constexpr std::size_t kPage = 32 * 1024;
  std::map<std::uint64_t, std::bitset<kPage>> pages_;
};

class FsckRun {
 public:
  FsckRun(KvStore& kv, ContentStore& contents, const FsckOptions& options)
      : kv_(kv), contents_(contents), options_(options), view_(kv) {}
  Result<FsckReport> Run();

 private:
  friend class TreeWalk;
  static constexpr std::size_t kMaxFindingsPerKind = 1000;
  static constexpr std::size_t kKinds = static_cast<std::size_t>(FindingKind::kIdAboveBound) + 1;

  void Find(FindingKind kind, std::string what, bool harmless = false);
  void Summarise();

  // fsck_links.cc
  Result<void> CheckLocks();
  Result<void> CheckProperties();
  Result<void> CheckFavorites();
  Result<void> CheckAttachedNodes();
  Result<void> CheckSpaces();
  Result<void> CheckRootsOf(const Space& space);
  Result<void> CheckOwner(const Space& space, bool users_exist);
  Result<void> CheckNodes();
  Result<void> CheckUnreached(FileId id, const NodePlace& place);
  Result<void> CheckEntryParents();
  Result<void> CheckBounds();
  Result<void> CheckBound(std::string_view counter, std::uint64_t highest, bool needed,
                          const std::string& what);
  // "space 1 files:/a/b (node 7)", as far as the way up can be read.
  Result<std::string> PathOf(FileId id);

  // fsck_tree.cc
  Result<void> WalkTree();

  // fsck_versions.cc
  Result<void> CheckVersions();
  Result<void> CheckVersion(FileId file, std::uint64_t sequence, const std::string& row);
  Result<void> CheckVersionedFiles();

  // fsck_shares.cc
  Result<void> CheckShares();
  Result<void> CheckShareIndexes(const Share& share);
  Result<void> CheckShareIndex(Table table);
  Result<void> CheckTrashLinks();
  static bool IsIndexOf(Table table, std::string_view key, const Share& share);

  // fsck_uploads.cc
  Result<void> ReadCandidates();
  Result<void> CheckSessions();
  Result<void> CheckChunks();
  Result<void> CheckChunk(const ContentId& content, const std::string& name, const Chunk& chunk,
                          bool finished);

  // fsck_contents.cc
  struct ContentRows;  // everything that the store says about one content id
  Result<void> CheckContents();
  Result<ContentRows> Gather(const std::string& id, TableCursor& rows, TableCursor& refs,
                             TableCursor& inlines, TableCursor& pages);
  Result<void> CheckContent(const ContentRows& rows);
  Result<void> CheckBytes(const ContentRows& rows, const Content& content);
  Result<void> CheckManifest(const ContentRows& rows, const Content& content);
  Result<void> CheckRef(const ContentId& id, char kind, std::string_view holder);
  // The row of `blob` names `owner` and `length`; says so when not.
  Result<void> CheckBlobRow(const std::string& blob, const ContentId& owner, std::uint64_t length,
                            const std::string& named_by);
  Result<std::string> HoldersOf(const ContentId& id);

  // fsck_blobs.cc
  Result<void> CheckBlobs();
  Result<void> CheckBlob(const BlobId& id, const Blob& row);
  Result<void> CheckBlobOwner(const BlobId& id, const Blob& row);
  Result<void> CheckBlobFiles();
  Result<void> ReadBlob(const BlobId& id, const Blob& row, BlobReader& blob);
  // kYes only when a checksum proves the damage: a disk that cannot be read today may be read
  // tomorrow.
  enum class Repair { kNo, kYes };
  Result<void> Damaged(const BlobId& id, const Blob& row, const std::string& how, Repair repair);
  Result<void> Quarantine(const BlobId& id, Blob row);

  KvStore& kv_;
  ContentStore& contents_;
  const FsckOptions& options_;
  FsckView view_;
  FsckReport report_;
  std::array<std::uint64_t, kKinds> counts_{};

  IdSet visited_;      // nodes that a root leads to
  IdSet collections_;  // those of them that may have members
  IdSet with_props_;
  IdSet shared_;  // nodes that a share names
  std::map<FileId, std::uint64_t> lock_rows_;
  struct Versions {
    std::uint64_t bytes = 0;
    std::uint64_t last = 0;  // highest sequence
    std::set<std::int64_t> stamps;
  };
  std::map<FileId, Versions> versions_;  // by file
  struct RootPlace {
    SpaceId space{};
    RootKind kind = ROOT_NONE;
  };
  std::map<FileId, RootPlace> roots_;
  std::uint64_t highest_node_ = 0;
  std::uint64_t highest_space_ = 0;
  std::uint64_t highest_user_ = 0;
  std::uint64_t highest_share_ = 0;

  struct Session {
    std::string what;
    std::string holder;  // as its reference rows would name it
    std::uint64_t chunks = 0;
    std::uint64_t bytes = 0;
  };
  std::map<ContentId, Session> sessions_;
  std::unordered_set<ContentId> candidate_contents_;
  std::unordered_set<BlobId> candidate_blobs_;
  // Blobs that contents with manifests, or sessions, name and whose rows have not come by.
  std::map<ContentId, std::int64_t> named_parts_;
};

// A name or path for people: control bytes as \xNN.
std::string Printable(std::string_view text);
std::string NodeText(FileId id);         // "node 7"
std::string RootText(const Node& root);  // "space 1 files:"

}  // namespace cairn::storage
