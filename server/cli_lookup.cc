#include "server/cli_lookup.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <utility>

namespace cairn::server {

std::optional<storage::User> NamedUser(const CommandRun& run, std::string_view name) {
  auto user = run.context.users.FindByName(*run.context.engine.kv().Published(), name);
  if (user.has_error()) {
    run.Fail(user.error());
    return std::nullopt;
  }
  if (!*user) run.Fail("User does not exist");
  return std::move(*user);
}

void AddUserChoice(CLI::App& app, UserChoice& choice) {
  app.add_option("user", choice.names, "The users")->expected(0, -1);
  app.add_flag("--all-users", choice.all, "All users");
}

std::optional<std::vector<storage::User>> ChosenUsers(const CommandRun& run,
                                                      const UserChoice& choice) {
  constexpr std::size_t kUsersPerPage = 500;
  if (choice.all != choice.names.empty()) {
    run.Fail("Either name users or give --all-users");
    return std::nullopt;
  }
  std::vector<storage::User> users;
  for (const std::string& name : choice.names) {
    auto user = NamedUser(run, name);
    if (!user) return std::nullopt;
    users.push_back(std::move(*user));
  }
  const auto view = run.context.engine.kv().Published();
  std::string after;
  for (bool more = choice.all; more;) {
    auto page = run.context.users.List(*view, after, kUsersPerPage);
    if (page.has_error()) {
      run.Fail(page.error());
      return std::nullopt;
    }
    std::move(page->users.begin(), page->users.end(), std::back_inserter(users));
    after = page->last;
    more = page->more;
  }
  return users;
}

storage::Caller CallerFor(const storage::User& user) {
  storage::Caller caller;
  caller.user = UserId{user.id()};
  caller.user_name = user.name();
  caller.user_version = user.version();
  return caller;
}

}  // namespace cairn::server
