#include "dav/archive_source.h"

#include <algorithm>
#include <utility>

#include "dav/download.h"
#include "dav/locate.h"

namespace cairn::dav {

using storage::Chain;
using storage::Entry;
using storage::KvView;
using storage::Permission;

namespace {

constexpr std::size_t kPage = 256;

// The chain to a node that is live and that the caller may read; nullopt: not any more.
Result<std::optional<Chain>> Readable(Ctx& ctx, const KvView& view, FileId id) {
  storage::FileTree& tree = ctx.services.engine.tree();
  auto chain = tree.ResolveId(view, id);
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return std::optional<Chain>();
  if (chain.has_error()) return std::move(chain).error();
  const auto allowed = tree.policies().access.For(view, ctx.principal.caller, *chain);
  if (!storage::Allows(allowed, Permission::kRead) || (allowed & storage::kWithheld) != 0)
    return std::optional<Chain>();
  return std::optional<Chain>(std::move(*chain));
}

}  // namespace

Result<ArchiveSource> ArchiveSource::Open(Ctx& ctx, const std::vector<std::string>& names) {
  ArchiveSource source(ctx);
  const auto view = ctx.kv().Published();
  storage::FileTree& tree = ctx.services.engine.tree();
  const storage::Caller& caller = ctx.principal.caller;
  const storage::TreePath path = ctx.path();
  ASSIGN_OR_RETURN(Chain chain, tree.ResolveFor(*view, caller, path, Permission::kRead));
  RETURN_IF_ERROR(MayHaveBytes(ctx, *view, chain));
  source.folder_ = std::move(chain.leaf());
  if (!source.folder_.is_collection())
    return Fail(ErrorCode::kNotACollection, "archives are made of folders");
  Level top;
  top.folder = source.folder_.id();
  top.more = false;
  if (names.empty()) {
    // One member: the folder itself. Its home has no name of its own.
    if (path.is_root()) {
      top.more = true;
    } else {
      top.page.push_back(source.folder_);
    }
  }
  for (const std::string& name : names) {
    storage::TreePath member = path;
    member.segments.push_back(name);
    if (!ctx.in_mount()) {
      ASSIGN_OR_RETURN(member, LocateOn(*view, ctx.services, ctx.principal, member.segments));
    }
    auto found = tree.ResolveFor(*view, caller, member, Permission::kRead);
    if (found.has_error() && Is(found.error(), ErrorCode::kInvalidName))
      return Fail(ErrorCode::kNotFound, "no such member: its name cannot exist");
    if (found.has_error()) return std::move(found).error();
    if (member.is_mount()) found->leaf().node.set_name(name);  // as he sees it
    const auto same = [&](const Entry& entry) { return entry.id() == found->leaf().id(); };
    if (std::none_of(top.page.begin(), top.page.end(), same))
      top.page.push_back(std::move(found->leaf()));
  }
  source.levels_.push_back(std::move(top));
  return source;
}

// False: the level has no more members.
Result<bool> ArchiveSource::Fill(Level& level) {
  if (level.next < level.page.size()) return true;
  if (!level.more) return false;
  const auto view = ctx_->kv().Published();
  RETURN_IF_ERROR(
      ctx_->services.engine.tree().policies().access.CheckLive(*view, ctx_->principal.caller));
  ASSIGN_OR_RETURN(auto page,
                   ctx_->services.engine.tree().List(*view, level.folder, level.after, kPage));
  level.page = std::move(page.entries);
  level.next = 0;
  level.more = page.more;
  if (!level.page.empty()) level.after = level.page.back().key;
  if (!level.more) RETURN_IF_ERROR(AddMounts(*view, level));
  return !level.page.empty();
}

Result<void> ArchiveSource::AddMounts(const KvView& view, Level& level) const {
  ASSIGN_OR_RETURN(const auto mounts, MountsOf(view, *ctx_));
  for (const shares::Mount& mount : mounts->all) {
    if (mount.parent != level.folder) continue;
    ASSIGN_OR_RETURN(auto chain, Readable(*ctx_, view, mount.node));
    if (!chain) continue;
    chain->leaf().node.set_name(mount.name);
    level.page.push_back(std::move(chain->leaf()));
  }
  return {};
}

Result<std::optional<ArchiveMember>> ArchiveSource::MemberOf(const Entry& listed,
                                                             const Level& level) {
  const auto view = ctx_->kv().Published();
  ASSIGN_OR_RETURN(const auto chain, Readable(*ctx_, *view, listed.id()));
  if (!chain) return std::optional<ArchiveMember>();
  const Entry& entry = chain->leaf();
  ArchiveMember member;
  member.path = level.prefix + listed.name() + (entry.is_collection() ? "/" : "");
  member.mtime = std::max<std::int64_t>(1, entry.node.mtime());
  if (entry.is_collection()) return std::optional(std::move(member));
  ContentId content;
  if (!entry.node.content().empty()) {
    const auto id = ContentId::FromBytes(entry.node.content());
    if (!id) return Fail(ErrorCode::kCorruption, "a node names no content");
    content = *id;
  }
  ASSIGN_OR_RETURN(member.reader, ctx_->services.engine.contents().Open(*view, content));
  return std::optional(std::move(member));
}

Result<std::optional<ArchiveMember>> ArchiveSource::Next() {
  while (!levels_.empty()) {
    Level& level = levels_.back();
    ASSIGN_OR_RETURN(const bool has_one, Fill(level));
    if (!has_one) {
      levels_.pop_back();
      continue;
    }
    const Entry& listed = level.page[level.next++];
    ASSIGN_OR_RETURN(auto member, MemberOf(listed, level));
    if (!member) continue;
    if (!member->reader) {
      Level below;
      below.folder = listed.id();
      below.prefix = member->path;
      levels_.push_back(std::move(below));  // `level` and `listed` are gone
    }
    return std::optional(std::move(*member));
  }
  return std::optional<ArchiveMember>();
}

}  // namespace cairn::dav
