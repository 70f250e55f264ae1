// user:report, user:lastseen: numbers and times of accounts.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/function_ref.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

constexpr std::size_t kReportPage = 500;

// Every account, in the order of names. False: the message is in run.err.
bool ForEachUser(const CommandRun& run, FunctionRef<void(const storage::User&)> visit) {
  const auto view = run.context.engine.kv().Published();
  std::string after;
  for (bool more = true; more;) {
    auto page = run.context.users.List(*view, after, kReportPage);
    if (page.has_error()) {
      run.Fail(page.error());
      return false;
    }
    for (const storage::User& user : page->users) visit(user);
    after = page->last;
    more = page->more;
  }
  return true;
}

int Report(const CommandRun& run, OutputFormat format) {
  std::uint64_t total = 0;
  std::uint64_t disabled = 0;
  auto count = [&](const storage::User& user) {
    ++total;
    if (user.disabled()) ++disabled;
  };
  if (!ForEachUser(run, count)) return kExitFailed;
  const json::object report{{"Database", total},
                            {"total users", total},
                            {"active users", total - disabled},
                            {"disabled users", disabled}};
  if (format != OutputFormat::kPlain) {
    Print(format, report, run.out);
    return kExitOk;
  }
  json::array rows;
  for (const auto& [name, number] : report)
    rows.push_back(json::object{{"User Report", name}, {"", number}});
  PrintTable(format, rows, run.out);
  return kExitOk;
}

void PrintLastSeen(const CommandRun& run, const storage::User& user) {
  if (user.last_login() == 0) {
    run.out += user.name() + " has never logged in.\n";
    return;
  }
  const std::string time = IsoTime(user.last_login());  // "2026-01-31T12:00:00+00:00"
  run.out +=
      user.name() + "'s last login: " + time.substr(0, 10) + " " + time.substr(11, 8) + " UTC\n";
}

struct LastSeenOptions {
  std::string uid;
  bool all = false;
};

int LastSeen(const CommandRun& run, const LastSeenOptions& options) {
  if (options.all != options.uid.empty()) return run.Fail("Either name a user or give --all");
  if (options.all) {
    auto print = [&](const storage::User& user) { PrintLastSeen(run, user); };
    return ForEachUser(run, print) ? kExitOk : kExitFailed;
  }
  const auto user = NamedUser(run, options.uid);
  if (!user) return kExitFailed;
  PrintLastSeen(run, *user);
  return kExitOk;
}

}  // namespace

CommandBody DeclareUserReport(CLI::App& app) {
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddOutputOption(app, *format);
  return [format](const CommandRun& run) { return Report(run, *format); };
}

CommandBody DeclareUserLastSeen(CLI::App& app) {
  auto options = std::make_shared<LastSeenOptions>();
  app.add_option("uid", options->uid, "User name");
  app.add_flag("--all", options->all, "All users");
  return [options](const CommandRun& run) { return LastSeen(run, *options); };
}

}  // namespace cairn::server
