// Accepts connections on one listening socket. A full connection table or a lack of descriptors
// pauses it; nothing else ends it but Close.
//
// Open, Start and Close may be called from any thread.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "base/asio.h"
#include "server/listen_socket.h"
#include "server/socket_stream.h"

namespace cairn::server {

class Listener : public std::enable_shared_from_this<Listener> {
 public:
  struct Hooks {
    std::function<bool()> has_room;  // false: accepting pauses
    // The event loop that the next connection lives on. One thread runs it: it is the strand.
    std::function<net::io_context&()> next_loop;
    std::function<void(StreamSocket)> on_accept;
  };

  // Accepts on `loop`, which one thread runs. kIo: the socket cannot be used.
  static Result<std::shared_ptr<Listener>> Open(net::io_context& loop, ListenSocket socket);
  ~Listener();

  void Start(Hooks hooks);
  void Close();
  const conf::ListenAddress& address() const { return address_; }

 private:
  using Acceptor = net::basic_socket_acceptor<net::generic::stream_protocol>;
  Listener(Acceptor acceptor, conf::ListenAddress address);
  static net::awaitable<void> Run(std::shared_ptr<Listener> self);
  net::awaitable<void> Pause();

  Acceptor acceptor_;
  net::steady_timer pause_;
  const conf::ListenAddress address_;
  Hooks hooks_;
};

}  // namespace cairn::server
