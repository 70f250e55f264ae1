#include "ocs/share_viewer.h"

#include <utility>

#include "auth/groups.h"
#include "http/content_type.h"
#include "ocs/share_params.h"
#include "storage/records.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;
using shares::SeenShare;
using shares::ShareType;
using storage::Permission;
using storage::Permissions;

constexpr Permissions Bit(Permission one) { return static_cast<Permissions>(one); }

// What he may do with the node. To others than its owner the share says that; taking it out of
// one's own tree is always possible.
Permissions ItemPermissions(const SeenShare& seen, bool own, Permissions shared) {
  if (own) {
    return seen.chain.leaf().is_collection() ? storage::kAllPermissions
                                             : storage::kAllPermissions & ~Bit(Permission::kCreate);
  }
  return shared | Bit(Permission::kDelete) | (seen.mine ? Bit(Permission::kUpdate) : 0);
}

json::value TextOrNull(const std::string& text) {
  return text.empty() ? json::value() : json::value(text);
}

std::string MediaType(const storage::Entry& node) {
  return node.is_collection() ? "httpd/unix-directory"
                              : std::string(http::ContentTypeOf(node.name()));
}

}  // namespace

Result<ShareViewer> ShareViewer::Of(const Call& call) {
  ShareViewer viewer(call.services, call.user().caller);
  viewer.base_url_ = BaseUrl(call.services, call.request);
  viewer.view_ = call.services.engine.kv().Published();
  viewer.now_ = call.services.engine.clock().NowSeconds();
  storage::FileTree& tree = call.services.engine.tree();
  RETURN_IF_ERROR(tree.policies().access.CheckLive(*viewer.view_, viewer.caller_));
  ASSIGN_OR_RETURN(const auto user, call.services.users.Find(*viewer.view_, viewer.user()));
  if (!user) return Fail(ErrorCode::kUnauthenticated, "the user is gone");
  viewer.home_ = SpaceId{user->space()};
  ASSIGN_OR_RETURN(const auto space, tree.FindSpace(*viewer.view_, viewer.home_));
  if (!space) return Fail(ErrorCode::kCorruption, "a user without his space");
  viewer.root_ = FileId{space->files_root()};
  ASSIGN_OR_RETURN(viewer.mounts_,
                   call.services.shares.mounts().Of(*viewer.view_, viewer.user(), viewer.home_));
  return viewer;
}

Result<std::optional<storage::Chain>> ShareViewer::NodeAt(std::string_view path) const {
  using Found = std::optional<storage::Chain>;
  auto decoded = http::DecodePath(http::EncodePath("/" + std::string(path)));
  if (decoded.has_error()) return Found();
  auto located = shares::Locate(*view_, *mounts_, home_, std::move(decoded->segments), now_);
  RETURN_IF_ERROR(located);
  auto chain = services_.engine.tree().ResolveFor(*view_, caller_, *located, Permission::kRead);
  if (chain.has_value()) return Found(std::move(*chain));
  switch (chain.error().code) {
    case ErrorCode::kNotFound:
    case ErrorCode::kParentMissing:
    case ErrorCode::kNotACollection:
    case ErrorCode::kInvalidName:
    case ErrorCode::kForbidden:
      return Found();
    default:
      return std::move(chain).error();
  }
}

Result<std::optional<shares::ViewPath>> ShareViewer::PathOf(const storage::Chain& chain) const {
  return shares::ViewPathOf(*view_, *mounts_, home_, chain);
}

Result<const ShareViewer::Person*> ShareViewer::PersonOf(UserId user) {
  const auto [at, added] = people_.try_emplace(user);
  Person& person = at->second;
  if (!added) return &person;
  ASSIGN_OR_RETURN(const auto record, services_.users.Find(*view_, user));
  if (!record) return &person;
  person.name = record->name();
  person.display_name = record->display_name().empty() ? record->name() : record->display_name();
  person.email = record->email();
  return &person;
}

Result<ShareViewer::Place> ShareViewer::PlaceOf(const SeenShare& seen, const Person& owner) const {
  const std::string target = "/" + seen.share.name();
  const Place unseen{
      .path = "/" + seen.chain.leaf().name(), .target = target, .storage = "home::" + owner.name};
  if (!seen.mine && seen.acceptance != storage::SHARE_ACCEPTED) return unseen;
  ASSIGN_OR_RETURN(const auto found, PathOf(seen.chain));
  if (!found) return unseen;
  return Place{.path = found->path,
               .target = seen.mine ? target : found->path,
               .storage = found->is_own() ? unseen.storage : "shared::" + found->mount,
               .mount = !found->is_own(),
               .mount_root = found->is_mount()};
}

Result<void> ShareViewer::TellRecipient(const storage::Share& share, json::object& data) {
  switch (shares::TypeOf(share)) {
    case ShareType::kUser: {
      ASSIGN_OR_RETURN(const Person* person, PersonOf(UserId{share.recipient()}));
      data["share_with"] = person->name;
      data["share_with_displayname"] = person->display_name;
      data["share_with_displayname_unique"] = person->email.empty() ? person->name : person->email;
      break;
    }
    case ShareType::kGroup: {
      const auth::Groups groups(services_.engine.kv());
      ASSIGN_OR_RETURN(const auto group, groups.Find(*view_, share.group()));
      const bool named = group && !group->display_name().empty();
      data["share_with"] = share.group();
      data["share_with_displayname"] = named ? group->display_name() : share.group();
      break;
    }
    case ShareType::kLink: {
      // A text, even an empty one, is a password to desktop clients.
      const json::value password =
          share.password_hash().empty() ? json::value() : json::value("redacted");
      data["share_with"] = password;
      data["share_with_displayname"] = "(Shared link)";
      data["password"] = password;
      data["send_password_by_talk"] = false;
      data["url"] = base_url_ + "/s/" + share.token();
      break;
    }
  }
  return {};
}

Result<json::object> ShareViewer::Tell(const SeenShare& seen) {
  const storage::Share& share = seen.share;
  const storage::Entry& node = seen.chain.leaf();
  ASSIGN_OR_RETURN(const Person* sharer, PersonOf(UserId{share.sharer()}));
  ASSIGN_OR_RETURN(const Person* owner, PersonOf(seen.owner));
  ASSIGN_OR_RETURN(const Place place, PlaceOf(seen, *owner));
  const Permissions shared =
      seen.mine ? share.permissions() : seen.granted & storage::kAllPermissions;
  const bool waits = !seen.mine && seen.acceptance != storage::SHARE_ACCEPTED;
  const bool to_him = shares::TypeOf(share) == ShareType::kUser;

  json::object data;
  data["id"] = std::to_string(share.id());
  data["share_type"] = share.type();
  data["uid_owner"] = sharer->name;
  data["displayname_owner"] = sharer->display_name;
  data["permissions"] = waits ? 0u : shared;
  data["can_edit"] = seen.mine;
  data["can_delete"] = seen.mine || to_him;
  data["stime"] = share.created();
  data["parent"] = nullptr;
  data["expiration"] =
      share.expires() == 0 ? json::value() : json::value(ExpirationText(share.expires()));
  data["token"] = TextOrNull(share.token());
  data["uid_file_owner"] = owner->name;
  data["note"] = share.note();
  data["label"] = share.label();
  data["displayname_file_owner"] = owner->display_name;
  data["path"] = place.path;
  data["item_type"] = node.is_collection() ? "folder" : "file";
  data["item_permissions"] = ItemPermissions(seen, seen.owner == user(), shared);
  data["is-mount-root"] = place.mount_root;
  data["mount-type"] = place.mount ? "shared" : "";
  data["mimetype"] = MediaType(node);
  data["has_preview"] = false;
  data["storage_id"] = place.storage;
  data["storage"] = Raw(seen.chain.space());
  data["item_source"] = Raw(node.id());
  data["file_source"] = Raw(node.id());
  data["file_parent"] = Raw(node.parent);
  data["file_target"] = place.target;
  data["item_size"] = node.recursive_size();
  data["item_mtime"] = node.node.mtime();
  RETURN_IF_ERROR(TellRecipient(share, data));
  data["mail_send"] = 0;
  data["hide_download"] = share.hide_download() ? 1 : 0;
  data["attributes"] = TextOrNull(share.attributes());
  return data;
}

}  // namespace cairn::ocs
