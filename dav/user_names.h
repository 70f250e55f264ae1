// Names of users for one answer: one look-up per user, however often he is named.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "auth/users.h"

namespace cairn::dav {

class UserNames {
 public:
  struct Named {
    std::string name;
    std::string display_name;
  };
  explicit UserNames(const auth::Users& users) : users_(users) {}

  // Null: nobody, or somebody who is gone. Valid as long as this object. Blocking.
  Result<const Named*> Find(const storage::KvView& view, UserId id) {
    auto known = known_.find(id);
    if (known == known_.end()) {
      std::optional<Named> named;
      if (Raw(id) != 0) {
        ASSIGN_OR_RETURN(const auto user, users_.Find(view, id));
        if (user.has_value()) {
          const std::string& shown = user->display_name();
          named = Named{user->name(), shown.empty() ? user->name() : shown};
        }
      }
      known = known_.emplace(id, std::move(named)).first;
    }
    return known->second.has_value() ? &*known->second : nullptr;
  }

 private:
  const auth::Users& users_;
  std::map<UserId, std::optional<Named>> known_;
};

}  // namespace cairn::dav
