#include "ocs/share_fields.h"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/password_hash.h"
#include "auth/password_policy.h"
#include "base/unicode.h"
#include "ocs/provisioning.h"
#include "ocs/share_params.h"

namespace cairn::ocs {
namespace {

// No bits that a share may have.
constexpr storage::Permissions kUnreadable = ~storage::kAllPermissions;
constexpr auto kReading = static_cast<storage::Permissions>(storage::Permission::kRead);

storage::Permissions PermissionsOf(std::string_view text) {
  const auto number = ParseUint(text);
  return number && *number <= storage::kAllPermissions ? static_cast<storage::Permissions>(*number)
                                                       : kUnreadable;
}

bool IsText(std::string_view text, std::size_t most) {
  return text.size() <= most && IsValidUtf8(text);
}

std::optional<Reply> SetPassword(const Call& call, const std::string& password,
                                 shares::ShareAttributes& set) {
  if (password.empty()) {
    set.password_hash.emplace();
    return std::nullopt;
  }
  const auto fine = auth::CheckNewPassword(password);
  if (fine.has_error()) return WrongPassword(fine.error().message);
  auto hash = auth::HashPassword(password, call.services.users.cost());
  if (hash.has_error()) return Reply::Failure(kServerError, "");
  set.password_hash = std::move(*hash);
  return std::nullopt;
}

// What only links have. nullopt: it can be.
std::optional<Reply> AddLinkFields(const Call& call, const ShareAsked& asked,
                                   shares::ShareAttributes& set) {
  if (FindArgument(call, "token") && asked.verb == ShareVerb::kUpdate) return NoOwnTokens();
  if (IsTrue(FindArgument(call, "sendPasswordByTalk").value_or("")))
    return NoTalk(call.user().caller.user_name, asked.path);
  if (const auto text = FindArgument(call, "publicUpload"); text && !text->empty()) {
    const bool writes = IsTrue(*text);
    if (writes && !asked.folder) return NoUploadToFiles();
    if (!set.permissions) set.permissions = writes ? storage::kAllPermissions : kReading;
  }
  if (auto text = FindArgument(call, "label")) {
    if (!IsText(*text, shares::kMaxLabel)) return WrongLabel();
    set.label = std::move(*text);
  }
  if (const auto text = FindArgument(call, "hideDownload")) set.hide_download = IsTrue(*text);
  if (const auto text = FindArgument(call, "password")) return SetPassword(call, *text, set);
  return std::nullopt;
}

}  // namespace

ShareFields FieldsOf(const Call& call, const ShareAsked& asked) {
  ShareFields fields;
  if (const auto text = FindArgument(call, "permissions"); text && !text->empty())
    fields.set.permissions = PermissionsOf(*text);
  if (const auto text = FindArgument(call, "expireDate")) {
    fields.set.expires = text->empty() ? std::optional<std::int64_t>(0) : EndOfDay(*text);
    if (!fields.set.expires) return {{}, WrongDate(asked.verb)};
  }
  if (auto text = FindArgument(call, "note")) {
    if (!IsText(*text, shares::kMaxNote)) return {{}, WrongNote()};
    fields.set.note = std::move(*text);
  }
  if (const auto text = FindArgument(call, "attributes")) {
    auto parsed = ParseAttributes(*text);
    if (!parsed) return {{}, WrongAttributes(*text)};
    fields.set.attributes = std::move(parsed->json);
    fields.set.no_download = parsed->no_download;
    fields.set.asks_name = parsed->asks_name;
  }
  if (asked.type == shares::ShareType::kLink)
    fields.refused = AddLinkFields(call, asked, fields.set);
  return fields;
}

std::uint32_t MostDays(const conf::Sharing& rules, shares::ShareType type) {
  return type == shares::ShareType::kLink ? rules.link_expiry.days : rules.expiry.days;
}

bool GivesFields(const Call& call) {
  static constexpr std::array<std::string_view, 11> kFields{
      "permissions",  "expireDate",         "note",         "attributes", "label", "password",
      "hideDownload", "sendPasswordByTalk", "publicUpload", "sendMail",   "token"};
  return std::any_of(kFields.begin(), kFields.end(),
                     [&](std::string_view name) { return FindArgument(call, name).has_value(); });
}

}  // namespace cairn::ocs
