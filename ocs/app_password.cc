// A device exchanges the login password for an app password, and gives it back on account removal.
#include "base/unicode.h"
#include "ocs/endpoints.h"

namespace cairn::ocs {
namespace {

// The device's name in the list of app passwords: its User-Agent, cut to what a name may be.
std::string DeviceName(std::string_view user_agent) {
  std::string name(user_agent.substr(0, auth::kMaxTokenName));
  while (!name.empty() && !IsValidUtf8(name)) name.pop_back();
  std::erase_if(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  name = Trim(name);
  return name.empty() ? "unknown device" : name;
}

}  // namespace

// On the slow pool: making an app password waits for the directory key, and nothing that holds it
// needs that pool.
ReplyTask MakeAppPassword(Call& call) {
  // Nobody would see what a HEAD makes.
  if (call.request.method == "HEAD")
    co_return Reply::Failure(403, "only GET shows an app password");
  if (call.user().app_password) co_return Reply::Failure(403, "Password confirmation is required");
  const std::string name = DeviceName(call.request.headers.Get("User-Agent"));
  auto work = [&] { return call.services.app_passwords.Create(call.user().caller.user, name, {}); };
  auto made = co_await call.services.pools.slow.Run(work);
  if (made.has_error()) co_return std::move(made).error();
  co_return Reply::Of(boost::json::object{{"apppassword", made->secret}});
}

ReplyTask DeleteAppPassword(Call& call) {
  if (!call.user().caller.token) co_return Reply::Failure(403, "no app password in use");
  auto work = [&] {
    return call.services.app_passwords.Delete(call.user().caller.user, *call.user().caller.token);
  };
  auto deleted = co_await call.services.pools.slow.Run(work);
  if (deleted.has_error() && !Is(deleted.error(), ErrorCode::kNotFound))
    co_return std::move(deleted).error();
  co_return Reply();
}

}  // namespace cairn::ocs
