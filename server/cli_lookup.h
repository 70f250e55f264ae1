// What several commands do first: find the user that is named.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/cli.h"

namespace cairn::server {

// nullopt: the message is in run.err.
std::optional<storage::User> NamedUser(const CommandRun& run, std::string_view name);

// The display name; the user name where none is set.
const std::string& ShownName(const storage::User& user);

}  // namespace cairn::server
