// The door of public links: whom a token lets in, with the password where the link has one.
//
//   auto entered = co_await Enter(door, pools, store, {token, password, pass, remote});
//
// Whoever comes in is a Caller of its own kind (Caller.link) who reaches what is below the link's
// node and nothing else; shares::Access says how far. The link is read anew at each request and
// again in each transaction: it ends with its day, its node, its maker's right, its maker, or a new
// password, at once (T-30, T-32).
//
// A wrong password and an unknown token are counted before they are looked at (G3, G5). A password
// that was right is remembered as long as it is the link's, and never throttled.
//
// Thread-safe. The checks may block; only CheckSlow hashes, and writes the throttle.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "auth/login_cache.h"
#include "auth/secrets.h"
#include "auth/throttle.h"
#include "base/clock.h"
#include "base/offload.h"
#include "base/random.h"
#include "shares/share_rows.h"
#include "storage/node.h"
#include "storage/policies.h"

namespace cairn::shares {

inline constexpr std::size_t kTokenLength = 15;

struct Knock {
  std::string token;
  std::string password = {};  // empty: none was given
  std::string pass = {};      // what PassOf gave to a browser; empty: none
  std::string remote = {};    // the client's address; empty: this machine, not counted
};

// The name of the cookie that brings PassOf back.
inline std::string PassCookie(std::string_view token) {
  return std::string("cairn_link_").append(token);
}

struct LinkVisit {
  storage::Share share;
  storage::Caller caller;
  storage::Chain chain;             // to the link's node, which chain.start names
  storage::Permissions rights = 0;  // there; never 0
  SpaceId home() const { return chain.space(); }
};

class LinkDoor {
 public:
  LinkDoor(storage::KvStore& store, auth::Throttle& throttle, const Clock& clock, Random& random);

  // Whether links open at all; from the start they do.
  void SetOpen(bool open) { open_ = open; }

  // nullopt: something must be hashed or counted, CheckSlow does. kNotFound: no link opens with the
  // token; kUnauthenticated: it wants its password, or another one; kThrottled.
  std::optional<Result<LinkVisit>> CheckFast(const Knock& knock, const storage::KvView& view);
  Result<LinkVisit> CheckSlow(const Knock& knock, const storage::KvView& view);

  // What proves to later requests of a browser that the password was given: worth nothing once the
  // link has another one. May block.
  Result<std::string> PassOf(const storage::Share& share);

 private:
  // nullopt: none, or none that opens now.
  Result<std::optional<LinkVisit>> Find(const storage::KvView& view, std::string_view token) const;
  std::string CacheKey(const storage::Share& share, std::string_view password) const;
  Result<bool> IsPass(const storage::Share& share, std::string_view pass) const;

  storage::KvStore& store_;
  auth::Throttle& throttle_;
  const Clock& clock_;
  auth::Secrets secrets_;
  const std::string process_key_;  // keys the cache; drawn at each start
  auth::LoginCache known_;
  std::atomic<bool> open_ = true;
};

// The fast check on the read pool, then, where it has to be, the slow one on the slow pool. kBusy:
// a pool is full.
net::awaitable<Result<LinkVisit>> Enter(LinkDoor& door, Pools& pools, const storage::KvStore& store,
                                        Knock knock);

}  // namespace cairn::shares
