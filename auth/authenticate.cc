#include "auth/authenticate.h"

#include <optional>

#include "storage/hot_read.h"

namespace cairn::auth {

net::awaitable<Result<Principal>> Authenticate(Authenticator& authenticator, Pools& pools,
                                               const storage::KvStore& store, Attempt attempt) {
  if (attempt.authorization.empty()) co_return Fail(ErrorCode::kUnauthenticated, "no credentials");
  auto fast = [&](const storage::KvView& view) -> Result<std::optional<Principal>> {
    auto checked = authenticator.CheckFast(attempt, view);
    if (!checked) return std::optional<Principal>();
    if (checked->has_error()) return std::move(*checked).error();
    return std::optional<Principal>(std::move(**checked));
  };
  auto known = co_await storage::ReadHot(store, pools.read, fast);
  if (known.has_error()) co_return std::move(known).error();
  if (*known) co_return std::move(**known);
  auto slow = [&]() -> Result<Principal> {
    return authenticator.CheckSlow(attempt, *store.Published());
  };
  co_return co_await pools.slow.Run(slow);
}

}  // namespace cairn::auth
