#include "auth/users.h"

#include <algorithm>

#include "auth/app_passwords.h"
#include "auth/group_admins.h"
#include "auth/groups.h"
#include "auth/names.h"
#include "auth/records.h"
#include "auth/user_mails.h"
#include "storage/commit.h"

namespace cairn::auth {

using storage::DirectoryKey;
using storage::KvTxn;
using storage::KvView;
using storage::Table;
using storage::User;

namespace {

constexpr std::uint64_t kRootIds = 16;  // more than the roots of a space need
constexpr int kCreateAttempts = 5;

Error NoSuchUser() { return Fail(ErrorCode::kNotFound, "no such user"); }

void EndPasswordLogins(User& user) { user.set_version(user.version() + 1); }

std::string SettingName(std::string_view app, std::string_view key) {
  return std::string(app).append("/").append(key);
}

Result<void> CheckSettingName(std::string_view app, std::string_view key) {
  const auto fine = [](std::string_view part) {
    return CheckLabel(part, kMaxSettingKey).has_value() && part.find('/') == std::string_view::npos;
  };
  if (fine(app) && fine(key)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "the app and the key of a setting have 1 to 128 bytes without '/'");
}

Result<void> CheckNew(const NewUser& request) {
  RETURN_IF_ERROR(CheckUserName(request.name));
  if (!request.display_name.empty())
    RETURN_IF_ERROR(CheckLabel(request.display_name, kMaxDisplayName));
  RETURN_IF_ERROR(CheckEmail(request.email));
  if (request.groups.size() + request.sub_admin_of.size() > kMaxGroupsPerUser)
    return Fail(ErrorCode::kTooLarge, "too many groups");
  for (const std::string& group : request.groups) RETURN_IF_ERROR(CheckGroupName(group));
  for (const std::string& group : request.sub_admin_of) {
    if (group == kAdminGroup)
      return Fail(ErrorCode::kForbidden, "the group admin has no sub-admins");
    RETURN_IF_ERROR(CheckGroupName(group));
  }
  return {};
}

// The quota of a space, and the text that the setting shows.
Result<void> StoreQuota(KvTxn& txn, User& user, const Quota& quota, std::string_view text) {
  const std::string key = storage::keys::Space(SpaceId{user.space()});
  ASSIGN_OR_RETURN(auto record, storage::ReadRecord<storage::Space>(txn, Table::kSpaces, key));
  if (!record) return Fail(ErrorCode::kCorruption, "the user's space is gone");
  record->set_has_quota(quota.bytes.has_value());
  record->set_quota(quota.bytes.value_or(0));
  record->set_default_quota(quota.is_default);
  storage::WriteRecord(txn, Table::kSpaces, key, *record);
  if (quota.is_default) {
    user.mutable_settings()->erase(SettingName("files", "quota"));
  } else {
    (*user.mutable_settings())[SettingName("files", "quota")] = std::string(Trim(text));
  }
  return {};
}

Result<void> PutGroups(KvTxn& txn, const NewUser& request, User& user) {
  RETURN_IF_ERROR(EnsureGroup(txn, kAdminGroup));
  for (const std::string& group : request.groups) {
    RETURN_IF_ERROR(EnsureGroup(txn, group));
    SetMembership(txn, group, user, true);
  }
  for (const std::string& group : request.sub_admin_of) {
    ASSIGN_OR_RETURN(const auto exists, txn.Get(Table::kGroups, group));
    if (!exists) return Fail(ErrorCode::kNotFound, "no such group");
    PutGroupAdmin(txn, group, UserId{user.id()});
  }
  return {};
}

}  // namespace

Result<std::optional<User>> Users::Find(const KvView& view, UserId id) const {
  return LoadUser(view, id);
}

Result<std::optional<User>> Users::FindByName(const KvView& view, std::string_view name) const {
  if (CheckUserName(name).has_error()) return std::optional<User>();
  ASSIGN_OR_RETURN(const auto row, storage::ReadRecord<storage::UserName>(view, Table::kUserNames,
                                                                          FoldedUserName(name)));
  if (!row) return std::optional<User>();
  return LoadUser(view, UserId{row->id()});
}

Result<std::optional<User>> Users::FindByLogin(const KvView& view, std::string_view login) const {
  ASSIGN_OR_RETURN(auto user, FindByName(view, login));
  if (user || login.find('@') == std::string_view::npos) return user;
  ASSIGN_OR_RETURN(const auto id, FindByMail(view, login));
  if (!id) return std::optional<User>();
  return LoadUser(view, *id);
}

Result<UserPage> Users::List(const KvView& view, std::string_view after, std::size_t limit) const {
  UserPage page;
  std::vector<std::string> keys;
  bool bad = false;
  auto collect = [&](std::string_view folded, std::string_view value) {
    page.more = keys.size() == limit;
    storage::UserName row;
    bad = !storage::ParseInto(value, row);
    if (page.more || bad) return false;
    keys.push_back(storage::keys::User(UserId{row.id()}));
    page.last = folded;
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUserNames, {}, after, collect));
  if (bad) return storage::BadRecord(storage::UserName());
  ASSIGN_OR_RETURN(const auto values, view.MultiGet(Table::kUsers, keys));
  for (const auto& value : values) {
    if (!value) return Fail(ErrorCode::kCorruption, "a user name has no user");
    ASSIGN_OR_RETURN(User user, storage::Parse<User>(*value));
    page.users.push_back(std::move(user));
  }
  return page;
}

std::optional<std::string> Users::Setting(const User& user, std::string_view app,
                                          std::string_view key) {
  const auto found = user.settings().find(SettingName(app, key));
  if (found == user.settings().end()) return std::nullopt;
  return found->second;
}

Result<User> Users::Create(const NewUser& request, const Precondition& allowed) {
  RETURN_IF_ERROR(CheckNew(request));
  ASSIGN_OR_RETURN(const Quota quota,
                   ParseQuota(request.quota.empty() ? "default" : request.quota));
  std::string hash;
  if (!request.password.empty()) {
    ASSIGN_OR_RETURN(hash, HashPassword(request.password, cost_));
  }
  auto body = [&](KvTxn& txn) -> Result<User> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    const std::string folded = FoldedUserName(request.name);
    ASSIGN_OR_RETURN(const auto taken, txn.Get(Table::kUserNames, folded));
    if (taken) return Fail(ErrorCode::kAlreadyExists, "the user exists");
    ASSIGN_OR_RETURN(const std::uint64_t id, NextId(txn, storage::keys::kUserIds));
    ASSIGN_OR_RETURN(const std::uint64_t space, NextId(txn, storage::keys::kSpaceIds));
    RETURN_IF_ERROR(tree_.CreateSpace(txn, UserId{id}, SpaceId{space}));

    User user;
    user.set_id(id);
    user.set_name(request.name);
    user.set_display_name(request.display_name);
    MoveMail(txn, user, request.email);
    user.set_password_hash(hash);
    user.set_version(1);
    user.set_space(space);
    user.set_created(clock_.NowSeconds());
    user.set_next_token(1);
    for (const auto& [name, value] : request.settings) (*user.mutable_settings())[name] = value;
    if (!request.quota.empty()) RETURN_IF_ERROR(StoreQuota(txn, user, quota, request.quota));
    RETURN_IF_ERROR(PutGroups(txn, request, user));
    StoreUser(txn, user);
    storage::UserName row;
    row.set_id(id);
    storage::WriteRecord(txn, Table::kUserNames, folded, row);
    return user;
  };
  for (int attempt = 1;; ++attempt) {
    RETURN_IF_ERROR(tree_.ids().Reserve(kRootIds));
    auto created = storage::CommitBlocking(store_, {DirectoryKey()}, body);
    // Others may have taken the reserved ids before the transaction came to its turn.
    const bool again =
        created.has_error() && Is(created.error(), ErrorCode::kBusy) && attempt < kCreateAttempts;
    if (!again) return created;
  }
}

Result<void> Users::Update(UserId id, const Precondition& allowed, Change change) {
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(auto user, LoadUser(txn, id));
    if (!user) return NoSuchUser();
    RETURN_IF_ERROR(change(txn, *user));
    StoreUser(txn, *user);
    return {};
  };
  return storage::CommitBlocking(store_, {DirectoryKey()}, body);
}

Result<void> Users::SetPassword(UserId id, std::string_view password, const Precondition& allowed) {
  ASSIGN_OR_RETURN(const std::string hash, HashPassword(password, cost_));
  return Update(id, allowed, [&](KvTxn&, User& user) -> Result<void> {
    user.set_password_hash(hash);
    EndPasswordLogins(user);
    return {};
  });
}

Result<void> Users::SetDisabled(UserId id, bool disabled, const Precondition& allowed) {
  return Update(id, allowed, [&](KvTxn&, User& user) -> Result<void> {
    if (user.disabled() == disabled) return {};
    user.set_disabled(disabled);
    EndPasswordLogins(user);
    return {};
  });
}

Result<void> Users::SetDisplayName(UserId id, std::string_view display_name,
                                   const Precondition& allowed) {
  if (!display_name.empty()) RETURN_IF_ERROR(CheckLabel(display_name, kMaxDisplayName));
  return Update(id, allowed, [&](KvTxn&, User& user) -> Result<void> {
    user.set_display_name(std::string(display_name));
    return {};
  });
}

Result<void> Users::SetEmail(UserId id, std::string_view email, const Precondition& allowed) {
  RETURN_IF_ERROR(CheckEmail(email));
  return Update(id, allowed, [&](KvTxn& txn, User& user) -> Result<void> {
    MoveMail(txn, user, email);
    return {};
  });
}

Result<void> Users::SetAdmin(UserId id, bool admin) {
  return Update(id, {}, [&](KvTxn& txn, User& user) -> Result<void> {
    RETURN_IF_ERROR(EnsureGroup(txn, kAdminGroup));
    SetMembership(txn, kAdminGroup, user, admin);
    return {};
  });
}

Result<void> Users::SetSetting(UserId id, std::string_view app, std::string_view key,
                               std::optional<std::string> value, const Precondition& allowed) {
  RETURN_IF_ERROR(CheckSettingName(app, key));
  if (value && (value->size() > kMaxSettingValue))
    return Fail(ErrorCode::kTooLarge, "the value is too long");
  return Update(id, allowed, [&](KvTxn&, User& user) -> Result<void> {
    auto& settings = *user.mutable_settings();
    if (!value) {
      settings.erase(SettingName(app, key));
      return {};
    }
    settings[SettingName(app, key)] = *value;
    if (user.ByteSizeLong() > kMaxUserRecord)
      return Fail(ErrorCode::kTooLarge, "the user has too many settings");
    return {};
  });
}

Result<void> Users::SetQuota(UserId id, std::string_view text, const Precondition& allowed) {
  ASSIGN_OR_RETURN(const Quota quota, ParseQuota(text));
  ASSIGN_OR_RETURN(const auto known, LoadUser(*store_.Published(), id));
  if (!known) return NoSuchUser();
  const SpaceId space{known->space()};  // a user's home never changes
  auto body = [&](KvTxn& txn) -> Result<void> {
    RETURN_IF_ERROR(Ask(allowed, txn));
    ASSIGN_OR_RETURN(auto user, LoadUser(txn, id));
    if (!user) return NoSuchUser();
    RETURN_IF_ERROR(StoreQuota(txn, *user, quota, text));
    StoreUser(txn, *user);
    return {};
  };
  return storage::CommitBlocking(store_, {DirectoryKey(), storage::SpaceKey(space)}, body);
}

}  // namespace cairn::auth
