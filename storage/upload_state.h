// What the process knows about an upload session beside its rows. Internal to uploads*.cc.
#pragma once

#include <mutex>
#include <string>

#include "storage/prefix_hash.h"
#include "storage/uploads.h"

namespace cairn::storage {

struct Uploads::RunningHash {
  PrefixHash sha1;
  std::mutex finish;  // one MOVE of the session at a time: manifest pages are written before the
                      // transaction
  UserId user{};
  std::string name;
};

}  // namespace cairn::storage
