// user:setting: read and change what is stored for a user, as "app key value". Some keys are fields
// of the account.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>
#include <map>

#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;
using storage::User;

namespace {

struct SettingOptions {
  std::string uid;
  std::string app;
  std::string key;
  std::string value;
  bool has_value = false;
  std::optional<std::string> default_value;
  bool remove = false;
  bool update_only = false;
  bool error_if_missing = false;
  OutputFormat format = OutputFormat::kPlain;
};

std::map<std::pair<std::string, std::string>, std::string> AllSettings(const User& user) {
  std::map<std::pair<std::string, std::string>, std::string> all;
  for (const auto& [name, value] : user.settings()) {
    const std::size_t slash = name.find('/');
    all[{name.substr(0, slash), name.substr(slash + 1)}] = value;
  }
  if (!user.email().empty()) all[{"settings", "email"}] = user.email();
  if (!user.display_name().empty()) all[{"settings", "display_name"}] = user.display_name();
  return all;
}

int ShowAll(const CommandRun& run, const SettingOptions& options, const User& user) {
  json::object shown;
  for (const auto& [name, value] : AllSettings(user)) {
    if (!options.app.empty() && options.app != name.first) continue;
    auto& app = shown.emplace(name.first, json::object()).first->value().as_object();
    app[name.second] = value;
  }
  Print(options.format, shown, run.out);
  return kExitOk;
}

int ShowOne(const CommandRun& run, const SettingOptions& options, const User& user) {
  const auto all = AllSettings(user);
  const auto found = all.find({options.app, options.key});
  if (found == all.end() && !options.default_value) {
    return run.Fail("The setting does not exist for user \"" + user.name() + "\".");
  }
  const std::string& value = found == all.end() ? *options.default_value : found->second;
  if (options.format == OutputFormat::kPlain) {
    run.out.append(value).append("\n");
  } else {
    Print(options.format, json::value(value), run.out);
  }
  return kExitOk;
}

// nullopt: the setting is taken away.
Result<void> Change(const CommandRun& run, const SettingOptions& options, UserId user,
                    std::optional<std::string> value) {
  auth::Users& users = run.context.users;
  if (options.app == "settings" && options.key == "email")
    return users.SetEmail(user, value.value_or(""));
  if (options.app == "settings" && options.key == "display_name") {
    return users.SetDisplayName(user, value.value_or(""));
  }
  if (options.app == "files" && options.key == "quota")
    return users.SetQuota(user, value.value_or("default"));
  return users.SetSetting(user, options.app, options.key, std::move(value));
}

int RunSetting(const CommandRun& run, const SettingOptions& options) {
  const auto user = NamedUser(run, options.uid);
  if (!user) return kExitFailed;
  if (options.key.empty()) {
    if (options.remove) return run.Fail("The \"delete\" option needs a key.");
    return ShowAll(run, options, *user);
  }
  if (!options.has_value && !options.remove) return ShowOne(run, options, *user);
  if (options.has_value && options.remove)
    return run.Fail("The \"delete\" option can not be used with a value.");

  const bool exists = AllSettings(*user).contains({options.app, options.key});
  if (!exists && (options.update_only || options.error_if_missing)) {
    return run.Fail("The setting does not exist for user \"" + user->name() + "\".");
  }
  const auto value = options.remove ? std::nullopt : std::optional(options.value);
  auto changed = Change(run, options, UserId{user->id()}, value);
  return changed.has_error() ? run.Fail(changed.error()) : kExitOk;
}

}  // namespace

CommandBody DeclareUserSetting(CLI::App& app) {
  auto options = std::make_shared<SettingOptions>();
  app.add_option("uid", options->uid, "User name")->required();
  app.add_option("app", options->app, "Show only the settings of this app");
  app.add_option("key", options->key,
                 "Setting to read or change (files quota, settings email ...)");
  auto* value = app.add_option("value", options->value, "New value");
  app.add_option("--default-value", options->default_value,
                 "Shown when the setting does not exist");
  app.add_flag("--delete", options->remove, "Take the setting away");
  app.add_flag("--error-if-not-exists", options->error_if_missing,
               "Fail when the setting to delete does not exist");
  app.add_flag("--update-only", options->update_only, "Change the setting only when it exists");
  AddOutputOption(app, options->format);
  value->each([options](const std::string&) { options->has_value = true; });
  return [options](const CommandRun& run) { return RunSetting(run, *options); };
}

}  // namespace cairn::server
