// The account as clients read it: who is logged in, the quota their settings show, groups.
#include <cmath>

#include "ocs/endpoints.h"
#include "storage/records.h"
#include "storage/schema.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

// What one hop reads of an account.
struct Account {
  storage::User user;
  std::vector<std::string> groups;
  std::uint64_t used = 0;             // bytes
  std::optional<std::int64_t> quota;  // bytes; absent: unlimited
  std::int64_t last_login = 0;        // seconds
};

Result<Account> ReadAccount(const Services& services, const storage::KvView& view,
                            storage::User user) {
  Account account;
  ASSIGN_OR_RETURN(account.groups, auth::GroupsOf(view, UserId{user.id()}));
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

std::string SettingOf(const storage::User& user, std::string_view app, std::string_view key,
                      std::string_view otherwise) {
  return auth::Users::Setting(user, app, key).value_or(std::string(otherwise));
}

// Profile fields that Cairn keeps no value for, and the scope that clients are told.
constexpr std::pair<std::string_view, std::string_view> kEmptyFields[] = {
    {"phone", "v2-local"},        {"address", "v2-local"}, {"website", "v2-local"},
    {"twitter", "v2-local"},      {"bluesky", "v2-local"}, {"fediverse", "v2-local"},
    {"organisation", "v2-local"}, {"role", "v2-local"},    {"headline", "v2-local"},
    {"biography", "v2-local"},
};

// The scopes of fields are shown to their owner only. Administrators are told a storageLocation; it
// is empty, as no folder of the server holds the files of one user.
class UserData {
 public:
  UserData(const Account& account, bool own, bool for_admin)
      : account_(account), own_(own), for_admin_(for_admin) {}

  json::object Build() {
    const storage::User& user = account_.user;
    const std::string name = user.display_name().empty() ? user.name() : user.display_name();
    data_["enabled"] = !user.disabled();
    if (for_admin_) data_["storageLocation"] = "";
    data_["id"] = user.name();
    data_["firstLoginTimestamp"] = -1;  // unknown
    data_["lastLoginTimestamp"] = account_.last_login;
    data_["lastLogin"] = account_.last_login * 1000;
    data_["backend"] = "Database";
    data_["subadmin"] = json::array();
    data_["quota"] = QuotaOf(account_);
    data_["manager"] = "";
    Scope("avatar", "v2-federated");
    data_["email"] = user.email();
    Scope("email", "v2-federated");
    data_["additional_mail"] = json::array();
    if (own_) data_["additional_mailScope"] = json::array();
    data_["displayname"] = name;
    data_["display-name"] = name;
    Scope("displayname", "v2-federated");
    for (const auto& [field, scope] : kEmptyFields) Field(field, "", scope);
    Field("profile_enabled", "0", "v2-local");
    Field("pronouns", "", "v2-federated");
    data_["groups"] = json::array(account_.groups.begin(), account_.groups.end());
    data_["language"] = SettingOf(user, "core", "lang", "en");
    data_["locale"] = SettingOf(user, "core", "locale", "");
    data_["timezone"] = SettingOf(user, "core", "timezone", "");
    data_["notify_email"] = nullptr;
    data_["backendCapabilities"] = json::object{{"setDisplayName", false}, {"setPassword", false}};
    return std::move(data_);
  }

 private:
  void Field(std::string_view name, std::string_view value, std::string_view scope) {
    data_[name] = value;
    Scope(name, scope);
  }
  void Scope(std::string_view name, std::string_view scope) {
    if (own_) data_[std::string(name) + "Scope"] = scope;
  }

  const Account& account_;
  const bool own_;
  const bool for_admin_;
  json::object data_;
};

bool IsSelf(const Call& call) {
  return EqualsIgnoreCase(call.params[0], call.user().caller.user_name);
}

// The account that `name` names, or the reply that says why not: others' accounts are for
// administrators, and nobody else learns which of them exist.
struct Found {
  std::optional<Account> account;
  Reply refusal;
};
Result<Found> FindAccount(const Call& call, const storage::KvView& view, std::string_view name,
                          Reply absent) {
  Found found;
  if (!call.user().admin && !EqualsIgnoreCase(name, call.user().caller.user_name)) {
    found.refusal = Reply::Failure(kNotFound, "");
    return found;
  }
  ASSIGN_OR_RETURN(auto user, call.services.users.FindByName(view, name));
  if (!user) {
    found.refusal = std::move(absent);
    return found;
  }
  ASSIGN_OR_RETURN(found.account, ReadAccount(call.services, view, std::move(*user)));
  return found;
}

}  // namespace

ReplyTask GetSelf(Call& call) {
  call.params = {call.user().caller.user_name};
  return GetUser(call);
}

ReplyTask GetUser(Call& call) {
  const auto view = call.services.engine.kv().Published();
  auto work = [&] {
    return FindAccount(call, *view, call.params[0], Reply::Failure(404, "User does not exist"));
  };
  auto found = co_await call.services.pools.read.Run(work);
  if (found.has_error()) co_return std::move(found).error();
  if (!found->account) co_return std::move(found->refusal);
  co_return Reply::Of(UserData(*found->account, IsSelf(call), call.user().admin).Build());
}

// Administrators, with the password at hand: an app password changes no accounts.
ReplyTask EditUser(Call& call) {
  if (!call.user().admin) co_return Reply::Failure(kNotFound, "");
  if (call.user().app_password) co_return Reply::Failure(403, "Password confirmation is required");
  const std::string key(call.form.Last("key").value_or(""));
  const std::string value(call.form.Last("value").value_or(""));
  if (key != "quota") co_return Reply::Failure(kNotEditable, "");
  auto work = [&]() -> Result<Reply> {
    const auto view = call.services.engine.kv().Published();
    ASSIGN_OR_RETURN(const auto user, call.services.users.FindByName(*view, call.params[0]));
    if (!user) return Reply::Failure(kNotFound, "");
    const auto set = call.services.users.SetQuota(UserId{user->id()}, value);
    if (set.has_value()) return Reply();
    if (!Is(set.error(), ErrorCode::kInvalidArgument)) return set.error();
    return Reply::Failure(kBadValue, "Invalid quota value: " + value);
  };
  // As in app_password.cc: nothing that holds the directory key needs this pool.
  co_return co_await call.services.pools.slow.Run(work);
}

ReplyTask GetUserGroups(Call& call) {
  const auto view = call.services.engine.kv().Published();
  auto work = [&] {
    return FindAccount(call, *view, call.params[0], Reply::Failure(kNotFound, ""));
  };
  auto found = co_await call.services.pools.read.Run(work);
  if (found.has_error()) co_return std::move(found).error();
  if (!found->account) co_return std::move(found->refusal);
  const auto& groups = found->account->groups;
  co_return Reply::Of(json::object{{"groups", json::array(groups.begin(), groups.end())}});
}

}  // namespace cairn::ocs
