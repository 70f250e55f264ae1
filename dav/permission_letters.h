// oc:permissions and X-NC-Permissions: letters in the order S R M G D N V then W (files) or CK
// (folders). Source: golden/NOTES.md section 5; clients.md 2.5.
#pragma once

#include <cstdint>
#include <string>

#include "storage/policies.h"
#include "storage/tree_types.h"

namespace cairn::dav {

// To whom a resource belongs, as far as its letters say so. By a link everything is as one's own.
enum class Belonging : std::uint8_t { kOwn, kShared, kMount };

inline Belonging BelongingOf(const storage::TreePath& path) {
  if (path.is_mount()) return Belonging::kMount;
  return path.start == FileId{} ? Belonging::kOwn : Belonging::kShared;
}

// A mount itself may always be removed and renamed: that changes the caller's view alone.
inline std::string PermissionLetters(storage::Permissions permissions, bool collection,
                                     Belonging belonging) {
  using storage::Permission;
  const auto allows = [&](Permission one) { return storage::Allows(permissions, one); };
  const bool mount = belonging == Belonging::kMount;
  const bool update = allows(Permission::kUpdate);
  std::string letters;
  if (belonging != Belonging::kOwn) letters += 'S';
  if (allows(Permission::kShare)) letters += 'R';
  if (allows(Permission::kRead)) letters += 'G';
  if (mount || allows(Permission::kDelete)) letters += 'D';
  if (mount || update || (allows(Permission::kCreate) && allows(Permission::kDelete)))
    letters += 'N';
  if (update) letters += 'V';
  if (!collection && update) letters += 'W';
  if (collection && allows(Permission::kCreate)) letters += "CK";
  return letters;
}

}  // namespace cairn::dav
