// The command line: occ's command names and habits. A command is one row in server/cli.cc plus its
// function.
//
// The same commands run in two places: inside the server, asked through DATA_DIR/admin.sock, and in
// the `cairn` process itself when no server has the data directory open. Both call RunCommand.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/app_passwords.h"
#include "auth/groups.h"
#include "auth/oauth.h"
#include "auth/second_factor.h"
#include "auth/throttle.h"
#include "auth/users.h"
#include "server/job_control.h"
#include "storage/engine.h"

namespace CLI {
class App;
}

namespace cairn::server {

class Features;
class LiveConfig;
class ProbeBoard;

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;

// What a command works on. Everything in it is thread-safe.
struct AdminContext {
  storage::Engine& engine;
  auth::Users& users;
  auth::AppPasswords& app_passwords;
  auth::Throttle& throttle;
  auth::SecondFactors& second_factors;
  auth::OAuth& oauth;
  LiveConfig& config;
  Features& features;
  JobControl* jobs = nullptr;    // null: no server runs, so no job does
  ProbeBoard* probes = nullptr;  // null as well
};

// What the person at the terminal gives besides the arguments. Passwords come here, never in argv.
struct CommandInput {
  std::map<std::string, std::string> env;  // OC_PASS, NC_PASS
  std::optional<std::string> stdin_text;   // the first line is the password
};

// One run of one command.
struct CommandRun {
  AdminContext& context;
  const CommandInput& input;
  std::string& out;
  std::string& err;

  // Writes a line to `err` and returns kExitFailed.
  int Fail(std::string_view line) const;
  int Fail(const Error& error) const { return Fail(error.message); }
};

enum class CommandPlace {
  kEngine,   // needs a data directory that is open
  kFsck,     // the same; without a server it opens the directory read-only itself
  kRecover,  // only without a server
  kServe,
  kHealth,   // asks the running server over HTTP
  kNowhere,  // needs no data directory
};

using CommandBody = std::function<int(const CommandRun&)>;

struct CommandRow {
  std::string_view name;
  std::string_view description;
  CommandPlace place = CommandPlace::kEngine;
  bool asks_password = false;  // unless --password-from-env is given
  bool creates = false;        // makes the data directory when there is none
  // Declares the options in `app` and returns what to do once they are parsed. Null unless place is
  // kEngine.
  CommandBody (*declare)(CLI::App& app) = nullptr;
};

std::span<const CommandRow> Commands();
const CommandRow* FindCommand(std::string_view name);

// Runs `args` (command name first). Returns the exit code; texts are appended to `out` and `err`.
// Blocking; never throws. Only for commands of the places kEngine and kFsck.
int RunCommand(AdminContext& context, std::span<const std::string> args, const CommandInput& input,
               std::string& out, std::string& err);

// Parses `args` (without the command name) into `app`. nullopt: go on; otherwise the exit code,
// with help or the usage error in `out` or `err`.
std::optional<int> ParseArguments(CLI::App& app, std::span<const std::string> args,
                                  std::string& out, std::string& err);

// The password of --password-from-env (NC_PASS, OC_PASS) or of the input's first line.
// kInvalidArgument.
Result<std::string> PasswordFrom(const CommandInput& input, bool from_env);

// The rows' functions, one file per group of commands.
CommandBody DeclareStatus(CLI::App& app);
CommandBody DeclareConfigList(CLI::App& app);
CommandBody DeclareConfigSystemGet(CLI::App& app);
CommandBody DeclareConfigSystemSet(CLI::App& app);
CommandBody DeclareConfigSystemDelete(CLI::App& app);
CommandBody DeclareConfigAppGet(CLI::App& app);
CommandBody DeclareConfigAppSet(CLI::App& app);
CommandBody DeclareConfigAppDelete(CLI::App& app);
CommandBody DeclareMaintenanceMode(CLI::App& app);
CommandBody DeclareUserAdd(CLI::App& app);
CommandBody DeclareUserDelete(CLI::App& app);
CommandBody DeclareUserDisable(CLI::App& app);
CommandBody DeclareUserEnable(CLI::App& app);
CommandBody DeclareUserInfo(CLI::App& app);
CommandBody DeclareUserList(CLI::App& app);
CommandBody DeclareUserResetPassword(CLI::App& app);
CommandBody DeclareUserSetting(CLI::App& app);
CommandBody DeclareUserReport(CLI::App& app);
CommandBody DeclareUserLastSeen(CLI::App& app);
CommandBody DeclareGroupAdd(CLI::App& app);
CommandBody DeclareGroupDelete(CLI::App& app);
CommandBody DeclareGroupList(CLI::App& app);
CommandBody DeclareGroupInfo(CLI::App& app);
CommandBody DeclareGroupAddUser(CLI::App& app);
CommandBody DeclareGroupRemoveUser(CLI::App& app);
CommandBody DeclareTokenAdd(CLI::App& app);
CommandBody DeclareTokenList(CLI::App& app);
CommandBody DeclareTokenDelete(CLI::App& app);
CommandBody DeclareTwoFactorState(CLI::App& app);
CommandBody DeclareTwoFactorDisable(CLI::App& app);
CommandBody DeclareTwoFactorCodes(CLI::App& app);
CommandBody DeclareTwoFactorEnforce(CLI::App& app);
CommandBody DeclareBruteforceAttempts(CLI::App& app);
CommandBody DeclareBruteforceReset(CLI::App& app);
CommandBody DeclareOAuthAdd(CLI::App& app);
CommandBody DeclareOAuthList(CLI::App& app);
CommandBody DeclareOAuthRemove(CLI::App& app);
CommandBody DeclareJobList(CLI::App& app);
CommandBody DeclareJobRun(CLI::App& app);
CommandBody DeclareTrashCleanup(CLI::App& app);
CommandBody DeclareTrashExpire(CLI::App& app);
CommandBody DeclareTrashRestore(CLI::App& app);
CommandBody DeclareTrashSize(CLI::App& app);
CommandBody DeclareVersionsCleanup(CLI::App& app);
CommandBody DeclareVersionsExpire(CLI::App& app);
CommandBody DeclareQuotaRecalculate(CLI::App& app);
CommandBody DeclareTransferOwnership(CLI::App& app);
CommandBody DeclareShareList(CLI::App& app);
CommandBody DeclareFsck(CLI::App& app);
CommandBody DeclareDoctor(CLI::App& app);

}  // namespace cairn::server
