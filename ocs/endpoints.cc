#include "ocs/endpoints.h"

#include <array>

namespace cairn::ocs {

std::span<const Endpoint> Endpoints() {
  static constexpr std::array kRows{
      Endpoint{"GET", "/cloud/capabilities", AuthRule::kAnyone, GetCapabilities},
      Endpoint{"GET", "/cloud/user", AuthRule::kUser, GetSelf},
      Endpoint{"GET", "/cloud/users/{id}", AuthRule::kUser, GetUser},
      Endpoint{"PUT", "/cloud/users/{id}", AuthRule::kUser, EditUser, true},
      Endpoint{"GET", "/cloud/users/{id}/groups", AuthRule::kUser, GetUserGroups},
      Endpoint{"GET", "/core/getapppassword", AuthRule::kUser, MakeAppPassword},
      Endpoint{"GET", "/core/getapppassword-onetime", AuthRule::kOneTimeToo, ExchangeOneTime},
      Endpoint{"POST", "/core/apppassword/rotate", AuthRule::kUser, RotateAppPassword},
      Endpoint{"DELETE", "/core/apppassword", AuthRule::kUser, DeleteAppPassword},
      Endpoint{"PUT", "/core/apppassword/confirm", AuthRule::kUser, ConfirmPassword, true},
      Endpoint{"POST", "/cloud/users/{id}/wipe", AuthRule::kUser, WipeDevices},
      Endpoint{"GET", "/config", AuthRule::kAnyone, GetConfig},
      Endpoint{"GET", "/core/navigation/apps", AuthRule::kUser, GetNavigation},
  };
  return kRows;
}

}  // namespace cairn::ocs
