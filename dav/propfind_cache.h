// PROPFIND bodies, compiled once: a client sends the same few again and again, and parsing one
// costs more than answering it.
//
// Bounded: short bodies only, and everything is forgotten when there are too many. Thread-safe;
// never blocks on I/O.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "dav/property_set.h"

namespace cairn::dav {

class PropfindCache {
 public:
  static constexpr std::size_t kMaxBodies = 128;
  static constexpr std::size_t kMaxBodyBytes = 4096;

  // What CompilePropfind says of `body`.
  Result<PropertySet> Compile(const std::string& body);
  std::size_t size() const;

 private:
  mutable std::mutex mu_;
  std::unordered_map<std::string, PropertySet> known_;  // guarded by mu_
};

}  // namespace cairn::dav
