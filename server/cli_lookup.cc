#include "server/cli_lookup.h"

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

const std::string& ShownName(const storage::User& user) {
  return user.display_name().empty() ? user.name() : user.display_name();
}

}  // namespace cairn::server
