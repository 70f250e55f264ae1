#include "ocs/share_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/unicode.h"
#include "ocs/provisioning.h"
#include "ocs/share_params.h"

namespace cairn::ocs {
namespace {

// No bits that a share may have.
constexpr storage::Permissions kUnreadable = ~storage::kAllPermissions;

storage::Permissions PermissionsOf(std::string_view text) {
  const auto number = ParseUint(text);
  return number && *number <= storage::kAllPermissions ? static_cast<storage::Permissions>(*number)
                                                       : kUnreadable;
}

}  // namespace

ShareFields FieldsOf(const Call& call, ShareVerb verb) {
  ShareFields fields;
  if (const auto text = FindArgument(call, "permissions"); text && !text->empty())
    fields.set.permissions = PermissionsOf(*text);
  if (const auto text = FindArgument(call, "expireDate")) {
    fields.set.expires = text->empty() ? std::optional<std::int64_t>(0) : EndOfDay(*text);
    if (!fields.set.expires) return {{}, WrongDate(verb)};
  }
  if (auto text = FindArgument(call, "note")) {
    if (text->size() > shares::kMaxNote || !IsValidUtf8(*text)) return {{}, WrongNote()};
    fields.set.note = std::move(*text);
  }
  if (const auto text = FindArgument(call, "attributes")) {
    auto parsed = ParseAttributes(*text);
    if (!parsed) return {{}, WrongAttributes(*text)};
    fields.set.attributes = std::move(parsed->json);
    fields.set.no_download = parsed->no_download;
  }
  return fields;
}

bool GivesFields(const Call& call) {
  static constexpr std::array<std::string_view, 11> kFields{
      "permissions",  "expireDate",         "note",         "attributes", "label", "password",
      "hideDownload", "sendPasswordByTalk", "publicUpload", "sendMail",   "token"};
  return std::any_of(kFields.begin(), kFields.end(),
                     [&](std::string_view name) { return FindArgument(call, name).has_value(); });
}

}  // namespace cairn::ocs
