#include "server/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <utility>

#include "base/log.h"

namespace cairn::server {
namespace {

constexpr auto kAwait = net::as_tuple(net::use_awaitable);
constexpr std::chrono::milliseconds kPause{50};
constexpr int kBacklog = 4096;

bool IsShortage(const boost::system::error_code& error) {
  return error == boost::system::errc::too_many_files_open ||
         error == boost::system::errc::too_many_files_open_in_system ||
         error == boost::system::errc::no_buffer_space ||
         error == boost::system::errc::not_enough_memory;
}

Error Failed(const std::string& host, std::uint16_t port, const boost::system::error_code& error) {
  return Fail(ErrorCode::kIo, "cannot listen on " + host + " port " + std::to_string(port) + ": " +
                                  error.message());
}

}  // namespace

Result<std::shared_ptr<Listener>> Listener::Open(net::io_context& io, const std::string& host,
                                                 std::uint16_t port) {
  boost::system::error_code error;
  const auto address = net::ip::make_address(host, error);
  if (error) return Fail(ErrorCode::kInvalidArgument, "\"" + host + "\" is not an IP address");
  const net::ip::tcp::endpoint endpoint(address, port);
  const net::any_io_executor strand = net::make_strand(io);
  net::ip::tcp::acceptor acceptor(strand);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor.set_option(net::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return Failed(host, port, error);
  const std::uint16_t bound = acceptor.local_endpoint(error).port();
  if (error) return Failed(host, port, error);
  return std::shared_ptr<Listener>(new Listener(io, std::move(acceptor), bound));
}

Listener::Listener(net::io_context& io, net::ip::tcp::acceptor acceptor, std::uint16_t port)
    : io_(io), acceptor_(std::move(acceptor)), pause_(acceptor_.get_executor()), port_(port) {}

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
    const net::any_io_executor strand = net::make_strand(self->io_);
    auto [error, socket] = co_await self->acceptor_.async_accept(strand, kAwait);
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
