#include "trash/bin.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "base/unicode.h"
#include "storage/records.h"
#include "storage/space_removal.h"
#include "storage/trash_links.h"
#include "storage/tree_checks.h"
#include "storage/tree_editor.h"
#include "storage/tree_height.h"
#include "trash/links.h"

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

// The children that the segments name, one below the other, behind the leaf of `chain`: below a
// member of a trash root.
Result<void> Descend(const KvView& view, Chain& chain, std::span<const std::string> segments) {
  for (const std::string& segment : segments) {
    if (!chain.leaf().is_collection()) return Missing();
    auto key = Nfc(segment);
    if (!key.has_value()) return Missing();
    ASSIGN_OR_RETURN(Entry child, Child(view, chain.leaf().id(), std::move(*key)));
    chain.entries.push_back(std::move(child));
  }
  return {};
}

// What a path names, as it stands in the space of whom it belongs to.
struct Reached {
  Chain chain;
  std::optional<storage::TrashLink> link;  // by which the caller got there
};

Result<Reached> Find(const KvView& view, UserId user, const TrashPath& path) {
  auto own = Resolve(view, path);
  if (own.has_value()) return Reached{std::move(*own), std::nullopt};
  if (!Is(own.error(), ErrorCode::kNotFound) || path.segments.empty()) return own.error();
  ASSIGN_OR_RETURN(const std::string key, MemberKey(path.segments.front()));
  ASSIGN_OR_RETURN(auto linked, storage::FollowLink(view, user, key));
  if (!linked.has_value()) return Missing();
  Reached found{std::move(linked->chain), std::move(linked->link)};
  RETURN_IF_ERROR(Descend(view, found.chain, std::span(path.segments).subspan(1)));
  return found;
}

// Where it may go back to, best first.
Result<std::vector<Chain>> OldHomes(const storage::FileTree& tree, const KvView& view,
                                    const Reached& found) {
  std::vector<Chain> homes;
  const auto add = [&](FileId id) {
    auto chain = tree.ResolveId(view, id);
    if (chain.has_value() && chain->space() == found.chain.space())
      homes.push_back(std::move(*chain));
  };
  TreePath path{.home = found.chain.space(), .segments = {}};
  ASSIGN_OR_RETURN(storage::Way root, storage::FindWay(view, path));
  if (found.chain.leaf().node.has_trash()) {
    const storage::TrashInfo& info = found.chain.leaf().node.trash();
    path.segments = Split(info.path());
    if (!path.segments.empty()) path.segments.pop_back();
    auto way = storage::FindWay(view, path);
    if (way.has_value() && way->complete() && !path.segments.empty())
      homes.push_back(std::move(way->chain));
    add(FileId{info.parent()});
  }
  if (found.link.has_value()) {
    add(FileId{found.link->mount()});
  } else {
    homes.push_back(std::move(root.chain));
  }
  return homes;
}

// The collection that takes the member back.
Result<Chain> OldHome(const storage::FileTree& tree, const KvView& view, const TreeChecks& checks,
                      const Reached& found) {
  ASSIGN_OR_RETURN(auto homes, OldHomes(tree, view, found));
  for (Chain& home : homes) {
    if (!home.leaf().is_collection()) continue;
    // The owner is told why not; others look further.
    if (!found.link.has_value()) RETURN_IF_ERROR(checks.Require(home, Permission::kCreate));
    if (storage::Allows(checks.For(home), Permission::kCreate)) return std::move(home);
  }
  return Fail(ErrorCode::kForbidden, "the caller may not write where it was");
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

// What is to leave the trash; the trash itself does not.
Result<Reached> Leaving(const TreeChecks& checks, const KvView& view, UserId user,
                        const TrashPath& path) {
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Reached found, Find(view, user, path));
  RETURN_IF_ERROR(checks.Require(found.chain, Permission::kRead));
  if (found.chain.depth() == 0) return Fail(ErrorCode::kForbidden, "the trash itself stays");
  if (!found.link.has_value()) RETURN_IF_ERROR(checks.Require(found.chain, Permission::kDelete));
  RETURN_IF_ERROR(checks.CheckPrecondition(&found.chain.leaf()));
  return found;
}

void DropLink(KvTxn& txn, UserId user, const Reached& found) {
  txn.Erase(Table::kTrashLinks, keys::TrashLink(user, storage::LinkKey(found.chain.entries[1])));
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
  if (path.segments.empty()) return chain;
  ASSIGN_OR_RETURN(std::string key, MemberKey(path.segments.front()));
  ASSIGN_OR_RETURN(Entry member, Child(view, chain.leaf().id(), std::move(key)));
  chain.entries.push_back(std::move(member));
  RETURN_IF_ERROR(Descend(view, chain, std::span(path.segments).subspan(1)));
  return chain;
}

Result<Chain> ResolveFor(const storage::FileTree& tree, const KvView& view,
                         const storage::Caller& caller, const TrashPath& path) {
  const WriteContext context{.caller = caller};
  const TreeChecks checks(tree.policies(), tree.locks(), view, context);
  RETURN_IF_ERROR(checks.Live());
  ASSIGN_OR_RETURN(Reached found, Find(view, caller.user, path));
  RETURN_IF_ERROR(checks.Require(found.chain, Permission::kRead));
  if (found.link.has_value()) ShowAsLinked(found.chain, *found.link);
  return std::move(found.chain);
}

Result<SpaceId> SpaceOf(const KvView& view, const storage::Caller& caller, const TrashPath& path) {
  const auto found = Find(view, caller.user, path);
  if (found.has_error() && Is(found.error(), ErrorCode::kNotFound)) return path.space;
  RETURN_IF_ERROR(found);
  return found->chain.space();
}

Result<WriteOutcome> Restore(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TrashPath& path) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const Reached found, Leaving(checks, txn, context.caller.user, path));
  const Chain& chain = found.chain;
  if (found.link.has_value() && chain.space() != path.linked) return Missing();
  ASSIGN_OR_RETURN(Chain home, OldHome(tree, txn, checks, found));
  RETURN_IF_ERROR(checks.MembersUnlocked(home));
  RETURN_IF_ERROR(checks.Charge(home, static_cast<std::int64_t>(chain.leaf().recursive_size())));
  ASSIGN_OR_RETURN(Place place, FreePlace(txn, std::move(home), chain.leaf().node));
  TreeEditor editor(tree, txn, context.caller);
  if (found.link.has_value()) DropLink(txn, context.caller.user, found);
  return PutBack(txn, checks, editor, chain, std::move(place));
}

Result<WriteOutcome> MoveOut(storage::FileTree& tree, KvTxn& txn, const WriteContext& context,
                             const TrashPath& path, const TreePath& to, bool overwrite) {
  const TreeChecks checks(tree.policies(), tree.locks(), txn, context);
  ASSIGN_OR_RETURN(const Reached leaving, Leaving(checks, txn, context.caller.user, path));
  if (leaving.link.has_value()) return Fail(ErrorCode::kForbidden, "it belongs to another");
  const Chain& chain = leaving.chain;
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
  ASSIGN_OR_RETURN(const Reached found, Leaving(checks, txn, context.caller.user, path));
  if (found.link.has_value()) {
    if (found.chain.depth() > 1) return Fail(ErrorCode::kForbidden, "it belongs to another");
    DropLink(txn, context.caller.user, found);
    return {};
  }
  TreeEditor editor(tree, txn, context.caller);
  RETURN_IF_ERROR(editor.Discard(found.chain));
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
