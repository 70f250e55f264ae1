// user:*: accounts, as occ has them.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "auth/names.h"
#include "auth/records.h"
#include "base/quantity.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"
#include "server/features.h"

namespace cairn::server {

namespace json = boost::json;
using storage::User;

namespace {

constexpr std::size_t kUserPage = 500;  // occ's default of --limit

struct OneUser {
  std::string uid;
  OutputFormat format = OutputFormat::kPlain;
};

std::shared_ptr<OneUser> DeclareOneUser(CLI::App& app) {
  auto options = std::make_shared<OneUser>();
  app.add_option("uid", options->uid, "User name")->required();
  return options;
}

CommandBody DeclareSetDisabled(CLI::App& app, bool disabled) {
  auto options = DeclareOneUser(app);
  return [options, disabled](const CommandRun& run) {
    const auto user = NamedUser(run, options->uid);
    if (!user) return kExitFailed;
    if (auto done = run.context.users.SetDisabled(UserId{user->id()}, disabled); done.has_error()) {
      return run.Fail(done.error());
    }
    run.out += disabled ? "The specified user is disabled\n" : "The specified user is enabled\n";
    return kExitOk;
  };
}

Result<json::array> GroupNames(const CommandRun& run, const User& user) {
  ASSIGN_OR_RETURN(const auto groups,
                   auth::GroupsOf(*run.context.engine.kv().Published(), UserId{user.id()}));
  json::array names;
  for (const std::string& group : groups) names.emplace_back(group);
  return names;
}

// What the files take and may take.
Result<json::object> StorageInfo(const CommandRun& run, const User& user, json::value& quota) {
  const auto view = run.context.engine.kv().Published();
  const SpaceId home{user.space()};
  ASSIGN_OR_RETURN(const auto space, run.context.engine.tree().FindSpace(*view, home));
  if (!space) return Fail(ErrorCode::kCorruption, "the user's space is gone");
  const storage::TreePath root_path{home, {}};
  ASSIGN_OR_RETURN(const auto root, run.context.engine.tree().Resolve(*view, root_path));
  const auto used = static_cast<std::int64_t>(root.leaf().recursive_size());
  json::object info;
  if (const auto limit = run.context.features.quota.LimitOf(*space)) {
    const auto total = static_cast<std::int64_t>(std::min<std::uint64_t>(*limit, INT64_MAX));
    info["free"] = std::max<std::int64_t>(total - used, 0);
    info["used"] = used;
    info["total"] = total;
    info["quota"] = total;
    quota = SizeText(*limit);
  } else {
    info["used"] = used;
    info["quota"] = -3;  // what clients take for "unlimited"
    quota = "none";
  }
  return info;
}

Result<json::object> UserInfo(const CommandRun& run, const User& user) {
  json::value quota;
  ASSIGN_OR_RETURN(auto storage_info, StorageInfo(run, user, quota));
  ASSIGN_OR_RETURN(auto groups, GroupNames(run, user));
  json::object info;
  info["user_id"] = user.name();
  info["display_name"] = auth::ShownName(user);
  info["email"] = user.email();
  info["enabled"] = !user.disabled();
  info["groups"] = std::move(groups);
  info["quota"] = quota;
  info["storage"] = std::move(storage_info);
  info["created"] = IsoTime(user.created());
  info["last_seen"] = IsoTime(user.last_login());
  info["backend"] = "Cairn";
  return info;
}

struct AddUserOptions {
  std::string uid;
  std::string display_name;
  std::string email;
  std::vector<std::string> groups;
  bool from_env = false;
};

int AddUser(const CommandRun& run, const AddUserOptions& options) {
  const auto view = run.context.engine.kv().Published();
  if (auto fine = auth::CheckUserName(options.uid); fine.has_error()) return run.Fail(fine.error());
  auto taken = run.context.users.FindByName(*view, options.uid);
  if (taken.has_error()) return run.Fail(taken.error());
  const std::string exists = "The user \"" + options.uid + "\" already exists.";
  if (*taken) return run.Fail(exists);
  auto password = PasswordFrom(run.input, options.from_env);
  if (password.has_error()) return run.Fail(password.error());

  const auth::NewUser request{options.uid, *password, options.display_name, options.email,
                              options.groups};
  auto created = run.context.users.Create(request);
  if (created.has_error() && Is(created.error(), ErrorCode::kAlreadyExists))
    return run.Fail(exists);
  if (created.has_error()) return run.Fail(created.error());
  run.out += "The user \"" + options.uid + "\" was created successfully\n";
  if (!options.display_name.empty())
    run.out += "Display name set to \"" + options.display_name + "\"\n";
  if (!options.email.empty()) run.out += "Email address set to \"" + options.email + "\"\n";
  for (const std::string& group : options.groups) {
    run.out += "User \"" + options.uid + "\" added to group \"" + group + "\"\n";
  }
  return kExitOk;
}

struct ListOptions {
  std::size_t limit = kUserPage;
  std::size_t offset = 0;
  bool info = false;
  OutputFormat format = OutputFormat::kPlain;
};

int ListUsers(const CommandRun& run, const ListOptions& options) {
  const auto view = run.context.engine.kv().Published();
  json::object users;
  std::size_t skip = options.offset;
  std::string after;
  for (bool more = true; more && users.size() < options.limit;) {
    auto page = run.context.users.List(*view, after, kUserPage);
    if (page.has_error()) return run.Fail(page.error());
    more = page->more;
    after = page->last;
    for (const User& user : page->users) {
      if (skip > 0) {
        --skip;
        continue;
      }
      if (users.size() == options.limit) break;
      if (!options.info) {
        users[user.name()] = auth::ShownName(user);
        continue;
      }
      auto info = UserInfo(run, user);
      if (info.has_error()) return run.Fail(info.error());
      users[user.name()] = std::move(*info);
    }
  }
  Print(options.format, users, run.out);
  return kExitOk;
}

}  // namespace

CommandBody DeclareUserAdd(CLI::App& app) {
  auto options = std::make_shared<AddUserOptions>();
  app.add_option("uid", options->uid, "User name (a-z, A-Z, 0-9, _ . @ -)")->required();
  app.add_flag("--password-from-env", options->from_env,
               "Read the password from the variable NC_PASS or OC_PASS");
  app.add_option("--display-name", options->display_name, "Name shown in the clients");
  app.add_option("--email", options->email, "E-mail address");
  app.add_option("-g,--group", options->groups,
                 "Group to add the user to (made if it does not exist)")
      ->allow_extra_args(false);  // one per --group, as often as wanted
  return [options](const CommandRun& run) { return AddUser(run, *options); };
}

CommandBody DeclareUserDelete(CLI::App& app) {
  auto options = DeclareOneUser(app);
  return [options](const CommandRun& run) {
    const auto user = NamedUser(run, options->uid);
    if (!user) return kExitFailed;
    if (auto done = run.context.users.Delete(UserId{user->id()}); done.has_error())
      return run.Fail(done.error());
    run.out += "The specified user was deleted\n";
    return kExitOk;
  };
}

CommandBody DeclareUserDisable(CLI::App& app) { return DeclareSetDisabled(app, true); }
CommandBody DeclareUserEnable(CLI::App& app) { return DeclareSetDisabled(app, false); }

CommandBody DeclareUserInfo(CLI::App& app) {
  auto options = DeclareOneUser(app);
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) {
    const auto user = NamedUser(run, options->uid);
    if (!user) return kExitFailed;
    auto info = UserInfo(run, *user);
    if (info.has_error()) return run.Fail(info.error());
    Print(options->format, *info, run.out);
    return kExitOk;
  };
}

CommandBody DeclareUserList(CLI::App& app) {
  auto options = std::make_shared<ListOptions>();
  app.add_option("-l,--limit", options->limit, "Number of users to show");
  app.add_option("-o,--offset", options->offset, "Number of users to leave out first");
  app.add_flag("-i,--info", options->info, "Show everything that user:info shows");
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) { return ListUsers(run, *options); };
}

CommandBody DeclareUserResetPassword(CLI::App& app) {
  auto options = DeclareOneUser(app);
  auto from_env = std::make_shared<bool>(false);
  app.add_flag("--password-from-env", *from_env,
               "Read the password from the variable NC_PASS or OC_PASS");
  return [options, from_env](const CommandRun& run) {
    const auto user = NamedUser(run, options->uid);
    if (!user) return kExitFailed;
    auto password = PasswordFrom(run.input, *from_env);
    if (password.has_error()) return run.Fail(password.error());
    if (auto done = run.context.users.SetPassword(UserId{user->id()}, *password);
        done.has_error()) {
      return run.Fail(done.error());
    }
    run.out += "Successfully reset password for " + user->name() + "\n";
    return kExitOk;
  };
}

}  // namespace cairn::server
