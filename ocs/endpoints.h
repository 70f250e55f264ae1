// The functions behind the rows of endpoints.cc, by area.
#pragma once

#include "ocs/endpoint.h"

namespace cairn::ocs {

// capabilities.cc
ReplyTask GetCapabilities(Call& call);

// user.cc
ReplyTask GetSelf(Call& call);        // /cloud/user
ReplyTask GetUser(Call& call);        // /cloud/users/{id}
ReplyTask EditUser(Call& call);       // PUT /cloud/users/{id}: key=quota
ReplyTask GetUserGroups(Call& call);  // /cloud/users/{id}/groups

// app_password.cc
ReplyTask MakeAppPassword(Call& call);    // /core/getapppassword
ReplyTask DeleteAppPassword(Call& call);  // /core/apppassword

// core.cc
ReplyTask GetConfig(Call& call);      // /config
ReplyTask GetNavigation(Call& call);  // /core/navigation/apps

}  // namespace cairn::ocs
