// trashbin:*: what lies in the trash bins, and the ways out.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>
#include <limits>

#include "base/quantity.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"
#include "server/features.h"
#include "storage/commit.h"
#include "trash/bin.h"
#include "trash/expiry.h"
#include "trash/links.h"

namespace cairn::server {

namespace json = boost::json;
using storage::User;

namespace {

constexpr std::size_t kPerStep = 1000;

SpaceId HomeOf(const User& user) { return SpaceId{user.space()}; }

// One command over the chosen users; the first failure ends it.
template <class PerUser>
int ForUsers(const CommandRun& run, const UserChoice& choice, PerUser each) {
  const auto users = ChosenUsers(run, choice);
  if (!users) return kExitFailed;
  for (const User& user : *users) {
    const Result<void> done = each(user);
    if (done.has_error()) return run.Fail(user.name() + ": " + done.error().message);
  }
  return kExitOk;
}

Result<void> CleanUp(const CommandRun& run, const User& user) {
  storage::Engine& engine = run.context.engine;
  const storage::Caller caller = CallerFor(user);
  const storage::WriteContext context{.caller = caller};
  const SpaceId home = HomeOf(user);
  RETURN_IF_ERROR(engine.tree().ReserveIds({.home = home, .segments = {}}));
  auto body = [&](storage::KvTxn& txn) { return trash::Empty(engine.tree(), txn, context, home); };
  ASSIGN_OR_RETURN(const bool any,
                   storage::CommitBlocking(engine.kv(), {storage::SpaceKey(home)}, body));
  auto drop = [&](storage::KvTxn& txn) { return trash::DropLinks(txn, caller.user, kPerStep); };
  for (std::size_t dropped = kPerStep; dropped == kPerStep;) {
    ASSIGN_OR_RETURN(dropped,
                     storage::CommitBlocking(engine.kv(), {storage::SpaceKey(home)}, drop));
  }
  run.out += (any ? "Removed deleted files of " : "No deleted files of ") + user.name() + "\n";
  return {};
}

std::string_view Why(trash::Reason reason) {
  return reason == trash::Reason::kAge ? "too old" : "the space is needed";
}

Result<void> Expire(const CommandRun& run, const User& user, bool dry_run) {
  const auto& keeping = run.context.features.trash.keeping();
  if (dry_run) {
    ASSIGN_OR_RETURN(const auto expired,
                     trash::FindExpired(run.context.engine, keeping, HomeOf(user),
                                        std::numeric_limits<std::size_t>::max()));
    for (const trash::Expired& one : expired) {
      run.out += user.name() + ": would remove " + Printable(one.path) + " (deleted " +
                 IsoTime(one.deleted_at) + ", " + SizeText(one.bytes) +
                 "): " + std::string(Why(one.reason)) + "\n";
    }
    return {};
  }
  std::uint64_t gone = 0;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(const std::uint64_t step,
                     trash::ExpireStep(run.context.engine, keeping, HomeOf(user), kPerStep));
    gone += step;
    more = step > 0;
  }
  run.out += user.name() + ": " + std::to_string(gone) + " deletions removed\n";
  return {};
}

struct RestoreOptions {
  UserChoice users;
  std::string user;
  std::string since;
  std::string until;
  bool dry_run = false;
};

struct Span {
  std::int64_t since = std::numeric_limits<std::int64_t>::min();
  std::int64_t until = std::numeric_limits<std::int64_t>::max();
};

// A time as people write it, or seconds since 1970.
std::optional<std::int64_t> TimeOf(const std::string& text) {
  if (const auto seconds = ParseInt(text)) return seconds;
  return ParseTime(text);
}

// The deletions of a span, oldest first, a page at a time.
Result<std::vector<std::string>> NextDeletions(storage::Engine& engine, SpaceId home, Span span,
                                               std::string& after, bool& more) {
  std::vector<std::string> names;
  const auto view = engine.kv().Published();
  more = false;
  const auto root = trash::Resolve(*view, {.space = home, .segments = {}});
  if (root.has_error()) {
    if (Is(root.error(), ErrorCode::kNotFound)) return names;
    return root.error();
  }
  ASSIGN_OR_RETURN(const storage::Page page,
                   engine.tree().List(*view, root->leaf().id(), after, kPerStep));
  for (const storage::Entry& entry : page.entries) {
    after = entry.key;
    const std::int64_t at = entry.node.trash().deleted();
    if (at >= span.since && at <= span.until) names.push_back(trash::ExposedName(entry));
  }
  more = page.more;
  return names;
}

Result<void> RestoreAll(const CommandRun& run, const User& user, Span span, bool dry_run) {
  storage::Engine& engine = run.context.engine;
  const storage::Caller caller = CallerFor(user);
  const storage::WriteContext context{.caller = caller};
  const SpaceId home = HomeOf(user);
  std::uint64_t restored = 0;
  std::string after;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(const auto names, NextDeletions(engine, home, span, after, more));
    for (const std::string& name : names) {
      const trash::TrashPath path{.space = home, .segments = {name}};
      if (dry_run) {
        ASSIGN_OR_RETURN(const auto chain, trash::Resolve(*engine.kv().Published(), path));
        run.out +=
            user.name() + ": would restore " + Printable(trash::OriginalLocation(chain)) + "\n";
        continue;
      }
      auto body = [&](storage::KvTxn& txn) {
        return trash::Restore(engine.tree(), txn, context, path);
      };
      const auto done = storage::CommitBlocking(engine.kv(), {storage::SpaceKey(home)}, body);
      if (done.has_error() && Is(done.error(), ErrorCode::kNotFound)) continue;  // restored or gone
      if (done.has_error()) {
        return Fail(done.error().code, name + ": " + done.error().message + " (" +
                                           std::to_string(restored) + " restored before)");
      }
      ++restored;
    }
  }
  if (!dry_run) run.out += user.name() + ": " + std::to_string(restored) + " restored\n";
  return {};
}

int Restore(const CommandRun& run, RestoreOptions options) {
  Span span;
  for (const auto& [text, bound, name] : {std::tuple{&options.since, &span.since, "--since"},
                                          {&options.until, &span.until, "--until"}}) {
    if (text->empty()) continue;
    const auto time = TimeOf(*text);
    if (!time)
      return run.Fail(std::string(name) + " is not a time, as 2026-01-31 or 2026-01-31T12:00:00");
    *bound = *time;
  }
  if (!options.user.empty()) options.users.names.push_back(options.user);
  return ForUsers(run, options.users,
                  [&](const User& user) { return RestoreAll(run, user, span, options.dry_run); });
}

int Size(const CommandRun& run, UserChoice choice, OutputFormat format) {
  if (choice.names.empty()) choice.all = true;
  const auto view = run.context.engine.kv().Published();
  json::array rows;
  const int exit = ForUsers(run, choice, [&](const User& user) -> Result<void> {
    ASSIGN_OR_RETURN(const trash::TrashTotals totals, trash::TotalsOf(*view, HomeOf(user)));
    json::object row;
    row["user"] = user.name();
    row["deletions"] = totals.entries;
    row["bytes"] = totals.bytes;
    row["version_bytes"] = totals.version_bytes;
    rows.push_back(std::move(row));
    return {};
  });
  if (exit == kExitOk) PrintTable(format, rows, run.out);
  return exit;
}

}  // namespace

CommandBody DeclareTrashCleanup(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  AddUserChoice(app, *choice);
  return [choice](const CommandRun& run) {
    return ForUsers(run, *choice, [&](const User& user) { return CleanUp(run, user); });
  };
}

CommandBody DeclareTrashExpire(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  auto dry_run = std::make_shared<bool>(false);
  AddUserChoice(app, *choice);
  app.add_flag("--dry-run", *dry_run, "Only show what would be removed, and why");
  return [choice, dry_run](const CommandRun& run) {
    UserChoice users = *choice;
    if (users.names.empty()) users.all = true;
    return ForUsers(run, users, [&](const User& user) { return Expire(run, user, *dry_run); });
  };
}

CommandBody DeclareTrashRestore(CLI::App& app) {
  auto options = std::make_shared<RestoreOptions>();
  AddUserChoice(app, options->users);
  app.add_option("--user", options->user, "The user, as an option");
  app.add_option("--since", options->since, "Only what was deleted at or after this time");
  app.add_option("--until", options->until, "Only what was deleted at or before this time");
  app.add_flag("--dry-run", options->dry_run, "Only show what would be restored");
  return [options](const CommandRun& run) { return Restore(run, *options); };
}

CommandBody DeclareTrashSize(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddUserChoice(app, *choice);
  AddOutputOption(app, *format);
  return [choice, format](const CommandRun& run) { return Size(run, *choice, *format); };
}

}  // namespace cairn::server
