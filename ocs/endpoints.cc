#include "ocs/endpoints.h"

#include <array>

namespace cairn::ocs {

// The first row that matches is taken: fixed segments stand before {…}.
std::span<const Endpoint> Endpoints() {
  constexpr auto kUser = AuthRule::kUser;
  static constexpr std::array kRows{
      Endpoint{"GET", "/cloud/capabilities", AuthRule::kAnyone, GetCapabilities},
      Endpoint{"GET", "/cloud/user", kUser, GetSelf},
      Endpoint{"GET", "/cloud/user/fields", kUser, GetOwnFields},
      Endpoint{"GET", "/cloud/user/fields/{id}", kUser, GetUserFields},
      Endpoint{"GET", "/cloud/users", kUser, ListUsers},
      Endpoint{"POST", "/cloud/users", kUser, CreateUser, true},
      Endpoint{"GET", "/cloud/users/details", kUser, ListUserDetails},
      Endpoint{"GET", "/cloud/users/disabled", kUser, ListDisabledUsers},
      Endpoint{"GET", "/cloud/users/{id}", kUser, GetUser},
      Endpoint{"PUT", "/cloud/users/{id}", kUser, EditUser, true},
      Endpoint{"DELETE", "/cloud/users/{id}", kUser, DeleteUser},
      Endpoint{"PUT", "/cloud/users/{id}/enable", kUser, EnableUser},
      Endpoint{"PUT", "/cloud/users/{id}/disable", kUser, DisableUser},
      Endpoint{"PUT", "/cloud/users/{id}/additional_mail", kUser, EditUserMails, true},
      Endpoint{"POST", "/cloud/users/{id}/welcome", kUser, SendWelcome},
      Endpoint{"POST", "/cloud/users/{id}/wipe", kUser, WipeDevices},
      Endpoint{"GET", "/cloud/users/{id}/groups", kUser, GetUserGroups},
      Endpoint{"POST", "/cloud/users/{id}/groups", kUser, AddUserToGroup, true},
      Endpoint{"DELETE", "/cloud/users/{id}/groups", kUser, RemoveUserFromGroup, true},
      Endpoint{"GET", "/cloud/users/{id}/subadmins", kUser, GetSubAdminGroups},
      Endpoint{"POST", "/cloud/users/{id}/subadmins", kUser, AddSubAdmin, true},
      Endpoint{"DELETE", "/cloud/users/{id}/subadmins", kUser, RemoveSubAdmin, true},
      Endpoint{"GET", "/cloud/groups", kUser, ListGroups},
      Endpoint{"POST", "/cloud/groups", kUser, CreateGroup, true},
      Endpoint{"GET", "/cloud/groups/details", kUser, ListGroupDetails},
      Endpoint{"GET", "/cloud/groups/{gid}", kUser, GetGroupUsers},
      Endpoint{"PUT", "/cloud/groups/{gid}", kUser, EditGroup, true},
      Endpoint{"DELETE", "/cloud/groups/{gid}", kUser, DeleteGroup},
      Endpoint{"GET", "/cloud/groups/{gid}/users", kUser, GetGroupUsers},
      Endpoint{"GET", "/cloud/groups/{gid}/users/details", kUser, GetGroupUserDetails},
      Endpoint{"GET", "/cloud/groups/{gid}/subadmins", kUser, GetGroupSubAdmins},
      Endpoint{"GET", "/cloud/apps", kUser, ListApps},
      Endpoint{"GET", "/cloud/apps/{app}", kUser, GetApp},
      Endpoint{"GET", "/apps/files_sharing/api/v1/shares", kUser, ListShares},
      Endpoint{"POST", "/apps/files_sharing/api/v1/shares", kUser, CreateShare, true},
      Endpoint{"GET", "/apps/files_sharing/api/v1/shares/inherited", kUser, ListInheritedShares},
      Endpoint{"GET", "/apps/files_sharing/api/v1/shares/pending", kUser, ListPendingShares},
      Endpoint{"POST", "/apps/files_sharing/api/v1/shares/pending/{id}", kUser, AcceptShare},
      Endpoint{"GET", "/apps/files_sharing/api/v1/shares/{id}", kUser, GetShare},
      Endpoint{"PUT", "/apps/files_sharing/api/v1/shares/{id}", kUser, UpdateShare, true},
      Endpoint{"DELETE", "/apps/files_sharing/api/v1/shares/{id}", kUser, DeleteShare},
      Endpoint{"GET", "/apps/files_sharing/api/v1/deletedshares", kUser, ListDeclinedShares},
      Endpoint{"POST", "/apps/files_sharing/api/v1/deletedshares/{id}", kUser, RestoreShare},
      Endpoint{"GET", "/apps/files_sharing/api/v1/remote_shares", kUser, ListRemoteShares},
      Endpoint{"GET", "/apps/files_sharing/api/v1/remote_shares/pending", kUser, ListRemoteShares},
      Endpoint{"GET", "/apps/files_sharing/api/v1/remote_shares/{id}", kUser, GetRemoteShare},
      Endpoint{"GET", "/apps/files_sharing/api/v1/sharees", kUser, SearchSharees},
      Endpoint{"GET", "/apps/files_sharing/api/v1/sharees_recommended", kUser, RecommendSharees},
      Endpoint{"GET", "/core/autocomplete/get", kUser, CompleteNames},
      Endpoint{"GET", "/core/getapppassword", kUser, MakeAppPassword},
      Endpoint{"GET", "/core/getapppassword-onetime", AuthRule::kOneTimeToo, ExchangeOneTime},
      Endpoint{"POST", "/core/apppassword/rotate", kUser, RotateAppPassword},
      Endpoint{"DELETE", "/core/apppassword", kUser, DeleteAppPassword},
      Endpoint{"PUT", "/core/apppassword/confirm", kUser, ConfirmPassword, true},
      Endpoint{"GET", "/config", AuthRule::kAnyone, GetConfig},
      Endpoint{"GET", "/core/navigation/apps", kUser, GetNavigation},
  };
  return kRows;
}

}  // namespace cairn::ocs
