// group:*: groups and their members.
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

constexpr std::size_t kPage = 1000;

struct Options {
  std::string group;
  std::string user;
};

auth::Groups GroupsIn(const CommandRun& run) { return auth::Groups(run.context.engine.kv()); }

CommandBody DeclareMembership(CLI::App& app, bool member) {
  auto options = std::make_shared<Options>();
  app.add_option("group", options->group, "Group")->required();
  app.add_option("user", options->user, "User name")->required();
  return [options, member](const CommandRun& run) {
    auto groups = GroupsIn(run);
    auto group = groups.Find(*run.context.engine.kv().Published(), options->group);
    if (group.has_error()) return run.Fail(group.error());
    if (!*group) return run.Fail("group not found");
    const auto user = NamedUser(run, options->user);
    if (!user) return kExitFailed;
    const UserId id{user->id()};
    auto done =
        member ? groups.AddMember(options->group, id) : groups.RemoveMember(options->group, id);
    return done.has_error() ? run.Fail(done.error()) : kExitOk;
  };
}

// Names of up to kPage members.
Result<json::array> MemberNames(const CommandRun& run, const storage::KvView& view,
                                std::string_view group) {
  ASSIGN_OR_RETURN(const auto members, GroupsIn(run).Members(view, group, UserId{}, kPage));
  json::array names;
  for (const UserId id : members) {
    ASSIGN_OR_RETURN(const auto user, run.context.users.Find(view, id));
    if (user) names.emplace_back(user->name());
  }
  return names;
}

int ListGroups(const CommandRun& run, OutputFormat format) {
  const auto view = run.context.engine.kv().Published();
  json::object shown;
  std::string after;
  for (;;) {
    auto page = GroupsIn(run).List(*view, after, kPage);
    if (page.has_error()) return run.Fail(page.error());
    for (const storage::Group& group : *page) {
      auto names = MemberNames(run, *view, group.name());
      if (names.has_error()) return run.Fail(names.error());
      shown[group.name()] = std::move(*names);
    }
    if (page->size() < kPage) break;
    after = page->back().name();
  }
  Print(format, shown, run.out);
  return kExitOk;
}

}  // namespace

CommandBody DeclareGroupAdd(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("group", options->group, "Group")->required();
  return [options](const CommandRun& run) {
    auto done = GroupsIn(run).Create(options->group);
    if (done.has_error() && Is(done.error(), ErrorCode::kAlreadyExists)) {
      return run.Fail("Group \"" + options->group + "\" already exists.");
    }
    if (done.has_error()) return run.Fail(done.error());
    run.out += "Created group \"" + options->group + "\"\n";
    return kExitOk;
  };
}

CommandBody DeclareGroupDelete(CLI::App& app) {
  auto options = std::make_shared<Options>();
  app.add_option("group", options->group, "Group")->required();
  return [options](const CommandRun& run) {
    auto done = GroupsIn(run).Remove(options->group);
    if (done.has_error() && Is(done.error(), ErrorCode::kNotFound)) {
      return run.Fail("Group \"" + options->group + "\" does not exist.");
    }
    if (done.has_error() && Is(done.error(), ErrorCode::kForbidden)) {
      return run.Fail("Group \"" + options->group + "\" could not be deleted.");
    }
    if (done.has_error()) return run.Fail(done.error());
    run.out += "Group \"" + options->group + "\" was removed\n";
    return kExitOk;
  };
}

CommandBody DeclareGroupList(CLI::App& app) {
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddOutputOption(app, *format);
  return [format](const CommandRun& run) { return ListGroups(run, *format); };
}

CommandBody DeclareGroupInfo(CLI::App& app) {
  struct InfoOptions {
    std::string group;
    OutputFormat format = OutputFormat::kPlain;
  };
  auto options = std::make_shared<InfoOptions>();
  app.add_option("group", options->group, "Group")->required();
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) {
    auto group = GroupsIn(run).Find(*run.context.engine.kv().Published(), options->group);
    if (group.has_error()) return run.Fail(group.error());
    if (!*group) return run.Fail("Group \"" + options->group + "\" does not exist.");
    const std::string& shown = (*group)->display_name();
    const json::object info{{"groupID", (*group)->name()},
                            {"displayName", shown.empty() ? (*group)->name() : shown},
                            {"backends", json::array{"Database"}}};
    Print(options->format, info, run.out);
    return kExitOk;
  };
}

CommandBody DeclareGroupAddUser(CLI::App& app) { return DeclareMembership(app, true); }
CommandBody DeclareGroupRemoveUser(CLI::App& app) { return DeclareMembership(app, false); }

}  // namespace cairn::server
