// twofactorauth:*: who is asked for a second factor, and help for who has lost it.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "auth/audit.h"
#include "auth/second_factor.h"
#include "server/cli.h"
#include "server/cli_lookup.h"

namespace cairn::server {

namespace {

void Note(std::string_view user, std::string_view what) {
  auth::Audit({auth::AuditEvent::kSecondFactorChanged, user, {}, what, "command line"});
}

std::string Joined(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

int ShowPolicy(const CommandRun& run, const storage::SecondFactorPolicy& policy) {
  if (!policy.enforced()) {
    run.out += "Two-factor authentication is not enforced\n";
    return kExitOk;
  }
  run.out += policy.groups().empty()
                 ? std::string("Two-factor authentication is enforced for all users")
                 : "Two-factor authentication is enforced for members of the group(s) " +
                       Joined(policy.groups());
  if (!policy.excluded().empty()) run.out += ", except members of " + Joined(policy.excluded());
  run.out += "\n";
  return kExitOk;
}

struct Enforcement {
  bool on = false;
  bool off = false;
  std::vector<std::string> groups;
  std::vector<std::string> excluded;
};

int Enforce(const CommandRun& run, const Enforcement& wanted) {
  if (wanted.on == wanted.off) {
    if (wanted.on) return run.Fail("--on and --off exclude each other.");
    const auto policy = run.context.second_factors.Policy(*run.context.engine.kv().Published());
    return policy.has_error() ? run.Fail(policy.error()) : ShowPolicy(run, *policy);
  }
  storage::SecondFactorPolicy policy;
  policy.set_enforced(wanted.on);
  for (const std::string& group : wanted.groups) policy.add_groups(group);
  for (const std::string& group : wanted.excluded) policy.add_excluded(group);
  const auto done = run.context.second_factors.SetPolicy(policy);
  if (done.has_error()) return run.Fail(done.error());
  Note("", wanted.on ? "enforced" : "not enforced");
  return ShowPolicy(run, policy);
}

int ShowState(const CommandRun& run, const std::string& uid) {
  const auto user = NamedUser(run, uid);
  if (!user) return kExitFailed;
  const auto state =
      run.context.second_factors.StateOf(*run.context.engine.kv().Published(), UserId{user->id()});
  if (state.has_error()) return run.Fail(state.error());
  run.out += std::string("Two-factor authentication is ") +
             (state->required() ? "enabled" : "not enabled") + " for user " + user->name() + "\n\n";
  std::string on, off;
  (state->totp ? on : off) += "- totp\n";
  (state->backup_codes > 0 ? on : off) +=
      "- backup_codes (" + std::to_string(state->backup_codes) + " left)\n";
  if (!on.empty()) run.out += "Enabled providers:\n" + on;
  if (!off.empty()) run.out += "Disabled providers:\n" + off;
  return kExitOk;
}

}  // namespace

CommandBody DeclareTwoFactorState(CLI::App& app) {
  auto uid = std::make_shared<std::string>();
  app.add_option("uid", *uid, "User name")->required();
  return [uid](const CommandRun& run) { return ShowState(run, *uid); };
}

CommandBody DeclareTwoFactorDisable(CLI::App& app) {
  auto uid = std::make_shared<std::string>();
  auto provider = std::make_shared<std::string>("totp");
  app.add_option("uid", *uid, "User name")->required();
  app.add_option("provider", *provider, "totp: codes and backup codes");
  return [uid, provider](const CommandRun& run) -> int {
    const auto user = NamedUser(run, *uid);
    if (!user) return kExitFailed;
    if (*provider != "totp") return run.Fail("The provider does not exist.");
    const auto done = run.context.second_factors.TurnOff(UserId{user->id()});
    if (done.has_error()) return run.Fail(done.error());
    Note(user->name(), "off");
    run.out += "Two-factor provider totp disabled for user " + user->name() + ".\n";
    return kExitOk;
  };
}

CommandBody DeclareTwoFactorCodes(CLI::App& app) {
  auto uid = std::make_shared<std::string>();
  app.add_option("uid", *uid, "User name")->required();
  return [uid](const CommandRun& run) -> int {
    const auto user = NamedUser(run, *uid);
    if (!user) return kExitFailed;
    const auto codes = run.context.second_factors.NewBackupCodes(UserId{user->id()});
    if (codes.has_error()) return run.Fail(codes.error());
    Note(user->name(), "backup codes");
    for (const std::string& code : *codes) run.out += code + "\n";
    return kExitOk;
  };
}

CommandBody DeclareTwoFactorEnforce(CLI::App& app) {
  auto wanted = std::make_shared<Enforcement>();
  app.add_flag("--on", wanted->on, "Everybody, or the groups named, must have a second factor");
  app.add_flag("--off", wanted->off, "Nobody must");
  app.add_option("--group", wanted->groups, "Only members of this group; may be repeated");
  app.add_option("--exclude", wanted->excluded, "Not members of this group; may be repeated");
  return [wanted](const CommandRun& run) { return Enforce(run, *wanted); };
}

}  // namespace cairn::server
