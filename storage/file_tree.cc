#include "storage/file_tree.h"

#include <algorithm>
#include <utility>

#include "storage/records.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"

namespace cairn::storage {
namespace {

// Reserved beyond what one write needs, so that writers who reserve at the same time do not take
// each other's.
constexpr std::uint64_t kSpareIds = 64;

char LetterOf(RootKind kind) {
  switch (kind) {
    case ROOT_TRASH:
      return 't';
    case ROOT_STAGING:
      return 's';
    case ROOT_PURGE:
      return 'p';
    default:
      return 'f';
  }
}

}  // namespace

std::string TreePath::Text() const {
  std::string text = start == FileId{} ? std::string() : "#" + std::to_string(Raw(start));
  for (const std::string& segment : segments) {
    if (!text.empty()) text += '/';
    text += segment;
  }
  return text;
}

FileTree::FileTree(ContentStore& contents, LockTable& locks, const TreePolicies& policies,
                   IdSource& ids, EtagSource& etags, Clock& clock)
    : contents_(contents),
      locks_(locks),
      policies_(policies),
      ids_(ids),
      etags_(etags),
      clock_(clock) {}

Result<Space> FileTree::CreateSpace(KvTxn& txn, UserId owner, SpaceId id) {
  ASSIGN_OR_RETURN(const auto existing, FindSpace(txn, id));
  if (existing.has_value())
    return Fail(ErrorCode::kAlreadyExists, "space " + std::to_string(Raw(id)));
  ASSIGN_OR_RETURN(const FileId root, MakeRoot(txn, id, ROOT_FILES));
  Space space;
  space.set_id(Raw(id));
  space.set_owner(Raw(owner));
  space.set_files_root(Raw(root));
  space.set_default_quota(true);
  WriteRecord(txn, Table::kSpaces, keys::Space(id), space);
  return space;
}

Result<std::optional<Space>> FileTree::FindSpace(const KvView& view, SpaceId id) const {
  return ReadRecord<Space>(view, Table::kSpaces, keys::Space(id));
}

Result<FileId> FileTree::MakeRoot(KvTxn& txn, SpaceId space, RootKind kind) {
  ASSIGN_OR_RETURN(const std::uint64_t id, ids_.Next());
  const Etag etag = etags_.Next();
  Node node;
  node.set_id(id);
  node.set_collection(true);
  node.set_etag_start(etag.start);
  node.set_etag_count(etag.count);
  node.set_mtime(std::max<std::int64_t>(1, clock_.NowSeconds()));
  node.set_space(Raw(space));
  node.set_root(kind);
  NodePlace place;
  place.set_key(keys::RootName(space, LetterOf(kind)));
  WriteRecord(txn, Table::kEntries, keys::Entry(FileId{}, place.key()), node);
  WriteRecord(txn, Table::kNodes, keys::Node(FileId{id}), place);
  return FileId{id};
}

Result<Chain> FileTree::Resolve(const KvView& view, const TreePath& path) const {
  ASSIGN_OR_RETURN(Way way, FindWay(view, path));
  if (!way.complete()) return Incomplete(way);
  return std::move(way.chain);
}

Result<Chain> FileTree::ResolveFor(const KvView& view, const Caller& caller, const TreePath& path,
                                   Permission needed) const {
  const WriteContext context{.caller = caller};
  const TreeChecks checks(policies_, locks_, view, context);
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Way way, FindWay(view, path));
  if (!way.complete()) {
    // Why it is missing is known only to those who may look.
    RETURN_IF_ERROR(checks.Require(way.chain, Permission::kRead));
    return Incomplete(way);
  }
  RETURN_IF_ERROR(checks.Require(way.chain, needed));
  return std::move(way.chain);
}

Result<Chain> FileTree::ResolvePrefix(const KvView& view, const TreePath& path) const {
  ASSIGN_OR_RETURN(Way way, FindWay(view, path));
  return std::move(way.chain);
}

Result<Chain> FileTree::ResolveId(const KvView& view, FileId id) const {
  ASSIGN_OR_RETURN(Chain chain, ChainOf(view, id));
  if (chain.root().node.root() != ROOT_FILES) {
    return Fail(ErrorCode::kNotFound, "node " + std::to_string(Raw(id)) + " is not live");
  }
  return chain;
}

Result<Chain> FileTree::ChainOf(const KvView& view, FileId id) const { return ChainTo(view, id); }

Result<Page> FileTree::List(const KvView& view, FileId parent, std::string_view after,
                            std::size_t limit) const {
  Page page;
  Result<void> parsed;
  const auto visit = [&](std::string_view key, std::string_view value) {
    if (page.entries.size() == limit) {
      page.more = true;
      return false;
    }
    Entry& entry =
        page.entries.emplace_back(Entry{.parent = parent, .key = std::string(key), .node = {}});
    if (!ParseInto(value, entry.node)) parsed = BadRecord(entry.node);
    return parsed.has_value();
  };
  RETURN_IF_ERROR(view.Scan(Table::kEntries, keys::EntryPrefix(parent), after, visit));
  RETURN_IF_ERROR(std::move(parsed));
  return page;
}

Result<SeenParent> FileTree::CheckPut(const KvView& view, const WriteContext& context,
                                      const TreePath& path, std::uint64_t grows_by,
                                      bool make_parents) const {
  const TreeChecks checks(policies_, locks_, view, context);
  ASSIGN_OR_RETURN(const auto put,
                   checks.CheckPut(path, make_parents ? TreeChecks::Parents::kMayBeMade
                                                      : TreeChecks::Parents::kMustExist));
  const auto bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(grows_by, INT64_MAX));
  const Chain& parent = put.place.parent;
  RETURN_IF_ERROR(checks.Charge(parent, bytes));
  return SeenParent{parent.leaf().id()};
}

Result<SeenParent> FileTree::SeeParent(const KvView& view, const TreePath& path) const {
  ASSIGN_OR_RETURN(const Way way, FindWay(view, path));
  return ParentOn(way);
}

Result<void> FileTree::ReserveIds(const TreePath& path) {
  return ids_.Reserve(path.segments.size() + kSpareIds);
}

bool FileTree::HasIds(const TreePath& path) const {
  return ids_.Has(path.segments.size() + kSpareIds);
}

void FileTree::RewriteQuietly(KvTxn& txn, const Chain& chain, const Node& changed) {
  const Weight weight = WeightOf(changed, 0) - WeightOf(chain.leaf().node, 0);
  WriteRecord(txn, Table::kEntries, keys::Entry(chain.leaf().parent, chain.leaf().key), changed);
  for (const Entry& above : std::span(chain.entries).first(chain.depth())) {
    Node node = above.node;
    AddWeight(*node.mutable_below(), weight);
    WriteRecord(txn, Table::kEntries, keys::Entry(above.parent, above.key), node);
  }
}

Result<void> FileTree::AdjustFlags(KvTxn& txn, const Chain& chain, std::uint32_t set,
                                   std::uint32_t clear, std::int64_t locks_delta, bool touch) {
  Node leaf = chain.leaf().node;
  const std::uint32_t flags = (leaf.flags() & ~clear) | set;
  if (flags != leaf.flags()) {
    leaf.set_flags(flags);
    WriteRecord(txn, Table::kEntries, keys::Entry(chain.leaf().parent, chain.leaf().key), leaf);
  }
  if (locks_delta == 0 && !touch) return {};
  const Etag etag = touch ? etags_.Next() : Etag{};
  Weight weight;
  weight.locks = locks_delta;
  for (std::size_t i = 0; i + 1 < chain.entries.size(); ++i) {
    Node node = chain.entries[i].node;
    AddWeight(*node.mutable_below(), weight);
    if (touch) {
      node.set_etag_start(etag.start);
      node.set_etag_count(etag.count);
      node.set_mtime(std::max<std::int64_t>(1, clock_.NowSeconds()));
    }
    WriteRecord(txn, Table::kEntries, keys::Entry(chain.entries[i].parent, chain.entries[i].key),
                node);
  }
  return {};
}

}  // namespace cairn::storage
