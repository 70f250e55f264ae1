// oauth2:*: the programs that may ask users for access.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "server/cli.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

struct AddClientOptions {
  std::string name;
  std::string redirect_uri;
  OutputFormat format = OutputFormat::kPlain;
};

json::object ClientRow(const storage::OAuthClient& client) {
  json::object row;
  row["id"] = client.id();
  row["name"] = client.name();
  row["redirectUri"] = client.redirect_uri();
  row["clientId"] = client.identifier();
  row["created"] = IsoTime(client.created());
  return row;
}

int AddClient(const CommandRun& run, const AddClientOptions& options) {
  auto made = run.context.oauth.Add(options.name, options.redirect_uri);
  if (made.has_error()) return run.Fail(made.error());
  json::object row = ClientRow(made->client);
  row["clientSecret"] = made->secret;
  Print(options.format, row, run.out);
  if (options.format == OutputFormat::kPlain) run.out += "The secret is shown this once.\n";
  return kExitOk;
}

// `which`: number or identifier.
int RemoveClient(const CommandRun& run, const std::string& which) {
  auto clients = run.context.oauth.List(*run.context.engine.kv().Published());
  if (clients.has_error()) return run.Fail(clients.error());
  const auto found = std::find_if(clients->begin(), clients->end(), [&](const auto& client) {
    return client.identifier() == which || std::to_string(client.id()) == which;
  });
  if (found == clients->end()) return run.Fail("Client does not exist");
  auto done = run.context.oauth.Remove(found->identifier());
  if (done.has_error() && Is(done.error(), ErrorCode::kNotFound))
    return run.Fail("Client does not exist");
  return done.has_error() ? run.Fail(done.error()) : kExitOk;
}

}  // namespace

CommandBody DeclareOAuthAdd(CLI::App& app) {
  auto options = std::make_shared<AddClientOptions>();
  app.add_option("name", options->name, "Name of the program, as users will see it")->required();
  app.add_option("redirect_uri", options->redirect_uri,
                 "Where browsers are sent back to, exactly as the program will name it")
      ->required();
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) { return AddClient(run, *options); };
}

CommandBody DeclareOAuthList(CLI::App& app) {
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddOutputOption(app, *format);
  return [format](const CommandRun& run) {
    auto clients = run.context.oauth.List(*run.context.engine.kv().Published());
    if (clients.has_error()) return run.Fail(clients.error());
    json::array rows;
    for (const storage::OAuthClient& client : *clients) rows.push_back(ClientRow(client));
    PrintTable(*format, rows, run.out);
    return kExitOk;
  };
}

CommandBody DeclareOAuthRemove(CLI::App& app) {
  auto which = std::make_shared<std::string>();
  app.add_option("client", *which, "Number or client id, as oauth2:list shows them")->required();
  return [which](const CommandRun& run) { return RemoveClient(run, *which); };
}

}  // namespace cairn::server
