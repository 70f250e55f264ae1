// The open connections of a server: their number, in all and by where they come from, and how to
// end them.
//
// Thread-safe. WaitUntilEmpty blocks.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "server/byte_stream.h"

namespace cairn::server {

class Connection;

class ConnectionSet {
 public:
  // Unlimited when `most` is 0. False: `source` has that many already, the connection is not in.
  bool Add(const std::shared_ptr<Connection>& connection, const std::string& source,
           std::size_t most);
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
  struct Open {
    std::weak_ptr<Connection> connection;
    std::string source;
  };
  std::unordered_map<const Connection*, Open> open_;          // guarded by mu_
  std::unordered_map<std::string, std::size_t> from_source_;  // guarded by mu_
};

}  // namespace cairn::server
