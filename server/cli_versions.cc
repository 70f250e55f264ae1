// versions:*: removing what was overwritten.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "base/quantity.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/features.h"
#include "versions/expiry.h"

namespace cairn::server {

using storage::User;
using versions::ThinReport;

namespace {

constexpr std::size_t kVersionsPerRun = 500;

void Add(ThinReport& sum, const ThinReport& more) {
  sum.files += more.files;
  sum.versions += more.versions;
  sum.bytes += more.bytes;
}

std::string Text(const ThinReport& report) {
  return std::to_string(report.versions) + " versions, " + SizeText(report.bytes);
}

int CleanUp(const CommandRun& run, const UserChoice& choice) {
  const auto users = ChosenUsers(run, choice);
  if (!users) return kExitFailed;
  for (const User& user : *users) {
    ThinReport sum;
    for (bool more = true; more;) {
      const auto step =
          versions::CleanUpStep(run.context.engine, SpaceId{user.space()}, kVersionsPerRun);
      if (step.has_error()) return run.Fail(user.name() + ": " + step.error().message);
      Add(sum, *step);
      more = step->versions > 0;
    }
    run.out += user.name() + ": removed " + Text(sum) + "\n";
  }
  return kExitOk;
}

Result<ThinReport> MakeRoom(const CommandRun& run, SpaceId space, bool dry_run) {
  ThinReport sum;
  for (bool more = true; more;) {
    ASSIGN_OR_RETURN(
        const ThinReport step,
        versions::MakeRoomStep(run.context.engine, run.context.features.versions.keeping(), space,
                               kVersionsPerRun, dry_run));
    Add(sum, step);
    more = !dry_run && step.versions > 0;
  }
  return sum;
}

int Expire(const CommandRun& run, UserChoice choice, bool dry_run) {
  const auto& keeping = run.context.features.versions.keeping();
  if (choice.names.empty()) choice.all = true;
  const auto users = ChosenUsers(run, choice);
  if (!users) return kExitFailed;
  const std::string_view verb = dry_run ? "would remove " : "removed ";
  if (choice.all) {
    ThinReport sum;
    versions::ThinCursor cursor;
    do {
      const auto step =
          versions::ThinStep(run.context.engine, keeping, cursor, kVersionsPerRun, dry_run);
      if (step.has_error()) return run.Fail(step.error());
      Add(sum, *step);
    } while (!cursor.after.empty());
    run.out.append("Schedule: ").append(verb).append(Text(sum)).append("\n");
  }
  for (const User& user : *users) {
    ThinReport sum;
    if (!choice.all) {
      const auto thinned =
          versions::ThinSpace(run.context.engine, keeping, SpaceId{user.space()}, dry_run);
      if (thinned.has_error()) return run.Fail(user.name() + ": " + thinned.error().message);
      sum = *thinned;
    }
    const auto room = MakeRoom(run, SpaceId{user.space()}, dry_run);
    if (room.has_error()) return run.Fail(user.name() + ": " + room.error().message);
    Add(sum, *room);
    run.out.append(user.name()).append(": ").append(verb).append(Text(sum)).append("\n");
  }
  return kExitOk;
}

}  // namespace

CommandBody DeclareVersionsCleanup(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  AddUserChoice(app, *choice);
  return [choice](const CommandRun& run) { return CleanUp(run, *choice); };
}

CommandBody DeclareVersionsExpire(CLI::App& app) {
  auto choice = std::make_shared<UserChoice>();
  auto dry_run = std::make_shared<bool>(false);
  AddUserChoice(app, *choice);
  app.add_flag("--dry-run", *dry_run, "Only show what would be removed");
  return [choice, dry_run](const CommandRun& run) { return Expire(run, *choice, *dry_run); };
}

}  // namespace cairn::server
