#include "trash/bin.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"
#include "storage/records.h"
#include "storage/space_removal.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"

namespace cairn::trash {
namespace {

using storage::Chain;
using storage::Entry;
using storage::KvTxn;
using storage::KvView;
using storage::Node;
using storage::Permission;
using storage::Table;
using storage::TreeChecks;
using storage::TreeEditor;
using storage::TreePath;
using storage::WriteContext;
using storage::WriteOutcome;
namespace keys = storage::keys;

constexpr std::size_t kStampBytes = 8;  // of a key, see keys::TrashName

Error Missing() { return Fail(ErrorCode::kNotFound, "no such thing in the trash"); }

// "NAME.d<stamp>" to the key of a member; kNotFound: nothing can be named so.
Result<std::string> MemberKey(std::string_view exposed) {
  const std::size_t mark = exposed.rfind(".d");
  if (mark == std::string_view::npos) return Missing();
  const auto stamp = ParseInt(exposed.substr(mark + 2));
  const auto name = Nfc(exposed.substr(0, mark));
  if (!stamp.has_value() || *stamp < 0 || !name.has_value()) return Missing();
  return keys::TrashName(*stamp, *name);
}

Result<Entry> Child(const KvView& view, FileId parent, std::string key) {
  ASSIGN_OR_RETURN(auto node,
                   storage::ReadRecord<Node>(view, Table::kEntries, keys::Entry(parent, key)));
  if (!node.has_value()) return Missing();
  return Entry{.parent = parent, .key = std::move(key), .node = std::move(*node)};
}

struct Place {
  Chain parent;
  std::string name;
  std::string key;
};

// "a (restored).txt", "a (restored 2).txt" …
std::string Numbered(const Node& node, int number) {
  const std::string mark =
      number == 1 ? " (restored)" : " (restored " + std::to_string(number) + ")";
  return storage::WithMark(node.name(), mark, node.collection());
}

Result<Place> FreePlace(const KvView& view, Chain parent, const Node& node) {
  for (int number = 0;; ++number) {
    std::string name = number == 0 ? node.name() : Numbered(node, number);
    ASSIGN_OR_RETURN(std::string key, storage::CheckName(name));
    ASSIGN_OR_RETURN(const auto taken,
                     view.Get(Table::kEntries, keys::Entry(parent.leaf().id(), key)));
    if (!taken.has_value()) return Place{std::move(parent), std::move(name), std::move(key)};
  }
}

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) segments.emplace_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

// The collection that takes the member back.
Result<Chain> OldHome(const storage::FileTree& tree, const KvView& view, SpaceId space,
                      const Chain& chain) {
  const storage::TrashInfo& info = chain.leaf().node.trash();
  TreePath path{.home = space, .segments = {}};
  ASSIGN_OR_RETURN(const storage::Way root, storage::FindWay(view, path));
  if (!chain.leaf().node.has_trash()) return root.chain;
  path.segments = Split(info.path());
  if (!path.segments.empty()) path.segments.pop_back();
  const auto way = storage::FindWay(view, path);
  if (way.has_value() && way->complete() && way->chain.leaf().is_collection()) return way->chain;
  auto by_id = tree.ResolveId(view, FileId{info.parent()});
  if (by_id.has_value() && by_id->space() == space && by_id->leaf().is_collection())
    return std::move(*by_id);
  return root.chain;
}

// Out of the trash, into its place.
Result<WriteOutcome> PutBack(KvTxn& txn, const TreeChecks& checks, TreeEditor& editor,
                             const Chain& chain, Place place) {
  RETURN_IF_ERROR(storage::CheckHeight(txn, chain.leaf().node, place.parent.depth() + 1));
  const std::string old_path = OriginalLocation(chain);
  Node node = chain.leaf().node;
  const std::string old_name = node.name();
  node.clear_trash();
  node.set_name(place.name);
  editor.Detach(chain, 0);
  Chain back = place.parent;
  back.entries.push_back(editor.Add(place.parent, place.key, std::move(node), 0));
  RETURN_IF_ERROR(editor.Record(back.space(), {.type = storage::EventType::kRestored,
                                               .node = back.leaf().node,
                                               .parents = place.parent.entries,
                                               .old_path = old_path,
                                               .new_path = storage::PathText(back),
                                               .old_name = old_name,
                                               .new_name = back.leaf().name()}));
  RETURN_IF_ERROR(editor.Finish());
  WriteOutcome outcome;
  outcome.created = true;
  outcome.permissions = checks.For(back);
  outcome.entry = std::move(back.leaf());
  return outcome;
}

// The chain of what is to leave the trash; the trash itself does not.
Result<Chain> Leaving(const TreeChecks& checks, const KvView& view, const TrashPath& path) {
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Chain chain, Resolve(view, path));
  RETURN_IF_ERROR(checks.Require(chain, Permission::kRead));
  if (chain.depth() == 0) return Fail(ErrorCode::kForbidden, "the trash itself stays");
  RETURN_IF_ERROR(checks.Require(chain, Permission::kDelete));
  RETURN_IF_ERROR(checks.CheckPrecondition(&chain.leaf()));
  return chain;
}

}  // namespace

std::string ExposedName(const Entry& member) {
  const std::uint64_t stamp = member.key.size() >= kStampBytes ? ReadBig64(member.key) : 0;
  return member.name() + ".d" + std::to_string(stamp);
}

std::string OriginalLocation(const Chain& chain) {
  std::string text;
  for (std::size_t i = 1; i < chain.entries.size(); ++i) {
    const Node& node = chain.entries[i].node;
    text += i == 1 ? node.trash().path() : "/" + node.name();
  }
  return text;
}

Result<Chain> Resolve(const KvView& view, const TrashPath& path) {
  Chain chain;
  ASSIGN_OR_RETURN(Entry root, Child(view, FileId{}, keys::RootName(path.space, 't')));
  chain.entries.push_back(std::move(root));
  for (const std::string& segment : path.segments) {
    if (!chain.leaf().is_collection()) return Missing();
    std::string key;
    if (chain.depth() == 0) {
      ASSIGN_OR_RETURN(key, MemberKey(segment));
    } else {
      auto nfc = Nfc(segment);
      if (!nfc.has_value()) return Missing();
      key = std::move(*nfc);
    }
    ASSIGN_OR_RETURN(Entry child, Child(view, chain.leaf().id(), std::move(key)));
    chain.entries.push_back(std::move(child));
  }
  return chain;
}

Result<Chain> ResolveFor(const storage::FileTree& tree, const KvView& view,
                         const storage::Caller& caller, const TrashPath& path) {
  const WriteContext context{.caller = caller};
  const TreeChecks checks(tree.policies(), tree.locks(), view, context);
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Chain chain, Resolve(view, path));
  RETURN_IF_ERROR(checks.Require(chain, Permission::kRead));
  return chain;
}

Result<WriteOutcome> Restore(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TrashPath& path) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const Chain chain, Leaving(checks, txn, path));
  ASSIGN_OR_RETURN(Chain home, OldHome(tree, txn, path.space, chain));
  RETURN_IF_ERROR(checks.Require(home, Permission::kCreate));
  RETURN_IF_ERROR(checks.MembersUnlocked(home));
  RETURN_IF_ERROR(checks.Charge(home, static_cast<std::int64_t>(chain.leaf().recursive_size())));
  ASSIGN_OR_RETURN(Place place, FreePlace(txn, std::move(home), chain.leaf().node));
  TreeEditor editor(tree, txn, context.caller);
  return PutBack(txn, checks, editor, chain, std::move(place));
}

Result<WriteOutcome> MoveOut(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TrashPath& path, const TreePath& to, bool overwrite) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const Chain chain, Leaving(checks, txn, path));
  if (to.is_root()) return Fail(ErrorCode::kForbidden, "the root cannot be overwritten");
  ASSIGN_OR_RETURN(auto found, checks.FindPlace(to, TreeChecks::Parents::kMustExist));
  RETURN_IF_ERROR(checks.Require(found.parent, Permission::kCreate));
  std::uint64_t freed = 0;
  if (found.occupant.has_value()) {
    if (!overwrite) return Fail(ErrorCode::kPreconditionFailed, "the target exists");
    RETURN_IF_ERROR(checks.Require(*found.occupant, Permission::kDelete));
    RETURN_IF_ERROR(checks.TreeUnlocked(*found.occupant));
    freed = found.occupant->leaf().recursive_size();
  }
  RETURN_IF_ERROR(checks.MembersUnlocked(found.parent));
  RETURN_IF_ERROR(checks.Charge(
      found.parent,
      static_cast<std::int64_t>(chain.leaf().recursive_size()) - static_cast<std::int64_t>(freed)));
  TreeEditor editor(tree, txn, context.caller);
  if (found.occupant.has_value()) {
    ASSIGN_OR_RETURN(const bool outdated, editor.EndLocks(*found.occupant));
    if (outdated) {
      ASSIGN_OR_RETURN(found, checks.FindPlace(to, TreeChecks::Parents::kMustExist));
    }
    RETURN_IF_ERROR(editor.Remove(*found.occupant, false));
  }
  const bool replaces = found.occupant.has_value();
  ASSIGN_OR_RETURN(WriteOutcome outcome,
                   PutBack(txn, checks, editor, chain,
                           {std::move(found.parent), to.segments.back(), found.keys.back()}));
  outcome.created = !replaces;
  return outcome;
}

Result<void> Purge(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                   const TrashPath& path) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const Chain chain, Leaving(checks, txn, path));
  TreeEditor editor(tree, txn, context.caller);
  RETURN_IF_ERROR(editor.Discard(chain));
  return editor.Finish();
}

Result<bool> Empty(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                   SpaceId space) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  RETURN_IF_ERROR(checks.Live());
  const auto chain = Resolve(txn, {.space = space, .segments = {}});
  if (chain.has_error()) {
    if (Is(chain.error(), ErrorCode::kNotFound)) return false;
    return chain.error();
  }
  RETURN_IF_ERROR(checks.Require(*chain, Permission::kDelete));
  return storage::EmptyTrash(tree, txn, space);
}

}  // namespace cairn::trash
