// oc:permissions and X-NC-Permissions: letters in the order S R M G D N V then W (files) or CK
// (folders). Source: golden/NOTES.md section 5; clients.md 2.5.
#pragma once

#include <string>

#include "storage/policies.h"

namespace cairn::dav {

inline std::string PermissionLetters(storage::Permissions permissions, bool collection) {
  using storage::Allows;
  using storage::Permission;
  std::string letters;
  if (Allows(permissions, Permission::kShare)) letters += 'R';
  if (Allows(permissions, Permission::kRead)) letters += 'G';
  if (Allows(permissions, Permission::kDelete)) letters += 'D';
  if (Allows(permissions, Permission::kUpdate)) letters += "NV";
  if (!collection && Allows(permissions, Permission::kUpdate)) letters += 'W';
  if (collection && Allows(permissions, Permission::kCreate)) letters += "CK";
  return letters;
}

}  // namespace cairn::dav
