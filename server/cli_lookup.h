// What several commands do first: find the user that is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/cli.h"

namespace cairn::server {

// nullopt: the message is in run.err.
std::optional<storage::User> NamedUser(const CommandRun& run, std::string_view name);

// The users that a command is about: those named, or all of them. nullopt: none was named and all
// were not asked for, or one does not exist; the message is in run.err.
struct UserChoice {
  std::vector<std::string> names;
  bool all = false;
};
std::optional<std::vector<storage::User>> ChosenUsers(const CommandRun& run,
                                                      const UserChoice& choice);
// Declares the names, and --all-users.
void AddUserChoice(CLI::App& app, UserChoice& choice);

// The user acting for himself, on behalf of whoever runs the command.
storage::Caller CallerFor(const storage::User& user);

}  // namespace cairn::server
