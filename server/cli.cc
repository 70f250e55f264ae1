#include "server/cli.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <sstream>

namespace cairn::server {

namespace {

using enum CommandPlace;

constexpr std::array kCommands = {
    CommandRow{"serve", "Run the server", kServe},
    CommandRow{"status", "Show some status information", kEngine, false, false, DeclareStatus},
    CommandRow{"healthcheck", "Ask the running server whether it is ready", kHealth},
    CommandRow{"doctor", "Look for what is wrong with the installation", kEngine, false, false,
               DeclareDoctor},
    CommandRow{"fsck", "Check the data directory", kFsck, false, false, DeclareFsck},
    CommandRow{"recover", "Open a data directory that has lost acknowledged writes", kRecover},
    CommandRow{"user:add", "Add a user", kEngine, true, true, DeclareUserAdd},
    CommandRow{"user:delete", "Delete a user", kEngine, false, false, DeclareUserDelete},
    CommandRow{"user:disable", "Disable a user", kEngine, false, false, DeclareUserDisable},
    CommandRow{"user:enable", "Enable a user", kEngine, false, false, DeclareUserEnable},
    CommandRow{"user:info", "Show user info", kEngine, false, false, DeclareUserInfo},
    CommandRow{"user:list", "List users", kEngine, false, false, DeclareUserList},
    CommandRow{"user:resetpassword", "Set the password of a user", kEngine, true, false,
               DeclareUserResetPassword},
    CommandRow{"user:setting", "Read and change user settings", kEngine, false, false,
               DeclareUserSetting},
    CommandRow{"user:report", "Show how many users there are", kEngine, false, false,
               DeclareUserReport},
    CommandRow{"user:lastseen", "Show when users logged in last", kEngine, false, false,
               DeclareUserLastSeen},
    CommandRow{"user:auth-tokens:add", "Add an app password for a user", kEngine, false, false,
               DeclareTokenAdd},
    CommandRow{"user:auth-tokens:list", "List the app passwords of a user", kEngine, false, false,
               DeclareTokenList},
    CommandRow{"user:auth-tokens:delete", "Delete app passwords", kEngine, false, false,
               DeclareTokenDelete},
    CommandRow{"twofactorauth:state", "Show whether a second factor is asked for", kEngine, false,
               false, DeclareTwoFactorState},
    CommandRow{"twofactorauth:disable", "Turn off the second factor of a user", kEngine, false,
               false, DeclareTwoFactorDisable},
    CommandRow{"twofactorauth:backup-codes", "Make new backup codes for a user", kEngine, false,
               false, DeclareTwoFactorCodes},
    CommandRow{"twofactorauth:enforce", "Show or set who must have a second factor", kEngine, false,
               false, DeclareTwoFactorEnforce},
    CommandRow{"security:bruteforce:attempts", "Show what the login throttle counts", kEngine,
               false, false, DeclareBruteforceAttempts},
    CommandRow{"security:bruteforce:reset", "Forget what the login throttle has counted", kEngine,
               false, false, DeclareBruteforceReset},
    CommandRow{"oauth2:add-client", "Register a program that may ask users for access", kEngine,
               false, false, DeclareOAuthAdd},
    CommandRow{"oauth2:list", "List the registered programs", kEngine, false, false,
               DeclareOAuthList},
    CommandRow{"oauth2:remove", "Remove a program, and the access that users gave it", kEngine,
               false, false, DeclareOAuthRemove},
    CommandRow{"group:add", "Add a group", kEngine, false, false, DeclareGroupAdd},
    CommandRow{"group:delete", "Remove a group", kEngine, false, false, DeclareGroupDelete},
    CommandRow{"group:list", "List groups with their members", kEngine, false, false,
               DeclareGroupList},
    CommandRow{"group:info", "Show group info", kEngine, false, false, DeclareGroupInfo},
    CommandRow{"group:adduser", "Add a user to a group", kEngine, false, false,
               DeclareGroupAddUser},
    CommandRow{"group:removeuser", "Remove a user from a group", kEngine, false, false,
               DeclareGroupRemoveUser},
    CommandRow{"trashbin:cleanup", "Remove deleted files for good", kEngine, false, false,
               DeclareTrashCleanup},
    CommandRow{"trashbin:expire", "Remove the deleted files whose time is over", kEngine, false,
               false, DeclareTrashExpire},
    CommandRow{"trashbin:restore", "Put deleted files back where they were", kEngine, false, false,
               DeclareTrashRestore},
    CommandRow{"trashbin:size", "Show how much lies in the trash bins", kEngine, false, false,
               DeclareTrashSize},
    CommandRow{"versions:cleanup", "Remove all versions of files", kEngine, false, false,
               DeclareVersionsCleanup},
    CommandRow{"versions:expire", "Remove the versions whose time is over", kEngine, false, false,
               DeclareVersionsExpire},
    CommandRow{"files:transfer-ownership",
               "Move files and folders to another user, with their shares", kEngine, false, false,
               DeclareTransferOwnership},
    CommandRow{"share:list", "List shares", kEngine, false, false, DeclareShareList},
    CommandRow{"sharing:list", "List shares: share:list under another name", kEngine, false, false,
               DeclareShareList},
    CommandRow{"quota:recalculate", "Count again what files take, and compare", kEngine, false,
               false, DeclareQuotaRecalculate},
    CommandRow{"config:list", "List the settings in effect", kEngine, false, false,
               DeclareConfigList},
    CommandRow{"config:system:get", "Get a setting", kEngine, false, false, DeclareConfigSystemGet},
    CommandRow{"config:system:set", "Change a setting", kEngine, false, false,
               DeclareConfigSystemSet},
    CommandRow{"config:system:delete", "Go back to what the configuration file says", kEngine,
               false, false, DeclareConfigSystemDelete},
    CommandRow{"config:app:get", "Get a setting of an app", kEngine, false, false,
               DeclareConfigAppGet},
    CommandRow{"config:app:set", "Change a setting of an app", kEngine, false, false,
               DeclareConfigAppSet},
    CommandRow{"config:app:delete", "Go back to an app's default", kEngine, false, false,
               DeclareConfigAppDelete},
    CommandRow{"config:example", "Print a configuration file with every setting", kNowhere},
    CommandRow{"maintenance:mode", "Show or set the maintenance mode", kEngine, false, false,
               DeclareMaintenanceMode},
    CommandRow{"background:job:list", "List the background jobs", kEngine, false, false,
               DeclareJobList},
    CommandRow{"background:job:run", "Run a background job now", kEngine, false, false,
               DeclareJobRun},
};

}  // namespace

std::span<const CommandRow> Commands() { return kCommands; }

const CommandRow* FindCommand(std::string_view name) {
  const auto* row = std::find_if(kCommands.begin(), kCommands.end(),
                                 [&](const auto& r) { return r.name == name; });
  return row == kCommands.end() ? nullptr : row;
}

int CommandRun::Fail(std::string_view line) const {
  err.append(line).append("\n");
  return kExitFailed;
}

std::optional<int> ParseArguments(CLI::App& app, std::span<const std::string> args,
                                  std::string& out, std::string& err) {
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    std::ostringstream shown, refused;
    const int code = app.exit(error, shown, refused);
    out += shown.str();
    err += refused.str();
    return code == 0 ? kExitOk : kExitFailed;
  }
}

int RunCommand(AdminContext& context, std::span<const std::string> args, const CommandInput& input,
               std::string& out, std::string& err) {
  const CommandRow* row = args.empty() ? nullptr : FindCommand(args.front());
  const CommandRun run{context, input, out, err};
  if (row == nullptr || row->declare == nullptr) {
    return run.Fail("Command \"" + (args.empty() ? std::string() : args.front()) +
                    "\" is not defined.");
  }
  try {
    CLI::App app(std::string(row->description), "cairn " + std::string(row->name));
    const CommandBody body = row->declare(app);
    if (const auto over = ParseArguments(app, args.subspan(1), out, err)) return *over;
    return body(run);
  } catch (const std::exception& error) {
    return run.Fail(error.what());
  }
}

Result<std::string> PasswordFrom(const CommandInput& input, bool from_env) {
  if (from_env) {
    for (const char* name : {"NC_PASS", "OC_PASS"}) {
      const auto found = input.env.find(name);
      if (found != input.env.end() && !found->second.empty()) return found->second;
    }
    return Fail(ErrorCode::kInvalidArgument,
                "--password-from-env given, but NC_PASS/OC_PASS is empty!");
  }
  if (!input.stdin_text) {
    return Fail(ErrorCode::kInvalidArgument,
                "Interactive input or --password-from-env is needed for entering a password!");
  }
  std::string password = input.stdin_text->substr(0, input.stdin_text->find('\n'));
  if (password.ends_with('\r')) password.pop_back();
  if (password.empty()) return Fail(ErrorCode::kInvalidArgument, "Password cannot be empty!");
  return password;
}

}  // namespace cairn::server
