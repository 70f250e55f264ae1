// Accepts TCP connections on one address. A full connection table or a lack of descriptors pauses
// it; nothing else ends it but Close.
//
// Open, Start and Close may be called from any thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/asio.h"
#include "base/error.h"

namespace cairn::server {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  struct Hooks {
    std::function<bool()> has_room;  // false: accepting pauses
    std::function<void(net::ip::tcp::socket)>
        on_accept;  // the socket's executor is a strand of its own
  };

  // `host`: an IP address; port 0: any free one. kInvalidArgument: not an address; kIo: cannot be
  // bound.
  static Result<std::shared_ptr<Listener>> Open(net::io_context& io, const std::string& host,
                                                std::uint16_t port);

  void Start(Hooks hooks);
  void Close();
  std::uint16_t port() const { return port_; }

 private:
  Listener(net::io_context& io, net::ip::tcp::acceptor acceptor, std::uint16_t port);
  static net::awaitable<void> Run(std::shared_ptr<Listener> self);
  net::awaitable<void> Pause();

  net::io_context& io_;
  net::ip::tcp::acceptor acceptor_;  // on a strand
  net::steady_timer pause_;          // the same strand
  const std::uint16_t port_;
  Hooks hooks_;
};

}  // namespace cairn::server
