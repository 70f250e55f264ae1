// healthcheck: asks a running server over HTTP whether it is ready, for containers without curl.
// Opens no data directory.
#pragma once

#include <string>

#include "conf/config.h"
#include "server/admin_socket.h"

namespace cairn::server {

struct HealthQuestion {
  std::string url;    // what to ask; empty: the first listener that can be asked
  bool live = false;  // only whether the process answers
};

// Exit 0: yes; 1: no, or nobody answers. Blocks for up to five seconds.
AdminReply AskHealth(const conf::Config& config, const HealthQuestion& question);

}  // namespace cairn::server
