#include "dav/propfind_writer.h"

#include <algorithm>

namespace cairn::dav {
namespace {

constexpr std::string_view kOk = "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>";
constexpr std::string_view kNotFound =
    "</d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>";
// RFC 4918 wants at least one propstat; this is the recorded one when there is nothing to say.
constexpr std::string_view kNothing =
    "<d:propstat><d:prop/><d:status>HTTP/1.1 418 I'm a teapot</d:status></d:propstat>";

bool HasRows(const storage::Entry& entry) {
  return (entry.node.flags() & storage::kHasProperties) != 0;
}

bool AppliesTo(const PropertyRow& row, const PropContext& context) {
  if (context.scope.by_link && (row.applies & kUsersOnly) != 0) return false;
  return (row.applies & (context.entry.is_collection() ? kFolders : kFiles)) != 0;
}

const storage::StoredProperty* FindDead(std::span<const storage::StoredProperty> dead,
                                        const XmlName& name) {
  for (const storage::StoredProperty& property : dead) {
    if (property.name.name == name.local && property.name.ns == name.ns) return &property;
  }
  return nullptr;
}

}  // namespace

void ShowInMount(ListedEntry& listed, const shares::Mount& mount, const SharedFrom& shared,
                 bool top) {
  listed.belonging = top ? Belonging::kMount : Belonging::kShared;
  listed.shared = &shared;
  if (top) listed.name = mount.name;
  if (listed.entry.is_collection())
    listed.etag = shares::MountedEtag(listed.entry.etag(), listed.permissions);
}

void ShowMounts(ListedEntry& listed, std::span<const shares::LiveMount> mounts) {
  const FileId folder = listed.entry.id();
  std::vector<shares::LiveMount> below;
  for (const shares::LiveMount& live : mounts) {
    const auto& above = live.mount->above;
    if (std::find(above.begin(), above.end(), folder) == above.end()) continue;
    below.push_back(live);
    listed.mounted_bytes += live.chain.leaf().recursive_size();
  }
  if (!below.empty()) listed.etag = shares::EtagWithMounts(listed.entry.etag(), below);
}

PropfindWriter::PropfindWriter(const Ctx& ctx, PropertySet& set, const storage::KvView& view)
    : ctx_(ctx), set_(set), view_(view), scope_{ctx.services.engine, ctx.principal} {
  scope_.by_link = ctx.link.has_value();
}

Result<void> PropfindWriter::Prepare(bool collections) {
  scope_.now = ctx_.services.engine.clock().NowSeconds();
  // Who cannot write learns nothing of what its owner has.
  const bool asks = !ctx_.link || shares::Writes(ctx_.link->rights);
  if (asks && collections && (set_.needs & kNeedsQuota) != 0) {
    ASSIGN_OR_RETURN(const quota::FreeSpace free,
                     ctx_.services.quota.FreeBytes(view_, ctx_.path().home));
    scope_.quota_available = free.ForClients();
  }
  return {};
}

Result<std::vector<bool>> PropfindWriter::Favorites(std::span<const storage::Entry> entries) const {
  std::vector<bool> favorites(entries.size());
  if ((set_.needs & kNeedsFavorites) == 0 || ctx_.link) return favorites;
  std::vector<FileId> ids;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!HasRows(entries[i])) continue;
    ids.push_back(entries[i].id());
    places.push_back(i);
  }
  if (ids.empty()) return favorites;
  ASSIGN_OR_RETURN(const auto found,
                   storage::ReadFavorites(view_, ctx_.principal.caller.user, ids));
  for (std::size_t i = 0; i < places.size(); ++i) favorites[places[i]] = found[i];
  return favorites;
}

// The owner sees all, everybody else what he has made himself.
Result<std::vector<Sharee>> PropfindWriter::ShareesOf(const ListedEntry& listed) const {
  std::vector<Sharee> sharees;
  ASSIGN_OR_RETURN(const auto found, shares::SharesOn(view_, listed.entry.id()));
  for (const storage::Share& share : found) {
    const bool seen =
        listed.shared == nullptr || UserId{share.sharer()} == ctx_.principal.caller.user;
    if (!seen || shares::IsOver(share, scope_.now)) continue;
    Sharee sharee{share.group(), share.group(), share.type()};
    if (shares::TypeOf(share) == shares::ShareType::kUser) {
      ASSIGN_OR_RETURN(const auto user, ctx_.services.users.Find(view_, UserId{share.recipient()}));
      if (!user) continue;
      sharee.id = user->name();
      sharee.display_name = user->display_name().empty() ? user->name() : user->display_name();
    }
    sharees.push_back(std::move(sharee));
  }
  return sharees;
}

Result<SharedFrom> PropfindWriter::SharedFromOf(const storage::Chain& chain,
                                                const shares::Mount& mount) const {
  SharedFrom from;
  ASSIGN_OR_RETURN(const auto space, ctx_.services.engine.tree().FindSpace(view_, chain.space()));
  if (!space) return Fail(ErrorCode::kCorruption, "a root without its space");
  ASSIGN_OR_RETURN(const auto owner, ctx_.services.users.Find(view_, UserId{space->owner()}));
  if (owner) {
    from.owner_id = owner->name();
    from.owner_name = owner->display_name().empty() ? owner->name() : owner->display_name();
  }
  from.hide_download = mount.shares.front().hide_download();
  from.note = mount.shares.front().note();
  from.attributes = mount.shares.front().attributes();
  return from;
}

void PropfindWriter::AppendFound(std::string& out, const WantedProperty& wanted,
                                 const PropContext& context) {
  const auto before = out.size();
  if (wanted.row == nullptr) {
    const auto* property = FindDead(context.dead, wanted.name);
    if (property == nullptr) return missing_.push_back(&wanted);
    out += wanted.open;
    if (property->value.xml()) {
      out += property->value.value();
    } else {
      AppendEscaped(out, property->value.value());
    }
    out += wanted.close;
    return;
  }
  if (!AppliesTo(*wanted.row, context)) return missing_.push_back(&wanted);
  out += wanted.open;
  const auto content = out.size();
  if (!wanted.row->append(out, context)) {
    out.resize(before);
    return missing_.push_back(&wanted);
  }
  const bool empty = out.size() == content;
  if (set_.names_only || (empty && wanted.row->form == Form::kElements)) {
    out.resize(before);
    out += wanted.empty;
  } else {
    out += wanted.close;
  }
}

void PropfindWriter::AppendMissing(std::string& out) const {
  out += "<d:propstat><d:prop>";
  for (const WantedProperty* wanted : missing_) out += wanted->empty;
  out += kNotFound;
}

Result<void> PropfindWriter::Append(std::string& out, const ListedEntry& listed) {
  const storage::Entry& entry = listed.entry;
  std::vector<storage::StoredProperty> dead;
  if ((set_.needs & kNeedsDead) != 0 && HasRows(entry)) {
    ASSIGN_OR_RETURN(dead, storage::ReadProperties(view_, entry.id()));
  }
  std::vector<ShownLock> locks;
  if (needs_locks()) {
    if ((entry.node.flags() & storage::kHasLocks) != 0) {
      ASSIGN_OR_RETURN(auto held, ctx_.services.engine.locks().On(view_, entry.id()));
      for (storage::HeldLock& lock : held)
        locks.push_back({std::move(lock), std::string(listed.href)});
    }
    locks.insert(locks.end(), listed.inherited.begin(), listed.inherited.end());
  }
  std::vector<Sharee> sharees;
  if ((set_.needs & kNeedsShares) != 0 && !ctx_.link &&
      (entry.node.flags() & storage::kHasShares) != 0) {
    ASSIGN_OR_RETURN(sharees, ShareesOf(listed));
  }
  const PropContext context{.scope = scope_,
                            .entry = entry,
                            .name = listed.name.value_or(entry.name()),
                            .etag = listed.etag.value_or(entry.etag()),
                            .size = entry.recursive_size() + listed.mounted_bytes,
                            .permissions = listed.permissions,
                            .belonging = listed.belonging,
                            .shared = listed.shared,
                            .home_root = listed.home_root,
                            .listed_folder = listed.listed_folder,
                            .favorite = listed.favorite,
                            .dead = dead,
                            .locks = locks,
                            .sharees = sharees};

  out += "<d:response><d:href>";
  AppendEscaped(out, listed.href);
  out += "</d:href>";
  missing_.clear();
  constexpr std::string_view kOpen = "<d:propstat><d:prop>";
  out += kOpen;
  const auto start = out.size();
  for (const WantedProperty& wanted : *set_.wanted) AppendFound(out, wanted, context);
  if (set_.names_only) {
    for (const storage::StoredProperty& property : dead) {
      if (FindProperty(property.name.ns, property.name.name) == nullptr) {
        set_.names.Empty(out, {property.name.ns, property.name.name});
      }
    }
  }
  const bool found = out.size() > start;
  if (found) {
    out += kOk;
  } else {
    out.resize(start - kOpen.size());
  }
  if (!missing_.empty() && !set_.skip_missing) {
    AppendMissing(out);
  } else if (!found) {
    out += kNothing;
  }
  out += "</d:response>";
  return {};
}

}  // namespace cairn::dav
