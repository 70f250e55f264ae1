#include "server/descriptor.h"

#include <unistd.h>

namespace cairn::server {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace cairn::server
