// An outgoing call from a coroutine, which waits for it as long as it can afford to.
//
//   auto answer = co_await outgoing::Fetch(client, pools.outgoing, request, 2s);
//
// The pool is one of its own: a server that never answers holds a thread of it until the client's
// timeout, and nothing else.
#pragma once

#include <chrono>

#include "base/asio.h"
#include "base/error.h"
#include "base/offload.h"
#include "outgoing/client.h"

namespace cairn::outgoing {

// As Client::Send; kBusy also when the pool is full, or when `budget` is over: then the call goes
// on in the pool, and its answer is dropped. A call that has not begun by then never does. The
// coroutine runs on one thread or a strand. `client` and the executor live until the pool is
// joined.
net::awaitable<Result<Response>> Fetch(Client& client, Pool& pool, Request request,
                                       std::chrono::milliseconds budget);

}  // namespace cairn::outgoing
