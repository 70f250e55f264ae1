// /remote.php/dav/trashbin/USER[/trash[/NAME.dTIME[/...]]|/restore]: what a path of the trash
// names.
#pragma once

#include <string>

#include "dav/context.h"
#include "dav/dav_error.h"
#include "dav/preconditions.h"
#include "trash/bin.h"

namespace cairn::dav {

enum class TrashLevel { kHome, kTrash, kMember, kRestore, kNowhere };

inline TrashLevel TrashLevelOf(const Ctx& ctx) {
  if (ctx.segments.empty()) return TrashLevel::kHome;
  if (ctx.segments.front() == "trash")
    return ctx.segments.size() == 1 ? TrashLevel::kTrash : TrashLevel::kMember;
  const bool restore = ctx.segments.front() == "restore" && ctx.segments.size() == 1;
  return restore ? TrashLevel::kRestore : TrashLevel::kNowhere;
}

inline trash::TrashPath TrashPathOf(const Ctx& ctx) {
  trash::TrashPath path{.space = ctx.principal.home, .segments = {}};
  if (ctx.segments.size() > 1) path.segments.assign(ctx.segments.begin() + 1, ctx.segments.end());
  return path;
}

// What a deletion and all that hangs below it shows as etag and time: the TIME in its name.
inline std::string TrashStamp(std::string_view exposed_name) {
  const std::size_t mark = exposed_name.rfind(".d");
  return mark == std::string_view::npos ? std::string()
                                        : std::string(exposed_name.substr(mark + 2));
}

inline ShownState TrashState(const Ctx& ctx) {
  if (ctx.segments.size() < 2) return {};
  ShownState state{TrashStamp(ctx.segments[1])};
  state.mtime = ParseInt(state.etag).value_or(0);
  return state;
}

inline DavError NoSuchDeletion() {
  return {404, "Sabre\\DAV\\Exception\\NotFound", "It is not in the trash bin", {}, {}};
}
inline DavError ForbiddenInTrash(std::string message) {
  return {403, "Sabre\\DAV\\Exception\\Forbidden", std::move(message), {}, {}};
}

}  // namespace cairn::dav
