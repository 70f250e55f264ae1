// Listening sockets: TCP, Unix, and those that systemd hands over.
#pragma once

#include <vector>

#include "base/error.h"
#include "conf/listen.h"
#include "server/descriptor.h"

namespace cairn::server {

struct ListenSocket {
  Descriptor fd;
  conf::ListenAddress address;  // with the port that was taken
};

// Binds and listens; several for systemd. A Unix socket that nobody listens on any more is
// replaced. kInvalidArgument: not an address of this machine, or no socket was handed over; kIo:
// cannot be bound, or somebody else listens there.
Result<std::vector<ListenSocket>> OpenListenSockets(const conf::ListenAddress& address);

}  // namespace cairn::server
