#include "outgoing/fetch.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <utility>

namespace cairn::outgoing {
namespace {

using std::chrono::steady_clock;

// Belongs to the coroutine and to the work in the pool, whichever ends last. `outcome` and `timer`
// are touched on the coroutine's executor only.
struct Call {
  Call(const net::any_io_executor& on, Request what, std::chrono::milliseconds budget)
      : executor(on), request(std::move(what)), end(steady_clock::now() + budget), timer(on, end) {}

  const net::any_io_executor executor;
  const Request request;
  const steady_clock::time_point end;
  net::steady_timer timer;
  std::optional<Result<Response>> outcome;
};

}  // namespace

net::awaitable<Result<Response>> Fetch(Client& client, Pool& pool, Request request,
                                       std::chrono::milliseconds budget) {
  const auto executor = co_await net::this_coro::executor;
  const auto call = std::make_shared<Call>(executor, std::move(request), budget);
  auto work = [call, &client] {
    if (steady_clock::now() >= call->end) return;
    auto outcome = client.Send(call->request);
    net::post(call->executor, [call, outcome = std::move(outcome)]() mutable {
      call->outcome.emplace(std::move(outcome));
      call->timer.cancel();
    });
  };
  if (!pool.Post(std::move(work))) co_return pool.Full();
  boost::system::error_code ignored;
  auto token = net::redirect_error(net::use_awaitable, ignored);
  co_await call->timer.async_wait(token);
  if (!call->outcome) co_return Fail(ErrorCode::kBusy, "no answer within the caller's budget");
  co_return std::move(*call->outcome);
}

}  // namespace cairn::outgoing
