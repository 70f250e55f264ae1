// Who calls the share API: what he sees of the files of others, and how a share is told to him.
//
// Lives as long as one call on a thread that may block; not thread-safe.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ocs/endpoint.h"
#include "shares/seen_share.h"
#include "shares/view_path.h"

namespace cairn::ocs {

class ShareViewer {
 public:
  // As things are now: what the caller has changed before is seen. kUnauthenticated, kForbidden:
  // his login, as AccessPolicy::CheckLive.
  static Result<ShareViewer> Of(const Call& call);

  const storage::KvView& view() const { return *view_; }
  UserId user() const { return caller_.user; }
  std::int64_t now() const { return now_; }
  const shares::Mounts& mounts() const { return *mounts_; }
  FileId root() const { return root_; }

  // The node at a path of his view. nullopt: there is none, or no path reads so.
  Result<std::optional<storage::Chain>> NodeAt(std::string_view path) const;
  // "/a/b" in his view. nullopt: it stands nowhere in it.
  Result<std::optional<shares::ViewPath>> PathOf(const storage::Chain& chain) const;
  Result<std::optional<shares::SeenShare>> ShareOf(ShareId id) const {
    return shares::SeeById(*view_, caller_.user, id, now_);
  }

  // The share object, field by field in the recorded order. Of what he has not accepted he is told
  // the name, and no permission.
  Result<boost::json::object> Tell(const shares::SeenShare& seen);

 private:
  struct Person {
    std::string name;
    std::string display_name;
    std::string email;
  };
  struct Place {
    std::string path;
    std::string target;
    std::string storage;
    bool mount = false;
    bool mount_root = false;
  };
  ShareViewer(Services& services, const storage::Caller& caller)
      : services_(services), caller_(caller) {}

  Result<const Person*> PersonOf(UserId user);
  Result<Place> PlaceOf(const shares::SeenShare& seen, const Person& owner) const;
  Result<void> TellRecipient(const storage::Share& share, boost::json::object& data);

  Services& services_;
  const storage::Caller& caller_;
  std::string base_url_;
  std::shared_ptr<const storage::KvView> view_;
  SpaceId home_{};
  FileId root_{};
  std::shared_ptr<const shares::Mounts> mounts_;
  std::int64_t now_ = 0;
  std::map<UserId, Person> people_;
};

}  // namespace cairn::ocs
