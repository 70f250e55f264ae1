#include "dav/propfind_cache.h"

namespace cairn::dav {

Result<PropertySet> PropfindCache::Compile(const std::string& body) {
  if (body.size() > kMaxBodyBytes) return CompilePropfind(body);
  {
    const std::lock_guard lock(mu_);
    if (const auto found = known_.find(body); found != known_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(PropertySet set, CompilePropfind(body));
  const std::lock_guard lock(mu_);
  if (known_.size() >= kMaxBodies) known_.clear();
  known_.emplace(body, set);
  return set;
}

std::size_t PropfindCache::size() const {
  const std::lock_guard lock(mu_);
  return known_.size();
}

}  // namespace cairn::dav
