#include "server/connection_set.h"

#include <vector>

#include "server/connection.h"

namespace cairn::server {

bool ConnectionSet::Add(const std::shared_ptr<Connection>& connection, const std::string& source,
                        std::size_t most) {
  const std::lock_guard lock(mu_);
  std::size_t& count = from_source_[source];
  if (most != 0 && count >= most) return false;
  ++count;
  open_.emplace(connection.get(), Open{connection, source});
  return true;
}

void ConnectionSet::Remove(const Connection& connection) {
  const std::lock_guard lock(mu_);
  const auto found = open_.find(&connection);
  if (found == open_.end()) return;
  const auto source = from_source_.find(found->second.source);
  if (--source->second == 0) from_source_.erase(source);
  open_.erase(found);
  if (open_.empty()) emptied_.notify_all();
}

std::size_t ConnectionSet::size() const {
  const std::lock_guard lock(mu_);
  return open_.size();
}

// Acts outside the lock: the last reference to a connection may go with the list, and removes it
// from here.
template <class Act>
void ConnectionSet::ForEach(Act act) {
  std::vector<std::shared_ptr<Connection>> list;
  {
    const std::lock_guard lock(mu_);
    for (const auto& [address, open] : open_) {
      if (auto connection = open.connection.lock()) list.push_back(std::move(connection));
    }
  }
  for (const auto& connection : list) act(*connection);
}

void ConnectionSet::CloseIdle() {
  ForEach([](Connection& connection) { connection.CloseIfIdle(); });
}

void ConnectionSet::BreakAll() {
  ForEach([](Connection& connection) { connection.Break(); });
}

bool ConnectionSet::WaitUntilEmpty(SteadyTime deadline) {
  std::unique_lock lock(mu_);
  return emptied_.wait_until(lock, deadline, [this] { return open_.empty(); });
}

}  // namespace cairn::server
