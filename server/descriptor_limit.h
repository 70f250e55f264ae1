// The process's limit of descriptors, and how many connections fit into it. A flood of connections
// must leave some for files: a store that cannot open its own is broken.
//
// Thread-safe. Never blocks.
#pragma once

#include <cstddef>

namespace cairn::server {

// Raises the limit as far as the system allows (`ulimit -Hn`). What it is then.
std::size_t RaiseDescriptorLimit();

// Each connection may keep a file open besides its socket; the rest is for the store, the admin
// socket, logs and listeners. At least 1.
std::size_t ConnectionsWithin(std::size_t descriptors);

}  // namespace cairn::server
