#include "trash/expiry.h"

#include <utility>

#include "base/log.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "storage/tree_editor.h"
#include "trash/bin.h"

namespace cairn::trash {
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

constexpr std::size_t kPerCommit = 50;

std::uint64_t BytesOf(const Node& node) {
  const std::uint64_t files = node.collection() ? node.below().bytes() : node.size();
  return files + node.below().version_bytes();
}

// What the rule asks of a space.
struct State {
  Room room;
  std::optional<Chain> root;  // of the trash; nullopt: it was never used
  std::uint64_t bytes = 0;    // in the trash, with versions
};

Result<State> StateOf(const storage::FileTree& tree, const KvView& view, const Keeping& keeping,
                      SpaceId id) {
  State state;
  ASSIGN_OR_RETURN(const Chain files, tree.Resolve(view, {.home = id, .segments = {}}));
  ASSIGN_OR_RETURN(const auto space, tree.FindSpace(view, id));
  if (!space.has_value()) return Fail(ErrorCode::kCorruption, "a root without its space");
  state.room = keeping.RoomIn(*space, files.root().node.below().bytes());
  auto root = Resolve(view, {.space = id, .segments = {}});
  if (root.has_error() && !Is(root.error(), ErrorCode::kNotFound)) return root.error();
  if (root.has_value()) {
    state.bytes = BytesOf(root->leaf().node);
    state.root = std::move(*root);
  }
  return state;
}

struct Found {
  std::vector<Entry> entries;  // oldest first
  std::vector<Victim> victims;
};

Result<Found> Look(Engine& engine, const Keeping& keeping, SpaceId space, std::size_t limit) {
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(const State state, StateOf(engine.tree(), *view, keeping, space));
  Found found;
  if (!state.root.has_value()) return found;
  ASSIGN_OR_RETURN(storage::Page page,
                   engine.tree().List(*view, state.root->leaf().id(), {}, limit));
  std::vector<Item> items;
  items.reserve(page.entries.size());
  for (const Entry& entry : page.entries)
    items.push_back({.deleted_at = entry.node.trash().deleted(), .bytes = BytesOf(entry.node)});
  found.victims = PickVictims(items, !page.more, state.bytes, state.room, keeping.retention(),
                              engine.clock().NowSeconds());
  found.entries = std::move(page.entries);
  return found;
}

Expired Describe(const Entry& entry, Reason reason) {
  return {.id = entry.id(),
          .name = ExposedName(entry),
          .path = entry.node.trash().path(),
          .deleted_at = entry.node.trash().deleted(),
          .bytes = BytesOf(entry.node),
          .reason = reason};
}

// Whether it is still to go: a restore, a purge or more room may have come first.
bool StillDue(const State& state, const Retention& retention, Reason reason) {
  return reason == Reason::kAge || NeedsExpiry(state.bytes, state.room, retention);
}

}  // namespace

Result<TrashTotals> TotalsOf(const KvView& view, SpaceId space) {
  const auto root = Resolve(view, {.space = space, .segments = {}});
  if (root.has_error()) {
    if (!Is(root.error(), ErrorCode::kNotFound)) return root.error();
    return TrashTotals{};
  }
  const Node& node = root->leaf().node;
  return TrashTotals{.entries = node.direct_files() + node.direct_folders(),
                     .bytes = node.below().bytes(),
                     .version_bytes = node.below().version_bytes()};
}

Result<std::vector<Expired>> FindExpired(Engine& engine, const Keeping& keeping, SpaceId space,
                                         std::size_t limit) {
  ASSIGN_OR_RETURN(const Found found, Look(engine, keeping, space, limit));
  std::vector<Expired> expired;
  expired.reserve(found.victims.size());
  for (const Victim& victim : found.victims)
    expired.push_back(Describe(found.entries[victim.index], victim.reason));
  return expired;
}

Result<std::uint64_t> ExpireStep(Engine& engine, const Keeping& keeping, SpaceId space,
                                 std::size_t limit) {
  ASSIGN_OR_RETURN(const Found found, Look(engine, keeping, space, limit));
  const Retention retention = keeping.retention();
  const storage::Caller nobody;
  std::uint64_t gone = 0;
  for (std::size_t first = 0; first < found.victims.size(); first += kPerCommit) {
    const auto some =
        std::span(found.victims).subspan(first, std::min(kPerCommit, found.victims.size() - first));
    RETURN_IF_ERROR(engine.tree().ReserveIds({.home = space, .segments = {}}));  // a purge root
    auto body = [&](KvTxn& txn) -> Result<std::vector<Expired>> {
      std::vector<Expired> taken;
      ASSIGN_OR_RETURN(State state, StateOf(engine.tree(), txn, keeping, space));
      if (!state.root.has_value()) return taken;
      storage::TreeEditor editor(engine.tree(), txn, nobody);
      for (const Victim& victim : some) {
        const Entry& entry = found.entries[victim.index];
        ASSIGN_OR_RETURN(
            auto node,
            storage::ReadRecord<Node>(txn, Table::kEntries, keys::Entry(entry.parent, entry.key)));
        if (!node.has_value() || FileId{node->id()} != entry.id()) continue;
        if (!StillDue(state, retention, victim.reason)) continue;
        Chain chain = *state.root;
        chain.entries.push_back({.parent = entry.parent, .key = entry.key, .node = *node});
        RETURN_IF_ERROR(editor.Discard(chain));
        state.bytes -= std::min(state.bytes, BytesOf(*node));
        taken.push_back(Describe(chain.leaf(), victim.reason));
      }
      RETURN_IF_ERROR(editor.Finish());
      return taken;
    };
    ASSIGN_OR_RETURN(const auto taken,
                     storage::CommitBlocking(engine.kv(), {storage::SpaceKey(space)}, body));
    for (const Expired& one : taken) {
      log::info("trash of space {}: \"{}\" (node {}, {} bytes, deleted at {}) is purged: {}",
                Raw(space), one.path, Raw(one.id), one.bytes, one.deleted_at,
                one.reason == Reason::kAge ? "too old" : "the space is needed");
    }
    gone += taken.size();
  }
  return gone;
}

}  // namespace cairn::trash
