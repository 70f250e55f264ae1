// What goes into the tree's functions and comes out of them (storage/file_tree.h). Values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/kv_store.h"
#include "storage/node.h"
#include "storage/policies.h"

namespace cairn::storage {

// A path in one space: decoded segments below its root, none for the root itself; or below a node
// of it that is mounted into the caller's view.
struct TreePath {
  SpaceId home{};
  std::vector<std::string> segments;
  FileId start{};          // of the mounted node; 0: the root of `home`
  std::string mount = {};  // where that stands in the caller's own tree: "a/b"
  bool is_root() const { return segments.empty() && start == FileId{}; }
  // The mounted node itself: it can be neither moved nor removed by its path.
  bool is_mount() const { return segments.empty() && start != FileId{}; }
  // "a/b/c", "#17/a/b" below node 17; empty for the root.
  std::string Text() const;
};

// What a name is refused for. kInvalidName with the reason in the message; see the function for the
// rules. Returns the NFC key.
Result<std::string> CheckName(std::string_view name);
// What no node may be named from now on, though one of that name is still found. `key` comes from
// CheckName. kInvalidName.
Result<void> CheckNewName(std::string_view key);

// Another name for what cannot be called `name`: "a (2).txt" for the mark " (2)"; as long as a new
// name may be. A collection's name has no extension.
std::string WithMark(std::string_view name, std::string_view mark, bool collection);

// Decided inside the transaction, on what is there then. `target` is null when nothing is at the
// path.
class Precondition {
 public:
  virtual ~Precondition() = default;
  // kPreconditionFailed when it does not hold.
  virtual Result<void> Check(const KvView& view, const Entry* target) const = 0;
};

// The deepest collection on the way to a path, as a first look found it: the parent of what is to
// be written there, unless that is yet to be made.
struct SeenParent {
  FileId id{};
};

// What every write carries.
struct WriteContext {
  const Caller& caller;
  const Precondition* precondition = nullptr;
  std::span<const std::string> lock_tokens = {};  // submitted in If
  std::uint64_t reserved = 0;  // bytes of the space's reservations that belong to this write
  // kParentMissing when it is gone by now: a write never ends in a folder that took the place of
  // the one it was begun for.
  std::optional<SeenParent> parent = {};
  // The caller's own space: who removes something of another's gets a trash link there, and its key
  // is among those of the write.
  SpaceId home{};
};

struct WriteOutcome {
  Entry entry;           // the node after the change (for Remove: before it)
  bool created = false;  // false: something was there before
  Permissions permissions = 0;
};

struct PutOptions {
  std::optional<std::int64_t> mtime = {};    // seconds; absent = server time
  std::optional<std::int64_t> created = {};  // seconds
  std::string checksums = {};                // as Node.checksums
  bool make_parents = false;                 // X-NC-WebDAV-Auto-Mkcol
  // A content that is known to hold the very bytes that are put: it is not worth a version.
  ContentId same_as = {};
  // Who made the bytes, and their version label, where that is not the caller (a version put back).
  std::optional<UserId> author = {};
  std::optional<std::string> label = {};
};

struct AttributeChange {
  std::optional<std::int64_t> mtime = {};
  std::optional<std::int64_t> created = {};
  std::optional<std::int64_t> uploaded = {};
  std::optional<std::string> checksums = {};
};

struct MoveOptions {
  bool overwrite = true;
};
struct CopyOptions {
  bool overwrite = true;
  bool members = true;  // false: Depth 0, the collection alone
};

// A page of a listing. `more`: call again with the last entry's key as `after`.
struct Page {
  std::vector<Entry> entries;
  bool more = false;
};

}  // namespace cairn::storage
