#include "ocs/user_data.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "auth/group_admins.h"
#include "auth/records.h"
#include "storage/schema.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

constexpr std::array kProfileFields{
    ProfileField{"phone", "v2-local"},
    ProfileField{"address", "v2-local"},
    ProfileField{"website", "v2-local"},
    ProfileField{"twitter", "v2-local"},
    ProfileField{"bluesky", "v2-local"},
    ProfileField{"fediverse", "v2-local"},
    ProfileField{"organisation", "v2-local"},
    ProfileField{"role", "v2-local"},
    ProfileField{"headline", "v2-local"},
    ProfileField{"biography", "v2-local"},
    ProfileField{"profile_enabled", "v2-local", "0"},
    ProfileField{"pronouns", "v2-federated"},
};
constexpr std::string_view kMailScope = "v2-local";  // of each further address

// All but the groups.
Result<Account> ReadHome(const Services& services, const storage::KvView& view,
                         storage::User user) {
  Account account;
  const SpaceId home{user.space()};
  ASSIGN_OR_RETURN(const auto space,
                   storage::ReadRecord<storage::Space>(view, storage::Table::kSpaces,
                                                       storage::keys::Space(home)));
  if (!space) return Fail(ErrorCode::kCorruption, "space of user " + user.name());
  ASSIGN_OR_RETURN(const auto root,
                   services.engine.tree().Resolve(view, {.home = home, .segments = {}}));
  account.used = root.leaf().node.below().bytes();
  if (const auto limit = services.quota.LimitOf(*space))
    account.quota = static_cast<std::int64_t>(std::min<std::uint64_t>(*limit, INT64_MAX));
  account.last_login =
      services.authenticator.last_used().Of(UserId{user.id()}).value_or(user.last_login());
  account.user = std::move(user);
  return account;
}

// -3 says "unlimited".
json::object QuotaOf(const Account& account) {
  const auto used = static_cast<std::int64_t>(account.used);
  if (!account.quota) {
    return {{"free", -3}, {"used", used}, {"total", -3}, {"relative", 0}, {"quota", -3}};
  }
  const std::int64_t quota = *account.quota;
  json::value relative = 0;
  if (quota > 0) {
    const double percent =
        std::round(static_cast<double>(used) * 10'000.0 / static_cast<double>(quota)) / 100.0;
    if (std::floor(percent) == percent && percent < 1e15) {
      relative = static_cast<std::int64_t>(percent);
    } else {
      relative = percent;
    }
  }
  return {{"free", std::max<std::int64_t>(quota - used, 0)},
          {"used", used},
          {"total", quota},
          {"relative", relative},
          {"quota", quota}};
}

json::array Texts(const std::vector<std::string>& texts) {
  return json::array(texts.begin(), texts.end());
}

class UserData {
 public:
  UserData(const Account& account, Reader reader)
      : account_(account), user_(account.user), reader_(reader) {}

  json::object Build() {
    const std::string& name = auth::ShownName(user_);
    data_["enabled"] = !user_.disabled();
    if (reader_.admin) data_["storageLocation"] = "";
    data_["id"] = user_.name();
    data_["firstLoginTimestamp"] = account_.last_login == 0 ? 0 : -1;  // -1: unknown
    data_["lastLoginTimestamp"] = account_.last_login;
    data_["lastLogin"] = account_.last_login * 1000;
    data_["backend"] = "Database";
    data_["subadmin"] = Texts(account_.sub_admin_of);
    data_["quota"] = QuotaOf(account_);
    data_["manager"] = Setting(kProfileApp, "manager", "");
    Scope("avatar");
    data_["email"] = user_.email().empty() ? json::value(nullptr) : json::value(user_.email());
    Scope("email");
    Mails();
    data_["displayname"] = name;
    data_["display-name"] = name;
    Scope("displayname");
    for (const ProfileField& field : kProfileFields) {
      data_[field.name] = Setting(kProfileApp, field.name, field.value);
      Scope(field.name);
    }
    // Told only when there is one: clients do not know the key.
    if (const std::string day = Setting(kProfileApp, "birthdate", ""); !day.empty())
      data_["birthdate"] = day;
    data_["groups"] = Texts(account_.groups);
    data_["language"] = Setting("core", "lang", "en");
    data_["locale"] = Setting("core", "locale", "");
    data_["timezone"] = Setting("core", "timezone", "");
    const std::string notified = Setting(kProfileApp, "notify_email", "");
    data_["notify_email"] = notified.empty() ? json::value() : json::value(notified);
    data_["backendCapabilities"] = json::object{{"setDisplayName", true}, {"setPassword", true}};
    return std::move(data_);
  }

 private:
  std::string Setting(std::string_view app, std::string_view key, std::string_view otherwise) {
    return auth::Users::Setting(user_, app, key).value_or(std::string(otherwise));
  }
  void Scope(std::string_view field) {
    if (!reader_.own) return;
    const std::string key = std::string(field) + "Scope";
    data_[key] = Setting(kProfileApp, key, DefaultScope(field).value_or(""));
  }
  void Mails() {
    const auto mails = AdditionalMails(user_);
    data_["additional_mail"] = Texts(mails);
    if (reader_.own)
      data_["additional_mailScope"] = json::array(mails.size(), json::value(kMailScope));
  }

  const Account& account_;
  const storage::User& user_;
  const Reader reader_;
  json::object data_;
};

}  // namespace

Result<Account> ReadAccount(const Services& services, const storage::KvView& view,
                            storage::User user) {
  const UserId id{user.id()};
  ASSIGN_OR_RETURN(Account account, ReadHome(services, view, std::move(user)));
  ASSIGN_OR_RETURN(account.groups, auth::GroupsOf(view, id));
  ASSIGN_OR_RETURN(account.sub_admin_of, auth::AdministeredBy(view, id));
  return account;
}

Result<std::vector<Account>> ReadAccounts(const Services& services, const storage::KvView& view,
                                          std::span<const UserId> users) {
  ASSIGN_OR_RETURN(auto groups, auth::GroupRowsOf(view, storage::Table::kGroupMembers, users));
  ASSIGN_OR_RETURN(auto sub_admin_of, auth::GroupRowsOf(view, storage::Table::kGroupAdmins, users));
  std::vector<Account> accounts;
  for (const UserId id : users) {
    ASSIGN_OR_RETURN(auto user, services.users.Find(view, id));
    if (!user) continue;
    ASSIGN_OR_RETURN(Account account, ReadHome(services, view, std::move(*user)));
    account.groups = std::move(groups[id]);
    account.sub_admin_of = std::move(sub_admin_of[id]);
    accounts.push_back(std::move(account));
  }
  return accounts;
}

json::object UserDataOf(const Account& account, Reader reader) {
  return UserData(account, reader).Build();
}

std::span<const ProfileField> ProfileFields() { return kProfileFields; }

std::optional<std::string_view> DefaultScope(std::string_view field) {
  if (field == "avatar" || field == "email" || field == "displayname") return "v2-federated";
  if (field == "birthdate") return "v2-local";
  const auto* found = std::find_if(kProfileFields.begin(), kProfileFields.end(),
                                   [&](const ProfileField& row) { return row.name == field; });
  if (found == kProfileFields.end()) return std::nullopt;
  return found->scope;
}

std::vector<std::string> AdditionalMails(const storage::User& user) {
  std::vector<std::string> mails;
  std::string text = auth::Users::Setting(user, kProfileApp, "additional_mail").value_or("");
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view mail = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(mail.size() + 1, rest.size()));
    if (!mail.empty()) mails.emplace_back(mail);
  }
  return mails;
}

}  // namespace cairn::ocs
