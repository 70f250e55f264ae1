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
ReplyTask ExchangeOneTime(Call& call);    // /core/getapppassword-onetime
ReplyTask RotateAppPassword(Call& call);  // POST /core/apppassword/rotate
ReplyTask DeleteAppPassword(Call& call);  // /core/apppassword
ReplyTask ConfirmPassword(Call& call);    // PUT /core/apppassword/confirm: password
ReplyTask WipeDevices(Call& call);        // POST /cloud/users/{id}/wipe

// core.cc
ReplyTask GetConfig(Call& call);      // /config
ReplyTask GetNavigation(Call& call);  // /core/navigation/apps

}  // namespace cairn::ocs
