// The functions behind the rows of endpoints.cc, by area.
#pragma once

#include "ocs/endpoint.h"

namespace cairn::ocs {

// capabilities.cc
ReplyTask GetCapabilities(Call& call);

// user.cc
ReplyTask GetSelf(Call& call);        // /cloud/user
ReplyTask GetUser(Call& call);        // /cloud/users/{id}
ReplyTask GetUserGroups(Call& call);  // /cloud/users/{id}/groups
ReplyTask GetOwnFields(Call& call);   // /cloud/user/fields
ReplyTask GetUserFields(Call& call);  // /cloud/user/fields/{id}

// users_list.cc
ReplyTask ListUsers(Call& call);          // /cloud/users
ReplyTask ListUserDetails(Call& call);    // /cloud/users/details
ReplyTask ListDisabledUsers(Call& call);  // /cloud/users/disabled

// user_create.cc
ReplyTask CreateUser(Call& call);  // POST /cloud/users

// user_edit.cc
ReplyTask EditUser(Call& call);       // PUT /cloud/users/{id}: key, value
ReplyTask EditUserMails(Call& call);  // PUT /cloud/users/{id}/additional_mail

// user_state.cc
ReplyTask EnableUser(Call& call);   // PUT /cloud/users/{id}/enable
ReplyTask DisableUser(Call& call);  // PUT /cloud/users/{id}/disable
ReplyTask DeleteUser(Call& call);   // DELETE /cloud/users/{id}
ReplyTask SendWelcome(Call& call);  // POST /cloud/users/{id}/welcome

// user_groups.cc
ReplyTask AddUserToGroup(Call& call);       // POST /cloud/users/{id}/groups
ReplyTask RemoveUserFromGroup(Call& call);  // DELETE /cloud/users/{id}/groups
ReplyTask GetSubAdminGroups(Call& call);    // GET /cloud/users/{id}/subadmins
ReplyTask AddSubAdmin(Call& call);          // POST /cloud/users/{id}/subadmins
ReplyTask RemoveSubAdmin(Call& call);       // DELETE /cloud/users/{id}/subadmins

// groups.cc
ReplyTask ListGroups(Call& call);           // /cloud/groups
ReplyTask ListGroupDetails(Call& call);     // /cloud/groups/details
ReplyTask CreateGroup(Call& call);          // POST /cloud/groups
ReplyTask EditGroup(Call& call);            // PUT /cloud/groups/{gid}: key=displayname
ReplyTask DeleteGroup(Call& call);          // DELETE /cloud/groups/{gid}
ReplyTask GetGroupUsers(Call& call);        // /cloud/groups/{gid}, /cloud/groups/{gid}/users
ReplyTask GetGroupUserDetails(Call& call);  // /cloud/groups/{gid}/users/details
ReplyTask GetGroupSubAdmins(Call& call);    // /cloud/groups/{gid}/subadmins

// apps.cc
ReplyTask ListApps(Call& call);  // /cloud/apps
ReplyTask GetApp(Call& call);    // /cloud/apps/{app}

// share_create.cc, share_update.cc
ReplyTask CreateShare(Call& call);  // POST …/shares
ReplyTask UpdateShare(Call& call);  // PUT …/shares/{id}

// share_lists.cc
ReplyTask ListShares(Call& call);           // …/shares
ReplyTask ListInheritedShares(Call& call);  // …/shares/inherited: of what is above `path`
ReplyTask ListPendingShares(Call& call);    // …/shares/pending
ReplyTask ListDeclinedShares(Call& call);   // …/deletedshares

// share_calls.cc
ReplyTask GetShare(Call& call);          // …/shares/{id}
ReplyTask DeleteShare(Call& call);       // DELETE …/shares/{id}: ends or leaves it
ReplyTask AcceptShare(Call& call);       // POST …/shares/pending/{id}
ReplyTask RestoreShare(Call& call);      // POST …/deletedshares/{id}: "ocinternal:ID"
ReplyTask ListRemoteShares(Call& call);  // …/remote_shares, …/remote_shares/pending
ReplyTask GetRemoteShare(Call& call);    // …/remote_shares/{id}

// transfer_calls.cc
ReplyTask OfferTransfer(Call& call);   // POST …/transferownership: recipient, path
ReplyTask AcceptTransfer(Call& call);  // POST …/transferownership/{id}
ReplyTask EndTransfer(Call& call);  // DELETE …/transferownership/{id}: rejects or takes it back

// notifications.cc
ReplyTask ListNotifications(Call& call);    // …/notifications
ReplyTask GetNotification(Call& call);      // …/notifications/{id}
ReplyTask FindNotifications(Call& call);    // POST …/notifications/exists: ids[]
ReplyTask DeleteNotification(Call& call);   // DELETE …/notifications/{id}
ReplyTask DeleteNotifications(Call& call);  // DELETE …/notifications

// app_password.cc
ReplyTask MakeAppPassword(Call& call);    // /core/getapppassword
ReplyTask ExchangeOneTime(Call& call);    // /core/getapppassword-onetime
ReplyTask RotateAppPassword(Call& call);  // POST /core/apppassword/rotate
ReplyTask DeleteAppPassword(Call& call);  // /core/apppassword
ReplyTask ConfirmPassword(Call& call);    // PUT /core/apppassword/confirm: password
ReplyTask WipeDevices(Call& call);        // POST /cloud/users/{id}/wipe

// sharees.cc
ReplyTask SearchSharees(Call& call);     // /apps/files_sharing/api/v1/sharees
ReplyTask RecommendSharees(Call& call);  // /apps/files_sharing/api/v1/sharees_recommended
ReplyTask CompleteNames(Call& call);     // /core/autocomplete/get

// core.cc
ReplyTask GetConfig(Call& call);      // /config
ReplyTask GetNavigation(Call& call);  // /core/navigation/apps

}  // namespace cairn::ocs
