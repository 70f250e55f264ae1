#include "auth/login_cache.h"

#include <utility>

namespace cairn::auth {

std::optional<KnownLogin> LoginCache::Find(const std::string& key) {
  const std::lock_guard lock(mu_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  slots_.splice(slots_.begin(), slots_, found->second);
  return found->second->login;
}

void LoginCache::Insert(const std::string& key, KnownLogin login) {
  const std::lock_guard lock(mu_);
  if (const auto found = index_.find(key); found != index_.end()) {
    found->second->login = std::move(login);
    slots_.splice(slots_.begin(), slots_, found->second);
    return;
  }
  slots_.push_front({key, std::move(login)});
  index_.emplace(key, slots_.begin());
  if (slots_.size() > capacity_) {
    index_.erase(slots_.back().key);
    slots_.pop_back();
  }
}

void LoginCache::Erase(const std::string& key) {
  const std::lock_guard lock(mu_);
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  slots_.erase(found->second);
  index_.erase(found);
}

std::size_t LoginCache::size() const {
  const std::lock_guard lock(mu_);
  return slots_.size();
}

}  // namespace cairn::auth
