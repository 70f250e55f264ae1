#include "shares/mounts.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "base/hash.h"
#include "shares/mount_names.h"
#include "shares/rights.h"
#include "shares/share_rows.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::Chain;
using storage::Etag;
using storage::KvView;
using storage::Table;
using storage::TreePath;
namespace keys = storage::keys;

namespace {

auto PlaceOf(const Mount& mount) { return std::tie(mount.parent, mount.key); }

// One reading of a user's mounts.
class Reading {
 public:
  Reading(const KvView& view, UserId user, FileId root, std::int64_t now)
      : view_(view), user_(user), root_(root), now_(now) {}

  Result<void> Run() {
    ASSIGN_OR_RETURN(auto received, SharesFor(view_, user_));
    // What the user has put somewhere himself names the mount, before what only stands at its
    // default place.
    std::stable_sort(received.begin(), received.end(), [](const Received& a, const Received& b) {
      return a.state.has_value() > b.state.has_value();
    });
    for (Received& one : received) {
      by_setting = by_setting || !one.state;
      if (one.acceptance != storage::SHARE_ACCEPTED) continue;
      if (const std::int64_t end = one.share.expires(); end != 0) {
        if (end <= now_) continue;
        until = until == 0 ? end : std::min(until, end);
      }
      RETURN_IF_ERROR(Take(std::move(one)));
    }
    std::sort(mounts.all.begin(), mounts.all.end(),
              [](const Mount& a, const Mount& b) { return PlaceOf(a) < PlaceOf(b); });
    return {};
  }

  Mounts mounts;
  std::int64_t until = 0;
  bool lasting = true;      // false: depends on where a folder of the user's own is
  bool by_setting = false;  // depends on whether he wants to be asked

 private:
  Result<void> Take(Received one) {
    const auto known = by_node_.find(one.share.node());
    if (known != by_node_.end()) {
      mounts.all[known->second].shares.push_back(std::move(one.share));
      return {};
    }
    Mount mount;
    mount.parent = root_;
    mount.above = {root_};
    mount.node = FileId{one.share.node()};
    if (one.state && one.state->parent() != 0)
      RETURN_IF_ERROR(Place(FileId{one.state->parent()}, mount));
    const std::string name =
        one.state && !one.state->name().empty() ? one.state->name() : one.share.name();
    RETURN_IF_ERROR(Call(name, mount));
    by_node_.emplace(one.share.node(), mounts.all.size());
    mount.shares.push_back(std::move(one.share));
    taken_.insert({mount.parent, mount.key});
    mounts.all.push_back(std::move(mount));
    return {};
  }

  // In the folder that the user has chosen, or in his root when that is gone.
  Result<void> Place(FileId folder, Mount& mount) {
    lasting = false;
    auto chain = storage::ChainTo(view_, folder);
    if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return {};
    RETURN_IF_ERROR(chain);
    const bool own = chain->root().id() == root_ && chain->leaf().is_collection();
    if (!own) return {};
    mount.parent = folder;
    mount.above.clear();
    for (const storage::Entry& entry : chain->entries) mount.above.push_back(entry.id());
    return {};
  }

  Result<void> Call(const std::string& wanted, Mount& mount) {
    const auto taken = [&](const std::string& key) -> Result<bool> {
      if (taken_.contains({mount.parent, key})) return true;
      ASSIGN_OR_RETURN(const auto row, view_.Get(Table::kEntries, keys::Entry(mount.parent, key)));
      return row.has_value();
    };
    ASSIGN_OR_RETURN(FreeName free, FindFreeName(wanted, taken));
    mount.name = std::move(free.name);
    mount.key = std::move(free.key);
    return {};
  }

  const KvView& view_;
  const UserId user_;
  const FileId root_;
  const std::int64_t now_;
  std::map<std::uint64_t, std::size_t> by_node_;
  std::set<std::pair<FileId, std::string>> taken_;
};

// nullopt: it is not there, or shows nothing.
Result<std::optional<LiveMount>> Live(const KvView& view, UserId user, const Mount& mount,
                                      std::int64_t now) {
  auto chain = storage::ChainTo(view, mount.node);
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound))
    return std::optional<LiveMount>();
  RETURN_IF_ERROR(chain);
  // His own: what a group that he is in got from somebody else.
  if (chain->root().id() == mount.above.front()) return std::optional<LiveMount>();
  LiveMount live{&mount, std::move(*chain), 0};
  live.chain.start = live.chain.depth();
  ASSIGN_OR_RETURN(live.rights, SharedRights(view, user, live.chain, live.chain.start, now));
  if (!storage::Allows(live.rights, storage::Permission::kRead)) return std::optional<LiveMount>();
  return std::optional<LiveMount>(std::move(live));
}

// "a/b/" of a folder of the user's own tree.
std::string NamesOf(const Chain& folder) {
  std::string text;
  for (std::size_t i = 1; i < folder.entries.size(); ++i) text += folder.entries[i].name() + "/";
  return text;
}

void AppendEtag(std::string& text, Etag etag) {
  AppendBig64(text, etag.start);
  AppendBig64(text, etag.count);
}

Etag EtagOf(const std::string& text) {
  const std::string digest = Sha256(text);
  const std::string_view bytes = digest;
  return {ReadBig64(bytes.substr(0, 8)), ReadBig64(bytes.substr(8, 8))};
}

}  // namespace

const Mount* Mounts::Find(FileId parent, std::string_view key) const {
  const auto found = std::lower_bound(
      all.begin(), all.end(), std::tie(parent, key), [](const Mount& mount, const auto& place) {
        return std::tuple<FileId, std::string_view>(mount.parent, mount.key) < place;
      });
  const bool there = found != all.end() && found->parent == parent && found->key == key;
  return there ? &*found : nullptr;
}

const Mount* Mounts::OfNode(FileId node) const {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Mount& mount) { return mount.node == node; });
  return found == all.end() ? nullptr : &*found;
}

std::optional<MountTable::Remembered> MountTable::Recall(const KvView& view, UserId user) const {
  const auto state = view.sharing_state();
  if (!state) return std::nullopt;
  const std::lock_guard lock(mu_);
  const auto found = known_.find(Raw(user));
  if (found == known_.end() || found->second.state != *state) return std::nullopt;
  const std::int64_t until = found->second.until;
  if (until != 0 && until <= clock_.NowSeconds()) return std::nullopt;
  return found->second;
}

std::shared_ptr<const Mounts> MountTable::Known(const KvView& view, UserId user) const {
  const auto found = Recall(view, user);
  if (!found) return nullptr;
  if (!found->asks) return found->mounts;
  if (!view.memory_only()) return nullptr;
  const auto asks = WantsToBeAsked(view, user);
  return asks.has_value() && *asks == *found->asks ? found->mounts : nullptr;
}

Result<std::shared_ptr<const Mounts>> MountTable::Of(const KvView& view, UserId user,
                                                     SpaceId home) const {
  const auto known = Recall(view, user);
  if (known && !known->asks) return known->mounts;
  ASSIGN_OR_RETURN(const bool asks, WantsToBeAsked(view, user));
  if (known && *known->asks == asks) return known->mounts;
  // Before anything is read: what is read may be newer than a state named later.
  const auto state = view.sharing_state();
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(view, Table::kSpaces, keys::Space(home)));
  if (!space) return std::make_shared<const Mounts>();
  Reading reading(view, user, FileId{space->files_root()}, clock_.NowSeconds());
  RETURN_IF_ERROR(reading.Run());
  auto mounts = std::make_shared<const Mounts>(std::move(reading.mounts));
  if (!state || !reading.lasting) return mounts;
  const std::lock_guard lock(mu_);
  if (known_.size() >= kMostUsers) known_.clear();
  Remembered& remembered = known_[Raw(user)];
  if (remembered.mounts == nullptr || remembered.state <= *state)
    remembered = {*state, reading.until, reading.by_setting ? std::optional(asks) : std::nullopt,
                  mounts};
  return mounts;
}

Result<TreePath> Locate(const KvView& view, const Mounts& mounts, SpaceId home,
                        std::vector<std::string> segments, std::int64_t now_seconds) {
  TreePath path{.home = home, .segments = std::move(segments)};
  if (mounts.empty() || path.segments.empty()) return path;
  auto way = storage::FindWay(view, path);
  // Names that cannot be are the tree's to refuse.
  if (way.has_error() && Is(way.error(), ErrorCode::kInvalidName)) return path;
  RETURN_IF_ERROR(way);
  if (way->complete()) return path;
  const std::size_t at = way->found();
  const Mount* mount = mounts.Find(way->chain.leaf().id(), way->keys[at]);
  if (mount == nullptr) return path;
  const bool over = std::all_of(mount->shares.begin(), mount->shares.end(),
                                [&](const auto& share) { return IsOver(share, now_seconds); });
  if (over) return path;
  const auto chain = storage::ChainTo(view, mount->node);
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return path;
  RETURN_IF_ERROR(chain);
  if (!IsLive(*chain) || chain->space() == home) return path;
  path.home = chain->space();
  path.start = mount->node;
  path.mount = NamesOf(way->chain) + mount->name;
  path.segments.erase(path.segments.begin(),
                      path.segments.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  return path;
}

Result<std::vector<LiveMount>> LiveBelow(const KvView& view, UserId user, const Mounts& mounts,
                                         FileId folder, std::int64_t now_seconds) {
  std::vector<LiveMount> live;
  for (const Mount& mount : mounts.all) {
    const bool below =
        std::find(mount.above.begin(), mount.above.end(), folder) != mount.above.end();
    if (!below) continue;
    ASSIGN_OR_RETURN(auto one, Live(view, user, mount, now_seconds));
    if (one) live.push_back(std::move(*one));
  }
  return live;
}

Etag MountedEtag(Etag stored, storage::Permissions rights) {
  std::string text = "mounted ";
  AppendEtag(text, stored);
  AppendBig64(text, rights);
  return EtagOf(text);
}

Etag EtagWithMounts(Etag stored, std::span<const LiveMount> mounts) {
  if (mounts.empty()) return stored;
  std::string text = "mounts ";
  AppendEtag(text, stored);
  for (const LiveMount& live : mounts) {
    const storage::Entry& node = live.chain.leaf();
    AppendBig64(text, Raw(live.mount->parent));
    AppendBig64(text, live.mount->key.size());
    text += live.mount->key;
    AppendBig64(text, Raw(node.id()));
    AppendBig64(text, live.rights);
    AppendEtag(text, node.is_collection() ? MountedEtag(node.etag(), live.rights) : node.etag());
  }
  return EtagOf(text);
}

}  // namespace cairn::shares
