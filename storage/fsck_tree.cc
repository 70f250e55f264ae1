// The walk from every root: entries and their back pointers, names, flags, sizes, and the sums of
// each collection, counted again on the way back up.
#include <algorithm>
#include <utility>

#include "base/unicode.h"
#include "storage/file_tree.h"
#include "storage/fsck_run.h"
#include "storage/tree_height.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kChildrenPerPage = 256;
// Removed trees hang below the purge root, removed homes with their root.
constexpr std::size_t kDepthLimit = kMaxDepth + 2;

std::string SumsText(const Aggregates& sums) {
  return "bytes " + std::to_string(sums.bytes()) + ", version bytes " +
         std::to_string(sums.version_bytes()) + ", files " + std::to_string(sums.files()) +
         ", folders " + std::to_string(sums.folders()) + ", locks " + std::to_string(sums.locks()) +
         ", shares " + std::to_string(sums.shares());
}

bool Equal(const Aggregates& a, const Aggregates& b) {
  return a.bytes() == b.bytes() && a.version_bytes() == b.version_bytes() &&
         a.files() == b.files() && a.folders() == b.folders() && a.locks() == b.locks() &&
         a.shares() == b.shares();
}

void AddTo(Aggregates& sums, const Aggregates& more) {
  sums.set_bytes(sums.bytes() + more.bytes());
  sums.set_version_bytes(sums.version_bytes() + more.version_bytes());
  sums.set_files(sums.files() + more.files());
  sums.set_folders(sums.folders() + more.folders());
  sums.set_locks(sums.locks() + more.locks());
  sums.set_shares(sums.shares() + more.shares());
}

// A node of a page, with what other tables say about it.
struct Child {
  std::string key;
  Node node;
  bool readable = false;
  bool placed = false;  // its back pointer leads here
};

// A collection whose members are being looked at.
struct Level {
  Node node;
  std::string path;
  bool count =
      true;  // staging copies and purged trees are not summed while they are built and taken apart
  std::vector<Child> page;
  std::size_t at = 0;
  std::string after;
  bool ended = false;
  Aggregates sums;
  std::uint64_t direct_files = 0;
  std::uint64_t direct_folders = 0;
  std::uint64_t height = 0;
};

}  // namespace

class TreeWalk {
 public:
  explicit TreeWalk(FsckRun& run) : run_(run) {}

  Result<void> FromRoot(const Row& row) {
    Child root;
    root.key = row.key;
    root.readable = ParseInto(row.value, root.node);
    if (!root.readable || root.node.id() == 0 || !root.node.collection() ||
        root.node.root() == ROOT_NONE) {
      run_.Find(FindingKind::kBadRecord,
                "the root entry " + ToHex(row.key) + " is not that of a root");
      return {};
    }
    ASSIGN_OR_RETURN(root.placed, IsPlaced(FileId{}, root));
    const std::string path = RootText(root.node);
    run_.roots_[FileId{root.node.id()}] = {SpaceId{root.node.space()}, root.node.root()};
    Enter(std::move(root), path, true);
    while (!levels_.empty()) RETURN_IF_ERROR(Step());
    return {};
  }

 private:
  // One member of the deepest collection, or the end of that collection.
  Result<void> Step() {
    Level& level = levels_.back();
    if (level.at == level.page.size() && !level.ended) RETURN_IF_ERROR(NextPage(level));
    if (level.at == level.page.size()) {
      Leave();
      return {};
    }
    Child child = std::move(level.page[level.at++]);
    if (!child.readable) return {};
    level.height = std::max<std::uint64_t>(level.height, 1);
    if (child.node.collection()) {
      ++level.direct_folders;
      level.sums.set_folders(level.sums.folders() + 1);
      const std::string path = level.path + "/" + Printable(child.node.name());
      return Enter(std::move(child), path, level.count), Result<void>();
    }
    ++level.direct_files;
    level.sums.set_files(level.sums.files() + 1);
    level.sums.set_bytes(level.sums.bytes() + child.node.size());
    level.sums.set_version_bytes(level.sums.version_bytes() + child.node.below().version_bytes());
    AddOwn(level.sums, child.node);
    if (child.placed) SeeNode(child.node, level.path + "/" + Printable(child.node.name()));
    return {};
  }

  // What a node itself adds to the sums above it besides its bytes: locks, and that it is shared.
  void AddOwn(Aggregates& sums, const Node& node) const {
    sums.set_locks(sums.locks() + LockRows(node));
    if ((node.flags() & kHasShares) != 0) sums.set_shares(sums.shares() + 1);
  }

  // Goes down into a collection. One whose back pointer leads elsewhere is not entered: each id is
  // entered at most once, so the walk ends whatever the records say.
  void Enter(Child child, const std::string& path, bool count) {
    if (!child.placed || levels_.size() > kDepthLimit) {
      if (child.placed)
        run_.Find(FindingKind::kUnreachableNode,
                  "deeper than " + std::to_string(kDepthLimit) + ": " + path);
      if (!levels_.empty()) {
        AddTo(levels_.back().sums, child.node.below());
        AddOwn(levels_.back().sums, child.node);
      }
      return;
    }
    SeeNode(child.node, path);
    run_.collections_.Add(FileId{child.node.id()});
    Level level;
    level.path = path;
    level.count = count && child.node.root() != ROOT_STAGING && child.node.root() != ROOT_PURGE;
    level.node = std::move(child.node);
    levels_.push_back(std::move(level));
  }

  void Leave() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    const std::string what = level.path + " (" + NodeText(FileId{level.node.id()}) + ")";
    if (level.count && !Equal(level.sums, level.node.below())) {
      run_.Find(FindingKind::kWrongAggregate, what + ": stored " + SumsText(level.node.below()) +
                                                  "; counted " + SumsText(level.sums));
    }
    if (level.count && (level.direct_files != level.node.direct_files() ||
                        level.direct_folders != level.node.direct_folders())) {
      run_.Find(FindingKind::kWrongAggregate,
                what + ": stored " + std::to_string(level.node.direct_files()) + " files and " +
                    std::to_string(level.node.direct_folders()) + " folders in it; counted " +
                    std::to_string(level.direct_files) + " and " +
                    std::to_string(level.direct_folders));
    }
    if (level.count && HeightBound(level.node) < level.height) {
      run_.Find(FindingKind::kWrongAggregate,
                what + ": stored at most " + std::to_string(HeightBound(level.node)) +
                    " levels below; counted " + std::to_string(level.height));
    }
    if (levels_.empty()) return;
    levels_.back().height = std::max(levels_.back().height, level.height + 1);
    Aggregates& above = levels_.back().sums;
    AddTo(above, level.sums);
    AddOwn(above, level.node);
  }

  Result<void> NextPage(Level& level) {
    const FileId parent{level.node.id()};
    ASSIGN_OR_RETURN(auto rows, run_.view_.Page(Table::kEntries, keys::EntryPrefix(parent),
                                                level.after, kChildrenPerPage));
    level.page.clear();
    level.at = 0;
    level.ended = rows.empty();
    if (rows.empty()) return {};
    level.after = rows.back().key;
    level.ended = level.after.empty();  // an entry without a name, and nothing behind it
    std::vector<std::string> ids;
    for (Row& row : rows) {
      Child child{.key = std::move(row.key), .node = {}, .readable = false, .placed = false};
      child.readable = ParseInto(row.value, child.node) && child.node.id() != 0;
      if (!child.readable) {
        run_.Find(FindingKind::kBadRecord,
                  "the entry " + level.path + "/" + Printable(child.key) + " cannot be read");
      }
      ids.push_back(keys::Node(FileId{child.node.id()}));
      level.page.push_back(std::move(child));
    }
    ASSIGN_OR_RETURN(const auto places, run_.view_.MultiGet(Table::kNodes, ids));
    for (std::size_t i = 0; i < level.page.size(); ++i) {
      Child& child = level.page[i];
      if (!child.readable) continue;
      CheckPlace(level, child, places[i]);
      RETURN_IF_ERROR(CheckName(level, child));
    }
    return CheckFiles(level);
  }

  void CheckPlace(const Level& level, Child& child, const std::optional<std::string>& row) {
    NodePlace place;
    const bool there = row && ParseInto(*row, place);
    child.placed = there && place.parent() == level.node.id() && place.key() == child.key;
    if (child.placed) return;
    const std::string what =
        level.path + "/" + Printable(child.node.name()) + " (" + NodeText(FileId{child.node.id()});
    run_.Find(FindingKind::kEntryWithoutNode,
              what + (there ? ") stands elsewhere too: below node " + std::to_string(place.parent())
                            : std::string(") has no back pointer")));
  }

  Result<bool> IsPlaced(FileId parent, const Child& child) {
    ASSIGN_OR_RETURN(const auto place, run_.view_.Record<NodePlace>(
                                           Table::kNodes, keys::Node(FileId{child.node.id()})));
    const bool placed = place && FileId{place->parent()} == parent && place->key() == child.key;
    if (!placed) {
      run_.Find(FindingKind::kEntryWithoutNode,
                "the root " + NodeText(FileId{child.node.id()}) + " has no back pointer");
    }
    return placed;
  }

  // The key is the NFC form of the name: then no two names of one collection are equal in NFC.
  Result<void> CheckName(const Level& level, const Child& child) {
    const std::string what = level.path + "/" + Printable(child.node.name()) + " (" +
                             NodeText(FileId{child.node.id()}) + ")";
    const auto nfc = Nfc(child.node.name());
    if (!level.count) return {};  // staging and purge roots name their members by id
    const bool in_trash = level.node.root() == ROOT_TRASH;
    if (child.node.has_trash() != in_trash) {
      run_.Find(FindingKind::kBadRecord,
                what + (in_trash ? " does not say how it came into the trash"
                                 : " says that it lies in the trash"));
    }
    if (in_trash) return {};  // named by time
    if (!nfc || nfc->empty() || nfc->size() > kMaxNameBytes ||
        child.node.name().size() > kMaxNameBytes) {
      run_.Find(FindingKind::kBadRecord, what + " has an impossible name");
      return {};
    }
    if (*nfc == child.key) return {};
    ASSIGN_OR_RETURN(const auto other,
                     run_.view_.Get(Table::kEntries, keys::Entry(FileId{level.node.id()}, *nfc)));
    run_.Find(other ? FindingKind::kDuplicateName : FindingKind::kBadRecord,
              what + (other ? " has a twin with the same name in NFC"
                            : " stands under a key that is not its name in NFC"));
    return {};
  }

  // Size, content and reference of the files of a page: three batched look-ups.
  Result<void> CheckFiles(const Level& level) {
    std::vector<const Child*> files;
    std::vector<std::string> ids;
    std::vector<std::string> refs;
    for (const Child& child : level.page) {
      if (!child.readable || child.node.collection()) continue;
      const std::string what = level.path + "/" + Printable(child.node.name()) + " (" +
                               NodeText(FileId{child.node.id()}) + ")";
      const auto content = ContentId::FromBytes(child.node.content());
      if (child.node.content().empty() ? child.node.size() != 0 : !content.has_value()) {
        run_.Find(FindingKind::kMissingContent, what + " names no content, but has " +
                                                    std::to_string(child.node.size()) + " bytes");
      }
      if (!content) continue;
      files.push_back(&child);
      ids.push_back(keys::Content(*content));
      refs.push_back(keys::Ref(*content, HolderKind::kNode, keys::Node(FileId{child.node.id()})));
    }
    ASSIGN_OR_RETURN(const auto rows, run_.view_.MultiGet(Table::kContents, ids));
    ASSIGN_OR_RETURN(const auto held, run_.view_.MultiGet(Table::kRefs, refs));
    for (std::size_t i = 0; i < files.size(); ++i)
      CheckFile(level, files[i]->node, rows[i], held[i].has_value());
    return {};
  }

  void CheckFile(const Level& level, const Node& node, const std::optional<std::string>& row,
                 bool held) {
    const std::string what =
        level.path + "/" + Printable(node.name()) + " (" + NodeText(FileId{node.id()}) + ")";
    const std::string content = "content " + ToHex(node.content());
    Content record;
    if (!row || !ParseInto(*row, record)) {
      run_.Find(FindingKind::kMissingContent, what + ": " + content + " does not exist");
      return;
    }
    if (record.size() != node.size()) {
      run_.Find(FindingKind::kWrongSize, what + " says " + std::to_string(node.size()) +
                                             " bytes, its " + content + " " +
                                             std::to_string(record.size()));
    }
    if (!held) {
      run_.Find(FindingKind::kUnreferencedContent,
                what + " uses " + content + " without a reference row");
    }
  }

  // What is asked of every node, once.
  void SeeNode(const Node& node, const std::string& path) {
    const FileId id{node.id()};
    const std::string what = path + " (" + NodeText(id) + ")";
    run_.visited_.Add(id);
    run_.highest_node_ = std::max(run_.highest_node_, node.id());
    ++run_.report_.nodes;
    CheckFlag(node, kHasLocks, LockRows(node) > 0, what, "locks");
    CheckFlag(node, kHasProperties, run_.with_props_.Has(id), what, "properties or favourites");
    // Of what is being built or taken apart nobody asks who shares it.
    if (!levels_.empty() && levels_.back().count)
      CheckFlag(node, kHasShares, run_.shared_.Has(id), what, "shares");
    CheckVersions(node, what);
    if (node.mtime() <= 0) run_.Find(FindingKind::kBadRecord, what + " has no modification time");
    const bool wrong_shape = node.collection()
                                 ? !node.content().empty() || node.size() != 0
                                 : node.direct_files() != 0 || node.direct_folders() != 0 ||
                                       node.below().bytes() != 0 || node.below().files() != 0 ||
                                       node.below().folders() != 0 || node.below().locks() != 0;
    if (wrong_shape) run_.Find(FindingKind::kBadRecord, what + " is neither a file nor a folder");
    if (!levels_.empty() && (node.root() != ROOT_NONE || node.space() != 0)) {
      run_.Find(FindingKind::kBadRecord, what + " claims to be a root");
    }
  }

  void CheckVersions(const Node& node, const std::string& what) {
    const auto found = run_.versions_.find(FileId{node.id()});
    const bool any = found != run_.versions_.end();
    CheckFlag(node, kHasVersions, any, what, "versions");
    if (node.collection()) return;
    const std::uint64_t bytes = any ? found->second.bytes : 0;
    if (node.below().version_bytes() != bytes) {
      run_.Find(FindingKind::kWrongAggregate,
                what + ": stored " + std::to_string(node.below().version_bytes()) +
                    " bytes of versions; counted " + std::to_string(bytes));
    }
    if (any && found->second.last > node.version_seq())
      run_.Find(FindingKind::kBadRecord, what + " has a version that it has not counted");
  }

  void CheckFlag(const Node& node, NodeFlag flag, bool rows, const std::string& what,
                 std::string_view of_what) {
    if (((node.flags() & flag) != 0) == rows) return;
    run_.Find(FindingKind::kWrongFlag, what + (rows ? " has " : " has no ") + std::string(of_what) +
                                           ", its flag says otherwise");
  }

  std::uint64_t LockRows(const Node& node) const {
    const auto found = run_.lock_rows_.find(FileId{node.id()});
    return found == run_.lock_rows_.end() ? 0 : found->second;
  }

  FsckRun& run_;
  std::vector<Level> levels_;
};

Result<void> FsckRun::WalkTree() {
  TableCursor roots(view_, Table::kEntries, keys::EntryPrefix(FileId{}));
  for (;;) {
    ASSIGN_OR_RETURN(const Row* row, roots.Peek());
    if (row == nullptr) return {};
    TreeWalk walk(*this);
    RETURN_IF_ERROR(walk.FromRoot(*row));
    roots.Next();
  }
}

}  // namespace cairn::storage
