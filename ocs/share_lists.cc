// The shares that somebody has made and those that he was given, of one path or of all.
#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "ocs/share_params.h"
#include "ocs/share_replies.h"
#include "ocs/share_viewer.h"
#include "storage/properties.h"
#include "storage/schema.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;
using shares::SeenShare;
using Seen = std::vector<SeenShare>;

constexpr std::size_t kMembersPerPage = 1000;

bool Flag(const Call& call, std::string_view name) { return IsTrue(Argument(call, name)); }

Result<json::array> TellAll(ShareViewer& viewer, const Seen& seen) {
  json::array list;
  for (const SeenShare& one : seen) {
    ASSIGN_OR_RETURN(auto data, viewer.Tell(one));
    list.push_back(std::move(data));
  }
  return list;
}

// Those on one node that are the viewer's: made by him, and with `all` those of his own files.
Result<Seen> MineOn(const ShareViewer& viewer, FileId node, bool all) {
  ASSIGN_OR_RETURN(auto on_node, shares::SharesOn(viewer.view(), node));
  ASSIGN_OR_RETURN(Seen mine,
                   shares::MineOf(viewer.view(), viewer.user(), std::move(on_node), viewer.now()));
  if (!all) {
    std::erase_if(
        mine, [&](const SeenShare& one) { return UserId{one.share.sharer()} != viewer.user(); });
  }
  return mine;
}

Result<void> AddMineOn(const ShareViewer& viewer, FileId node, Seen& out) {
  ASSIGN_OR_RETURN(Seen mine, MineOn(viewer, node, true));
  std::move(mine.begin(), mine.end(), std::back_inserter(out));
  return {};
}

// Of what is directly in a folder; mounts too.
Result<Seen> MineIn(const Call& call, const ShareViewer& viewer, FileId folder) {
  Seen found;
  std::string after;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(const storage::Page page, call.services.engine.tree().List(
                                                   viewer.view(), folder, after, kMembersPerPage));
    for (const storage::Entry& entry : page.entries) {
      after = entry.key;
      if ((entry.node.flags() & storage::kHasShares) != 0)
        RETURN_IF_ERROR(AddMineOn(viewer, entry.id(), found));
    }
    more = page.more;
  }
  for (const shares::Mount& mount : viewer.mounts().all) {
    if (mount.parent != folder) continue;
    ASSIGN_OR_RETURN(Seen made, MineOn(viewer, mount.node, false));
    // What is his own does not stand here, though a group that he is in has got it.
    std::erase_if(made, [&](const SeenShare& one) { return one.owner == viewer.user(); });
    std::move(made.begin(), made.end(), std::back_inserter(found));
  }
  std::sort(found.begin(), found.end(),
            [](const SeenShare& a, const SeenShare& b) { return a.share.id() < b.share.id(); });
  return found;
}

// Newest first. `others`: with what others have made of the nodes that he shares himself.
Result<Seen> AllMine(const ShareViewer& viewer, bool others) {
  ASSIGN_OR_RETURN(auto made, shares::SharesBy(viewer.view(), viewer.user()));
  Seen all;
  if (others) {
    std::set<std::uint64_t> nodes;
    for (const storage::Share& share : made) nodes.insert(share.node());
    for (const std::uint64_t node : nodes) RETURN_IF_ERROR(AddMineOn(viewer, FileId{node}, all));
  } else {
    ASSIGN_OR_RETURN(all,
                     shares::MineOf(viewer.view(), viewer.user(), std::move(made), viewer.now()));
  }
  return all;
}

Result<Seen> Given(const ShareViewer& viewer, const std::optional<storage::Chain>& node) {
  ASSIGN_OR_RETURN(Seen given, shares::ReceivedAs(viewer.view(), viewer.user(),
                                                  storage::SHARE_ACCEPTED, viewer.now()));
  if (node) {
    std::erase_if(
        given, [&](const SeenShare& one) { return FileId{one.share.node()} != node->leaf().id(); });
  }
  return given;
}

void NewestFirst(Seen& seen) {
  std::sort(seen.begin(), seen.end(),
            [](const SeenShare& a, const SeenShare& b) { return a.share.id() > b.share.id(); });
}

// A favourite is the one tag that files have.
Result<void> AddTags(const ShareViewer& viewer, json::array& list) {
  std::vector<FileId> nodes;
  for (const json::value& item : list)
    nodes.push_back(FileId{item.at("file_source").to_number<std::uint64_t>()});
  ASSIGN_OR_RETURN(const auto favorites,
                   storage::ReadFavorites(viewer.view(), viewer.user(), nodes));
  for (std::size_t i = 0; i < list.size(); ++i) {
    list[i].get_object()["tags"] = favorites[i] ? json::array{"_$!<Favorite>!$_"} : json::array();
  }
  return {};
}

Result<Reply> ListAsAsked(const Call& call) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  const auto path = FindArgument(call, "path");
  std::optional<storage::Chain> node;
  if (path) {
    ASSIGN_OR_RETURN(node, viewer.NodeAt(*path));
    if (!node) return WrongPath();
  }
  Seen seen;
  if (Flag(call, "shared_with_me")) {
    ASSIGN_OR_RETURN(seen, Given(viewer, node));
  } else if (Flag(call, "subfiles")) {
    if (node && !node->leaf().is_collection()) return Reply::Failure(400, "Not a directory");
    ASSIGN_OR_RETURN(seen, MineIn(call, viewer, node ? node->leaf().id() : viewer.root()));
  } else if (node) {
    ASSIGN_OR_RETURN(seen, MineOn(viewer, node->leaf().id(), Flag(call, "reshares")));
  } else {
    ASSIGN_OR_RETURN(seen, AllMine(viewer, Flag(call, "reshares")));
  }
  if (!node) NewestFirst(seen);
  ASSIGN_OR_RETURN(auto list, TellAll(viewer, seen));
  if (Flag(call, "include_tags")) RETURN_IF_ERROR(AddTags(viewer, list));
  return Reply::Of(std::move(list));
}

// Of the folders above a path, as far as the viewer sees them, from below.
Result<Reply> ListFromAbove(const Call& call) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const auto node, viewer.NodeAt(Argument(call, "path")));
  if (!node) return WrongPath();
  json::array list;
  storage::Chain above = *node;
  while (above.depth() > std::max<std::size_t>(node->start, 1)) {
    above.entries.pop_back();
    ASSIGN_OR_RETURN(const auto via, viewer.PathOf(above));
    ASSIGN_OR_RETURN(const Seen seen, MineOn(viewer, above.leaf().id(), true));
    ASSIGN_OR_RETURN(json::array told, TellAll(viewer, seen));
    for (json::value& item : told) {
      json::object& data = item.get_object();
      data["via_fileid"] = Raw(above.leaf().id());
      data["via_path"] = via ? json::value(via->path) : json::value();
      list.push_back(std::move(item));
    }
  }
  return Reply::Of(std::move(list));
}

Result<Reply> ListWaiting(const Call& call) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const Seen seen, shares::ReceivedAs(viewer.view(), viewer.user(),
                                                       storage::SHARE_PENDING, viewer.now()));
  ASSIGN_OR_RETURN(auto list, TellAll(viewer, seen));
  return Reply::Of(std::move(list));
}

// What is told of a share that its recipient has left.
constexpr std::array<std::string_view, 24> kToldOfDeclined{"id",
                                                           "share_type",
                                                           "uid_owner",
                                                           "displayname_owner",
                                                           "permissions",
                                                           "stime",
                                                           "parent",
                                                           "expiration",
                                                           "token",
                                                           "uid_file_owner",
                                                           "displayname_file_owner",
                                                           "path",
                                                           "item_type",
                                                           "mimetype",
                                                           "storage_id",
                                                           "storage",
                                                           "item_source",
                                                           "file_source",
                                                           "file_parent",
                                                           "file_target",
                                                           "item_size",
                                                           "item_mtime",
                                                           "share_with",
                                                           "share_with_displayname"};

Result<Reply> ListLeft(const Call& call) {
  ASSIGN_OR_RETURN(ShareViewer viewer, ShareViewer::Of(call));
  ASSIGN_OR_RETURN(const Seen seen, shares::ReceivedAs(viewer.view(), viewer.user(),
                                                       storage::SHARE_DECLINED, viewer.now()));
  json::array list;
  for (const SeenShare& one : seen) {
    ASSIGN_OR_RETURN(auto whole, viewer.Tell(one));
    whole["id"] = "ocinternal:" + std::to_string(one.share.id());
    json::object data;
    for (const std::string_view key : kToldOfDeclined) data[key] = whole.at(key);
    list.push_back(std::move(data));
  }
  return Reply::Of(std::move(list));
}

}  // namespace

ReplyTask ListShares(Call& call) {
  auto work = [&] { return ListAsAsked(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListInheritedShares(Call& call) {
  auto work = [&] { return ListFromAbove(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListPendingShares(Call& call) {
  auto work = [&] { return ListWaiting(call); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListDeclinedShares(Call& call) {
  auto work = [&] { return ListLeft(call); };
  co_return co_await call.services.pools.read.Run(work);
}

}  // namespace cairn::ocs
