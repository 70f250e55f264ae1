// What systemd and a service tell each other (sd_listen_fds(3), sd_notify(3)): environment
// variables and one datagram.
#pragma once

#include <string_view>
#include <vector>

#include "server/descriptor.h"

namespace cairn::server {

// The sockets that were handed over to this process. Takes them: a second call gets none.
std::vector<Descriptor> TakeSystemdSockets();

// "READY=1", "STOPPING=1", "RELOADING=1\nMONOTONIC_USEC=..." to the supervisor; nothing when there
// is none.
void NotifySystemd(std::string_view state);

}  // namespace cairn::server
