// user:auth-tokens:*: app passwords.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

struct AddTokenOptions {
  std::string uid;
  std::string name = "cli";  // occ's default
  bool no_files = false;
};

struct DeleteTokenOptions {
  std::string uid;
  std::optional<std::uint64_t> id;
  std::string last_used_before;
};

json::object TokenRow(const storage::Token& token) {
  json::object row;
  row["id"] = token.id();
  row["name"] = token.name();
  row["lastActivity"] =
      token.last_used() == 0 ? json::value(nullptr) : json::value(IsoTime(token.last_used()));
  row["created"] = IsoTime(token.created());
  row["expires"] =
      token.expires() == 0 ? json::value(nullptr) : json::value(IsoTime(token.expires()));
  row["scope"] = token.no_files() ? "no files" : "filesystem";
  return row;
}

// Those last used (or, when never used, made) before the moment.
int DeleteUnused(const CommandRun& run, UserId user, std::int64_t before) {
  auto tokens = run.context.app_passwords.List(*run.context.engine.kv().Published(), user);
  if (tokens.has_error()) return run.Fail(tokens.error());
  for (const storage::Token& token : *tokens) {
    if (std::max(token.last_used(), token.created()) >= before) continue;
    auto done = run.context.app_passwords.Delete(user, TokenId{token.id()});
    if (done.has_error() && !Is(done.error(), ErrorCode::kNotFound)) return run.Fail(done.error());
  }
  return kExitOk;
}

int DeleteTokens(const CommandRun& run, const DeleteTokenOptions& options) {
  if (options.id.has_value() == !options.last_used_before.empty()) {
    return run.Fail("Either an id or the option --last-used-before is needed.");
  }
  const auto user = NamedUser(run, options.uid);
  if (!user) return kExitFailed;
  const UserId id{user->id()};
  if (!options.id) {
    const auto before = ParseTime(options.last_used_before);
    if (!before)
      return run.Fail("--last-used-before: a date, as 2026-01-31 or 2026-01-31T12:00:00Z");
    return DeleteUnused(run, id, *before);
  }
  auto done = run.context.app_passwords.Delete(id, TokenId{*options.id});
  if (done.has_error() && Is(done.error(), ErrorCode::kNotFound))
    return run.Fail("Token does not exist");
  return done.has_error() ? run.Fail(done.error()) : kExitOk;
}

}  // namespace

CommandBody DeclareTokenAdd(CLI::App& app) {
  auto options = std::make_shared<AddTokenOptions>();
  app.add_option("uid", options->uid, "User name")->required();
  app.add_option("--name", options->name, "Name of the app password: the device it is for");
  app.add_flag("--no-files", options->no_files, "The app password may not reach files");
  return [options](const CommandRun& run) {
    const auto user = NamedUser(run, options->uid);
    if (!user) return kExitFailed;
    auth::TokenOptions scope;
    scope.no_files = options->no_files;
    auto made = run.context.app_passwords.Create(UserId{user->id()}, options->name, scope);
    if (made.has_error()) return run.Fail(made.error());
    run.out += "app password:\n" + made->secret + "\n";
    return kExitOk;
  };
}

CommandBody DeclareTokenList(CLI::App& app) {
  auto uid = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  app.add_option("uid", *uid, "User name")->required();
  AddOutputOption(app, *format);
  return [uid, format](const CommandRun& run) {
    const auto user = NamedUser(run, *uid);
    if (!user) return kExitFailed;
    auto tokens =
        run.context.app_passwords.List(*run.context.engine.kv().Published(), UserId{user->id()});
    if (tokens.has_error()) return run.Fail(tokens.error());
    json::array rows;
    for (const storage::Token& token : *tokens) rows.push_back(TokenRow(token));
    PrintTable(*format, rows, run.out);
    return kExitOk;
  };
}

CommandBody DeclareTokenDelete(CLI::App& app) {
  auto options = std::make_shared<DeleteTokenOptions>();
  app.add_option("uid", options->uid, "User name")->required();
  app.add_option("id", options->id,
                 "Number of the app password, as user:auth-tokens:list shows it");
  app.add_option("--last-used-before", options->last_used_before,
                 "Delete all that were last used before this date");
  return [options](const CommandRun& run) { return DeleteTokens(run, *options); };
}

}  // namespace cairn::server
