// quota:recalculate: proves that what the quota counts with is what is there.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "quota/recount.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

int Recalculate(const CommandRun& run, UserChoice choice, OutputFormat format) {
  if (choice.names.empty()) choice.all = true;
  const auto users = ChosenUsers(run, choice);
  if (!users) return kExitFailed;
  json::array rows;
  bool all_equal = true;
  for (const storage::User& user : *users) {
    storage::Engine& engine = run.context.engine;
    const auto view = engine.kv().Published();
    const auto recount = quota::CountAgain(engine.tree(), *view, SpaceId{user.space()});
    if (recount.has_error()) return run.Fail(user.name() + ": " + recount.error().message);
    const bool equal = recount->stored == recount->counted;
    all_equal = all_equal && equal;
    json::object row;
    row["user"] = user.name();
    row["stored"] = recount->stored.bytes;
    row["counted"] = recount->counted.bytes;
    row["files"] = recount->counted.files;
    row["folders"] = recount->counted.folders;
    row["equal"] = equal;
    rows.push_back(std::move(row));
  }
  PrintTable(format, rows, run.out);
  if (all_equal) return kExitOk;
  return run.Fail("Stored and counted sizes differ: stop the server and run `cairn fsck`.");
}

}  // namespace

CommandBody DeclareQuotaRecalculate(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddUserChoice(app, *choice);
  AddOutputOption(app, *format);
  return [choice, format](const CommandRun& run) { return Recalculate(run, *choice, *format); };
}

}  // namespace cairn::server
