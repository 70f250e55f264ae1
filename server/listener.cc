#include "server/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace cairn::server {
namespace {

constexpr auto kAwait = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds kPause{50};

bool IsShortage(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::Open(net::io_context& loop, ListenSocket socket) {
  Acceptor acceptor(loop);
  boost::system::error_code error;
  const int family = socket.address.kind == conf::ListenAddress::Kind::kUnix ? AF_UNIX : AF_INET;
  acceptor.assign(net::generic::stream_protocol(family, 0), socket.fd.get(), error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return Fail(ErrorCode::kIo, conf::ListenText(socket.address) + ": " + error.message());
  socket.fd.Release();  // the acceptor's now
  return std::shared_ptr<Listener>(new Listener(std::move(acceptor), std::move(socket.address)));
}

Listener::Listener(Acceptor acceptor, conf::ListenAddress address)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      address_(std::move(address)) {}

Listener::~Listener() {
  if (address_.kind == conf::ListenAddress::Kind::kUnix) ::unlink(address_.path.c_str());
}

void Listener::Start(Hooks hooks) {
  hooks_ = std::move(hooks);
  auto run = Run(shared_from_this());
  net::co_spawn(acceptor_.get_executor(), std::move(run), net::detached);
}

void Listener::Close() {
  net::post(acceptor_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

net::awaitable<void> Listener::Pause() {
  pause_.expires_after(kPause);
  co_await pause_.async_wait(kAwait);
}

net::awaitable<void> Listener::Run(std::shared_ptr<Listener> self) {
  bool told = false;
  while (self->acceptor_.is_open()) {
    if (!self->hooks_.has_room()) {
      if (!std::exchange(told, true)) log::warn("too many connections: accepting is paused");
      co_await self->Pause();
      continue;
    }
    net::io_context& loop = self->hooks_.next_loop();
    auto [error, socket] = co_await self->acceptor_.async_accept(loop, kAwait);
    if (!error) {
      told = false;
      self->hooks_.on_accept(std::move(socket));
    } else if (IsShortage(error)) {
      if (!std::exchange(told, true)) log::warn("accepting is paused: {}", error.message());
      co_await self->Pause();
    }
  }
}

}  // namespace cairn::server
