// The folders and files of others that stand in a user's own tree: his mounts.
//
//   ASSIGN_OR_RETURN(const auto mounts, table.Of(view, user, home));
//   ASSIGN_OR_RETURN(const storage::TreePath path, Locate(tree, view, *mounts, home, segments));
//
// A user share has a row per recipient that says where it stands; a group share has none until a
// member moves, declines or renames it. Several shares of one node are one mount. Mounts stand in a
// user's own tree only, never in another mount.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "storage/file_tree.h"

namespace cairn::shares {

struct Mount {
  FileId parent{};            // a folder of the user's own tree
  std::vector<FileId> above;  // from his root to `parent`, both included
  std::string key;            // NFC of `name`
  std::string name;
  FileId node{};
  std::vector<storage::Share> shares;  // that put it there; the first has named it
};

// All mounts of one user. Immutable.
struct Mounts {
  std::vector<Mount> all;  // by parent, then key

  bool empty() const { return all.empty(); }
  // Null: none stands there.
  const Mount* Find(FileId parent, std::string_view key) const;
  const Mount* OfNode(FileId node) const;
};

// A mount whose node is there and may be seen.
struct LiveMount {
  const Mount* mount = nullptr;
  storage::Chain chain;  // to its node, which chain.start names
  storage::Permissions rights = 0;
};

// Remembers what it has read, as long as nothing has changed that decides what users see of each
// other (KvView::sharing_state): a user without mounts costs no look at the store. Thread-safe.
class MountTable {
 public:
  explicit MountTable(const Clock& clock) : clock_(clock) {}

  // Null: not known without reading. Never blocks.
  std::shared_ptr<const Mounts> Known(const storage::KvView& view, UserId user) const;
  // Blocking.
  Result<std::shared_ptr<const Mounts>> Of(const storage::KvView& view, UserId user,
                                           SpaceId home) const;

 private:
  struct Remembered {
    std::uint64_t state = 0;
    std::int64_t until = 0;         // seconds: when a share of it is over; 0 = none ever is
    std::optional<bool> asks = {};  // WantsToBeAsked, where that has decided anything
    std::shared_ptr<const Mounts> mounts;
  };
  static constexpr std::size_t kMostUsers = 100'000;
  // nullopt: nothing, or of another state.
  std::optional<Remembered> Recall(const storage::KvView& view, UserId user) const;

  const Clock& clock_;
  mutable std::mutex mu_;
  mutable std::unordered_map<std::uint64_t, Remembered> known_;  // guarded by mu_; by user id
};

// Where a path of the user's view leads: into his own tree, which comes first, or into a mount.
// Blocking.
Result<storage::TreePath> Locate(const storage::KvView& view, const Mounts& mounts, SpaceId home,
                                 std::vector<std::string> segments, std::int64_t now_seconds);

// Those of `mounts` at or below a folder of the user's own tree that are there. Blocking.
Result<std::vector<LiveMount>> LiveBelow(const storage::KvView& view, UserId user,
                                         const Mounts& mounts, FileId folder,
                                         std::int64_t now_seconds);

// The etag of a folder inside a mount, for those who have these rights there: of what is stored,
// and of what they may do, as their listings show both. A file's is always the stored one.
storage::Etag MountedEtag(storage::Etag stored, storage::Permissions rights);
// The etag of a folder of the user's own tree with these mounts at or below it.
storage::Etag EtagWithMounts(storage::Etag stored, std::span<const LiveMount> mounts);

}  // namespace cairn::shares
