// The one door for a request's Authorization header, for every protocol edge: the fast check on the
// read pool (one or two look-ups), then, only for a login password that is not remembered, Argon2id
// on the slow pool. A coroutine; everything it calls blocks on its pool.
#pragma once

#include <string>

#include "auth/authenticator.h"
#include "auth/principal.h"
#include "base/offload.h"
#include "storage/kv_store.h"

namespace cairn::auth {

// No Authorization = kUnauthenticated. kThrottled: with Error.retry_after. kBusy: a pool is full.
net::awaitable<Result<Principal>> Authenticate(Authenticator& authenticator, Pools& pools,
                                               const storage::KvStore& store, Attempt attempt);

}  // namespace cairn::auth
