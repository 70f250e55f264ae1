// config:*: the settings, by their own names and by those that occ users know.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <vector>

#include "base/bytes.h"
#include "conf/settings.h"
#include "server/cli.h"
#include "server/cli_output.h"
#include "server/live_config.h"
#include "server/occ_settings.h"
#include "server/stored_settings.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

struct ConfigOptions {
  std::string app;                 // empty: system
  std::vector<std::string> names;  // the name, maybe an index into a list
  std::optional<std::string> value;
  std::optional<std::string> default_value;
  std::string type = "string";
  bool update_only = false;
  bool error_if_missing = false;
  bool show_source = false;
  bool show_private = false;
  OutputFormat format = OutputFormat::kPlain;
};

std::string SettingName(const ConfigOptions& options) {
  std::string shown = options.names.front();
  for (std::size_t i = 1; i < options.names.size(); ++i)
    shown.append(" => ").append(options.names[i]);
  return shown;
}

std::string WhatIsMissing(const ConfigOptions& options) {
  std::string text = "There is no setting \"" + SettingName(options) + "\"";
  if (!options.app.empty()) text.append(" of the app \"").append(options.app).append("\"");
  const std::string nearest = conf::NearestKey(options.names.front());
  if (!nearest.empty()) text.append("; did you mean \"").append(nearest).append("\"?");
  return text;
}

std::vector<std::string> Items(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    items.emplace_back(Trim(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

std::string Joined(const std::vector<std::string>& items) {
  std::string all;
  for (const std::string& item : items) all.append(all.empty() ? "" : ",").append(item);
  return all;
}

// One setting as a command names it, with its rows and its value now.
struct Named {
  OccSetting occ;
  const conf::Setting* row;
  std::optional<std::size_t> index;  // into a list
  std::string ours;                  // the effective value
};

std::optional<Named> Find(const CommandRun& run, const ConfigOptions& options) {
  const auto occ = FindOccSetting(options.app, options.names.front());
  if (!occ || options.names.size() > 2) return std::nullopt;
  Named named{*occ, conf::FindSetting(occ->key), std::nullopt, {}};
  if (options.names.size() == 2) {
    const auto index = ParseUint(options.names[1]);
    if (!named.row->is_list || !index) return std::nullopt;
    named.index = static_cast<std::size_t>(*index);
  }
  named.ours = named.row->get(run.context.config.Now()->config);
  return named;
}

// nullopt: an index behind the list's end.
std::optional<std::string> ShownValue(const Named& named) {
  if (named.index) {
    const auto items = Items(named.ours);
    return *named.index < items.size() ? std::optional(items[*named.index]) : std::nullopt;
  }
  return named.occ.from_ours == nullptr ? named.ours : named.occ.from_ours(named.ours);
}

int RunGet(const CommandRun& run, const ConfigOptions& options) {
  const auto named = Find(run, options);
  if (!named && !options.default_value) return run.Fail(WhatIsMissing(options));
  auto value = named ? ShownValue(*named) : std::nullopt;
  if (!value) value = options.default_value;
  if (!value) return kExitFailed;
  if (options.format == OutputFormat::kPlain) {
    run.out.append(Printable(*value)).append("\n");
  } else {
    Print(options.format, json::value(*value), run.out);
  }
  return kExitOk;
}

// What stands in the way of changing it, or nullopt.
std::optional<std::string> WhyFixed(const CommandRun& run, const Named& named) {
  if (!named.row->by_command) {
    return "\"" + named.row->key + "\" is set in the configuration file or by " +
           named.row->EnvName() + ", not by a command.";
  }
  const auto now = run.context.config.Now();
  const auto source = now->source.find(named.row->key);
  if (source != now->source.end() && source->second.starts_with("CAIRN_"))
    return "\"" + named.row->key + "\" is set by the variable " + source->second + ".";
  return std::nullopt;
}

// After a change: what the running server makes of it.
int TakeUp(const CommandRun& run, const Named& named) {
  auto stored = StoredSettings(run.context.engine.kv()).All();
  if (stored.has_error()) return run.Fail(stored.error());
  auto waiting = run.context.config.Reload(std::move(*stored));
  if (waiting.has_error()) return run.Fail(waiting.error());
  if (run.context.jobs != nullptr &&
      std::find(waiting->begin(), waiting->end(), named.row->key) != waiting->end()) {
    run.out.append("The server takes it up at its next start.\n");
  }
  return kExitOk;
}

int RunSet(const CommandRun& run, const ConfigOptions& options) {
  const auto named = Find(run, options);
  if (!named) return run.Fail(WhatIsMissing(options));
  if (const auto fixed = WhyFixed(run, *named)) return run.Fail(*fixed);
  Result<std::string> ours = *options.value;
  if (named->index) {
    auto items = Items(named->ours);
    if (*named->index > items.size())
      return run.Fail("The list has " + std::to_string(items.size()) + " values.");
    items.resize(std::max(items.size(), *named->index + 1));
    items[*named->index] = *options.value;
    ours = Joined(items);
  } else if (named->occ.to_ours != nullptr) {
    ours = named->occ.to_ours(*options.value);
  }
  conf::Config tried = run.context.config.Now()->config;
  auto checked = ours.has_error() ? Result<void>(ours.error()) : named->row->set(tried, *ours);
  if (checked.has_value()) checked = conf::CheckTogether(tried);
  if (checked.has_error())
    return run.Fail("\"" + *options.value + "\" is refused: " + checked.error().message);
  auto done = StoredSettings(run.context.engine.kv()).Set(named->row->key, *ours);
  if (done.has_error()) return run.Fail(done.error());
  run.out.append(options.app.empty() ? "System config value " : "Config value ")
      .append(SettingName(options))
      .append(options.app.empty() ? std::string() : " for app " + options.app)
      .append(" set to " + options.type + " ")
      .append(Printable(*options.value))
      .append("\n");
  return TakeUp(run, *named);
}

int RunDelete(const CommandRun& run, const ConfigOptions& options) {
  const auto named = Find(run, options);
  if (!named) return options.error_if_missing ? run.Fail(WhatIsMissing(options)) : kExitOk;
  if (const auto fixed = WhyFixed(run, *named)) return run.Fail(*fixed);
  StoredSettings settings(run.context.engine.kv());
  Result<void> done;
  if (named->index) {
    auto items = Items(named->ours);
    if (*named->index >= items.size())
      return options.error_if_missing ? run.Fail(WhatIsMissing(options)) : kExitOk;
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(*named->index));
    done = settings.Set(named->row->key, Joined(items));
  } else {
    done = settings.Remove(named->row->key);
  }
  if (done.has_error()) return run.Fail(done.error());
  run.out.append(options.app.empty() ? "System config value " : "Config value ")
      .append(SettingName(options))
      .append(options.app.empty() ? std::string() : " of app " + options.app)
      .append(" deleted\n");
  return TakeUp(run, *named);
}

int RunList(const CommandRun& run, const ConfigOptions& options) {
  const auto now = run.context.config.Now();
  json::object system;
  for (const conf::Setting& row : conf::Settings()) {
    const std::string value = row.get(now->config);
    if (!options.show_source) {
      system[row.key] = value;
      continue;
    }
    const auto source = now->source.find(row.key);
    system[row.key] = {{"value", value},
                       {"source", source == now->source.end() ? "default" : source->second}};
  }
  json::object apps;
  for (const OccSetting& row : OccSettings()) {
    if (row.app.empty()) continue;
    auto& app = apps.emplace(row.app, json::object()).first->value().as_object();
    const Named named{row, conf::FindSetting(row.key), std::nullopt,
                      conf::FindSetting(row.key)->get(now->config)};
    app[row.name] = *ShownValue(named);
  }
  json::object shown;
  if (options.app == "all" || options.app == "system") shown["system"] = std::move(system);
  if (options.app == "all") {
    shown["apps"] = std::move(apps);
  } else if (options.app != "system") {
    const auto* app = apps.if_contains(options.app);
    if (app == nullptr) return run.Fail("There are no settings of \"" + options.app + "\".");
    shown["apps"] = {{options.app, *app}};
  }
  Print(options.format, shown, run.out);
  return kExitOk;
}

std::shared_ptr<ConfigOptions> DeclareNames(CLI::App& app, bool of_app) {
  auto options = std::make_shared<ConfigOptions>();
  if (of_app) app.add_option("app", options->app, "App")->required();
  app.add_option("name", options->names, "Name of the setting, and an index for lists")->required();
  return options;
}

CommandBody DeclareGet(CLI::App& app, bool of_app) {
  auto options = DeclareNames(app, of_app);
  app.add_option("--default-value", options->default_value, "Shown when there is no such setting");
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) { return RunGet(run, *options); };
}

CommandBody DeclareSet(CLI::App& app, bool of_app) {
  auto options = DeclareNames(app, of_app);
  app.add_option("--value", options->value, "The new value")->required();
  app.add_option("--type", options->type, "Type of the value: string, integer, float, boolean")
      ->check(CLI::IsMember({"string", "integer", "double", "float", "boolean"}));
  app.add_flag("--update-only", options->update_only, "Only if the setting exists: all do");
  return [options](const CommandRun& run) { return RunSet(run, *options); };
}

CommandBody DeclareDelete(CLI::App& app, bool of_app) {
  auto options = DeclareNames(app, of_app);
  app.add_flag("--error-if-not-exists", options->error_if_missing,
               "Fail when there is no such setting");
  return [options](const CommandRun& run) { return RunDelete(run, *options); };
}

}  // namespace

CommandBody DeclareConfigSystemGet(CLI::App& app) { return DeclareGet(app, false); }
CommandBody DeclareConfigSystemSet(CLI::App& app) { return DeclareSet(app, false); }
CommandBody DeclareConfigSystemDelete(CLI::App& app) { return DeclareDelete(app, false); }
CommandBody DeclareConfigAppGet(CLI::App& app) { return DeclareGet(app, true); }
CommandBody DeclareConfigAppSet(CLI::App& app) { return DeclareSet(app, true); }
CommandBody DeclareConfigAppDelete(CLI::App& app) { return DeclareDelete(app, true); }

CommandBody DeclareConfigList(CLI::App& app) {
  auto options = std::make_shared<ConfigOptions>();
  options->app = "all";
  options->format = OutputFormat::kJsonPretty;  // as occ
  app.add_option("app", options->app, "all, system, or the name of an app");
  app.add_flag("--show-source", options->show_source, "Say where each value comes from");
  app.add_flag("--private", options->show_private,
               "Accepted as occ does; no setting of Cairn is a secret");
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) { return RunList(run, *options); };
}

CommandBody DeclareMaintenanceMode(CLI::App& app) {
  auto on = std::make_shared<bool>(false);
  auto off = std::make_shared<bool>(false);
  auto* on_flag = app.add_flag("--on", *on, "Answer 503 to everybody");
  app.add_flag("--off", *off, "Serve again")->excludes(on_flag);
  return [on, off](const CommandRun& run) {
    const bool now = run.context.config.Now()->config.maintenance;
    if (!*on && !*off) {
      run.out.append(now ? "Maintenance mode is currently enabled\n"
                         : "Maintenance mode is currently disabled\n");
      return kExitOk;
    }
    if (*on == now) {
      run.out.append(now ? "Maintenance mode already enabled\n"
                         : "Maintenance mode already disabled\n");
      return kExitOk;
    }
    ConfigOptions options;
    options.names = {"maintenance"};
    options.value = *on ? "true" : "false";
    std::string ignored;
    const CommandRun quiet{run.context, run.input, ignored, run.err};
    if (const int code = RunSet(quiet, options); code != kExitOk) return code;
    run.out.append(*on ? "Maintenance mode enabled\n" : "Maintenance mode disabled\n");
    return kExitOk;
  };
}

}  // namespace cairn::server
