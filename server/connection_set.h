// The open connections of a server: their number, and how to end them.
//
// Thread-safe. WaitUntilEmpty blocks.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/byte_stream.h"

namespace cairn::server {

class Connection;

class ConnectionSet {
 public:
  void Add(const std::shared_ptr<Connection>& connection);
  void Remove(const Connection& connection);

  std::size_t size() const;
  void CloseIdle();
  void BreakAll();
  // False: some were still there at `deadline`.
  bool WaitUntilEmpty(SteadyTime deadline);

 private:
  template <class Act>
  void ForEach(Act act);

  mutable std::mutex mu_;
  std::condition_variable emptied_;
  std::unordered_map<const Connection*, std::weak_ptr<Connection>> open_;  // guarded by mu_
};

}  // namespace cairn::server
