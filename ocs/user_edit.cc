// PUT /cloud/users/{id}: one field of an account, by its owner or by whoever looks after him.
#include <algorithm>
#include <array>

#include "auth/names.h"
#include "auth/password_policy.h"
#include "ocs/endpoints.h"
#include "ocs/profile_rules.h"
#include "ocs/provisioning.h"
#include "ocs/user_data.h"

namespace cairn::ocs {
namespace {

constexpr int kPasswordRefused = 107;
constexpr std::size_t kMaxMails = 20;
constexpr std::string_view kMails = "additional_mail";

struct Edit {
  const Call& call;
  const Target& target;
  std::string key;
  std::string value;
  auth::Precondition allowed;

  auth::Users& users() const { return call.services.users; }
};

Reply BadValue(std::string message = {}) { return Reply::Failure(kBadValue, std::move(message)); }

// An empty value takes the setting away.
Result<Reply> Store(const Edit& edit, std::string_view app, std::string_view key,
                    const std::string& value) {
  const auto kept = value.empty() ? std::nullopt : std::optional(value);
  return AnswerTo(edit.users().SetSetting(edit.target.id(), app, key, kept, edit.allowed),
                  BadValue());
}

Result<Reply> SetName(const Edit& edit) {
  return AnswerTo(edit.users().SetDisplayName(edit.target.id(), Trim(edit.value), edit.allowed),
                  BadValue("Invalid displayname"));
}

Result<Reply> SetMail(const Edit& edit) {
  return AnswerTo(edit.users().SetEmail(edit.target.id(), ToLower(Trim(edit.value)), edit.allowed),
                  BadValue());
}

Result<Reply> SetQuotaOf(const Edit& edit) {
  return AnswerTo(edit.users().SetQuota(edit.target.id(), edit.value, edit.allowed),
                  BadValue("Invalid quota value: " + edit.value));
}

Result<Reply> SetPasswordOf(const Edit& edit) {
  if (const auto fine = auth::CheckNewPassword(edit.value); fine.has_error()) {
    if (Is(fine.error(), ErrorCode::kTooLarge)) return BadValue("Invalid password value");
    return Reply::Failure(kPasswordRefused, fine.error().message);
  }
  const auto done = edit.users().SetPassword(edit.target.id(), edit.value, edit.allowed);
  return Audited(edit.call, auth::AuditEvent::kPasswordChanged, edit.target.user->name(), {},
                 AnswerTo(done, BadValue("Invalid password value")));
}

Result<Reply> SetLanguage(const Edit& edit) {
  if (!IsLanguage(edit.value)) return BadValue("Invalid language");
  return Store(edit, "core", "lang", edit.value);
}

Result<Reply> SetLocale(const Edit& edit) {
  if (!edit.value.empty() && !IsLocale(edit.value)) return BadValue("Invalid locale");
  return Store(edit, "core", "locale", edit.value);
}

Result<Reply> SetTimezone(const Edit& edit) {
  if (!edit.value.empty() && !IsTimezone(edit.value)) return BadValue("Invalid timezone");
  return Store(edit, "core", "timezone", edit.value);
}

// One of the addresses that the account has.
Result<Reply> SetNotifiedMail(const Edit& edit) {
  const std::string mail = ToLower(Trim(edit.value));
  const auto mails = AdditionalMails(*edit.target.user);
  const bool known = mail == edit.target.user->email() ||
                     std::find(mails.begin(), mails.end(), mail) != mails.end();
  if (!mail.empty() && !known) return BadValue();
  return Store(edit, kProfileApp, edit.key, mail);
}

Result<Reply> SetField(const Edit& edit) {
  const auto value = NormalProfileValue(edit.key, edit.value);
  if (!value) return BadValue("Invalid " + edit.key);
  return Store(edit, kProfileApp, edit.key, *value);
}

Result<Reply> SetScope(const Edit& edit) {
  const std::string_view field = std::string_view(edit.key).substr(0, edit.key.size() - 5);
  const bool always_shown = field == "displayname" || field == "email" || field == "avatar";
  if (!IsScope(edit.value) || (always_shown && edit.value == "v2-private"))
    return BadValue("Invalid scope");
  return Store(edit, kProfileApp, edit.key, edit.value);
}

// Stores the whole list, unless somebody else has changed it meanwhile.
Result<Reply> StoreMails(Edit edit, const std::vector<std::string>& mails) {
  const auto before = AdditionalMails(*edit.target.user);
  const auto allowed = std::move(edit.allowed);
  edit.allowed = [&](const storage::KvView& view) -> Result<void> {
    RETURN_IF_ERROR(auth::Ask(allowed, view));
    ASSIGN_OR_RETURN(const auto now, edit.users().Find(view, edit.target.id()));
    if (now && AdditionalMails(*now) != before)
      return Fail(ErrorCode::kBusy, "the addresses were changed by another request");
    return {};
  };
  std::string text;
  for (const std::string& mail : mails) text.append(text.empty() ? "" : "\n").append(mail);
  return Store(edit, kProfileApp, kMails, text);
}

Result<Reply> AddMail(const Edit& edit) {
  const std::string mail = ToLower(Trim(edit.value));
  auto mails = AdditionalMails(*edit.target.user);
  const bool refused = mail.empty() || auth::CheckEmail(mail).has_error() ||
                       mail == edit.target.user->email() || mails.size() >= kMaxMails;
  if (refused) return BadValue();
  if (std::find(mails.begin(), mails.end(), mail) != mails.end()) return Reply();
  mails.push_back(mail);
  return StoreMails(edit, mails);
}

enum class EditedBy {
  kAnyone,       // the owner, and whoever looks after him
  kResponsible,  // whoever looks after him; the owner only as an administrator
  kOwner,
};

struct EditRow {
  std::string_view key;
  EditedBy by;
  Result<Reply> (*set)(const Edit&);
};

constexpr std::array kEditRows{
    EditRow{"displayname", EditedBy::kAnyone, SetName},
    EditRow{"display", EditedBy::kAnyone, SetName},
    EditRow{"email", EditedBy::kAnyone, SetMail},
    EditRow{kMails, EditedBy::kAnyone, AddMail},
    EditRow{"notify_email", EditedBy::kAnyone, SetNotifiedMail},
    EditRow{"password", EditedBy::kAnyone, SetPasswordOf},
    EditRow{"quota", EditedBy::kResponsible, SetQuotaOf},
    EditRow{"manager", EditedBy::kResponsible, SetField},
    EditRow{"language", EditedBy::kAnyone, SetLanguage},
    EditRow{"locale", EditedBy::kAnyone, SetLocale},
    EditRow{"timezone", EditedBy::kAnyone, SetTimezone},
    EditRow{"birthdate", EditedBy::kAnyone, SetField},
};
constexpr EditRow kFieldRow{"", EditedBy::kAnyone, SetField};
constexpr EditRow kScopeRow{"", EditedBy::kOwner, SetScope};

// nullptr: no such key.
const EditRow* FindEditRow(std::string_view key) {
  const auto* row = std::find_if(kEditRows.begin(), kEditRows.end(),
                                 [&](const EditRow& one) { return one.key == key; });
  if (row != kEditRows.end()) return row;
  const auto fields = ProfileFields();
  const bool is_field = std::any_of(fields.begin(), fields.end(),
                                    [&](const ProfileField& field) { return field.name == key; });
  if (is_field) return &kFieldRow;
  const bool is_scope = key.ends_with("Scope") && DefaultScope(key.substr(0, key.size() - 5));
  return is_scope ? &kScopeRow : nullptr;
}

bool MayEdit(const Target& target, EditedBy by) {
  switch (by) {
    case EditedBy::kAnyone:
      return true;
    case EditedBy::kResponsible:
      return !target.self || target.rights.admin;
    case EditedBy::kOwner:
      return target.self;
  }
  return false;
}

Result<Reply> EditField(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(kNotFound, "");
  const std::string key = Argument(call, "key");
  const EditRow* row = FindEditRow(key);
  if (row == nullptr || !MayEdit(target, row->by)) return Reply::Failure(kNotEditable, "");
  const bool needs_rank = target.self && row->by == EditedBy::kResponsible;
  auth::Precondition allowed = needs_rank ? StillAdmin(call) : StillReaches(call, target.id());
  return row->set({call, target, key, Argument(call, "value"), std::move(allowed)});
}

// {id}/additional_mail: `key` is the address that becomes `value`, or goes when that is empty.
Result<Reply> ReplaceMail(const Call& call) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const Target target, FindTarget(call, *view));
  if (!target.user) return Reply::Failure(kNotFound, "");
  const std::string old = ToLower(Trim(Argument(call, "key")));
  const std::string mail = ToLower(Trim(Argument(call, "value")));
  auto mails = AdditionalMails(*target.user);
  const auto found = std::find(mails.begin(), mails.end(), old);
  if (found == mails.end()) return BadValue();
  if (mail.empty()) {
    mails.erase(found);
  } else {
    const bool taken = mail != old && (mail == target.user->email() ||
                                       std::find(mails.begin(), mails.end(), mail) != mails.end());
    if (taken || auth::CheckEmail(mail).has_error()) return BadValue();
    *found = mail;
  }
  const Edit edit{call, target, std::string(kMails), mail, StillReaches(call, target.id())};
  ASSIGN_OR_RETURN(Reply reply, StoreMails(edit, mails));
  const auto notified = auth::Users::Setting(*target.user, kProfileApp, "notify_email");
  if (reply.code != 200 || notified != old) return reply;
  return Store(edit, kProfileApp, "notify_email", mail);
}

}  // namespace

ReplyTask EditUser(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return EditField(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask EditUserMails(Call& call) {
  if (auto refused = RefuseWithoutPassword(call)) co_return std::move(*refused);
  auto work = [&] { return ReplaceMail(call); };
  co_return co_await call.services.pools.slow.Run(work);
}

}  // namespace cairn::ocs
