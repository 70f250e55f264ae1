#include "shares/link_door.h"

#include <algorithm>
#include <utility>

#include "auth/keyed_hash.h"
#include "auth/password_hash.h"
#include "auth/records.h"
#include "base/bytes.h"
#include "conf/network.h"
#include "shares/rights.h"
#include "storage/hot_read.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::KvView;
using storage::Share;

namespace {

constexpr std::size_t kRemembered = 10'000;
constexpr std::size_t kProcessKeyBytes = 32;

bool MayBeToken(std::string_view token) {
  return token.size() == kTokenLength && std::all_of(token.begin(), token.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

Error NoLink() { return Fail(ErrorCode::kNotFound, "no link has this token"); }
Error WrongPassword() { return Fail(ErrorCode::kUnauthenticated, "the link has another password"); }

std::string PassText(const Share& share) {
  return "link pass " + std::to_string(share.id()) + " " + std::to_string(share.version());
}

// Guesses are counted per link and source.
std::string GuessSubject(const Share& share, const std::string& source) {
  return source.empty() ? std::string() : std::to_string(share.id()) + " " + source;
}

}  // namespace

LinkDoor::LinkDoor(storage::KvStore& store, auth::Throttle& throttle, const Clock& clock,
                   Random& random)
    : store_(store),
      throttle_(throttle),
      clock_(clock),
      secrets_(store, random),
      process_key_(random.Bytes(kProcessKeyBytes)),
      known_(kRemembered) {}

Result<std::optional<LinkVisit>> LinkDoor::Find(const KvView& view, std::string_view token) const {
  using Found = std::optional<LinkVisit>;
  if (!open_ || !MayBeToken(token)) return Found();
  const std::int64_t now = clock_.NowSeconds();
  ASSIGN_OR_RETURN(auto share, FindByToken(view, token));
  if (!share || IsOver(*share, now)) return Found();
  ASSIGN_OR_RETURN(const auto maker, auth::LoadUser(view, UserId{share->sharer()}));
  if (!maker || maker->disabled()) return Found();
  auto chain = storage::ChainTo(view, FileId{share->node()});
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return Found();
  RETURN_IF_ERROR(chain);
  chain->start = chain->depth();
  ASSIGN_OR_RETURN(const storage::Permissions rights,
                   Granted(view, *share, *chain, chain->start, now));
  if (rights == 0) return Found();
  LinkVisit visit;
  visit.caller.link = ShareId{share->id()};
  visit.caller.link_version = share->version();
  visit.share = std::move(*share);
  visit.chain = std::move(*chain);
  visit.rights = rights;
  return Found(std::move(visit));
}

std::string LinkDoor::CacheKey(const Share& share, std::string_view password) const {
  return auth::KeyedHash(process_key_, std::to_string(share.id()).append(1, '\0').append(password));
}

Result<bool> LinkDoor::IsPass(const Share& share, std::string_view pass) const {
  ASSIGN_OR_RETURN(const auto key, secrets_.FindKeyOf(PassText(share)));
  return key && ConstantTimeEqual(ToHex(*key), pass);
}

std::optional<Result<LinkVisit>> LinkDoor::CheckFast(const Knock& knock, const KvView& view) {
  using Checked = std::optional<Result<LinkVisit>>;
  auto found = Find(view, knock.token);
  if (found.has_error()) return Checked(std::move(found).error());
  if (!*found) return std::nullopt;
  LinkVisit& visit = **found;
  if (visit.share.password_hash().empty()) return Checked(std::move(visit));
  if (!knock.pass.empty()) {
    const auto good = IsPass(visit.share, knock.pass);
    if (good.has_error()) return Checked(good.error());
    if (*good) return Checked(std::move(visit));
  }
  if (knock.password.empty()) return Checked(WrongPassword());
  const auto known = known_.Find(CacheKey(visit.share, knock.password));
  if (known && known->version == visit.share.version()) return Checked(std::move(visit));
  return std::nullopt;
}

Result<LinkVisit> LinkDoor::CheckSlow(const Knock& knock, const KvView& view) {
  // Another request with the same password may have been here while this one was queued.
  if (auto fast = CheckFast(knock, view)) return std::move(*fast);
  const std::string source = conf::SourceOf(knock.remote);
  ASSIGN_OR_RETURN(auto visit, Find(view, knock.token));
  if (!visit) {
    if (!source.empty()) RETURN_IF_ERROR(throttle_.Take(auth::ThrottleRule::kTokenMiss, source));
    return NoLink();
  }
  const std::string subject = GuessSubject(visit->share, source);
  if (!subject.empty()) RETURN_IF_ERROR(throttle_.Take(auth::ThrottleRule::kLink, subject));
  if (!auth::VerifyPassword(visit->share.password_hash(), knock.password)) return WrongPassword();
  if (!subject.empty()) RETURN_IF_ERROR(throttle_.GiveBack(auth::ThrottleRule::kLink, subject));
  known_.Insert(CacheKey(visit->share, knock.password),
                {UserId{}, std::string(), visit->share.version()});
  return std::move(*visit);
}

Result<std::string> LinkDoor::PassOf(const Share& share) {
  ASSIGN_OR_RETURN(const std::string key, secrets_.KeyOf(PassText(share)));
  return ToHex(key);
}

net::awaitable<Result<LinkVisit>> Enter(LinkDoor& door, Pools& pools, const storage::KvStore& store,
                                        Knock knock) {
  auto fast = [&](const KvView& view) -> Result<std::optional<LinkVisit>> {
    auto checked = door.CheckFast(knock, view);
    if (!checked) return std::optional<LinkVisit>();
    if (checked->has_error()) return std::move(*checked).error();
    return std::optional<LinkVisit>(std::move(**checked));
  };
  auto entered = co_await storage::ReadHot(store, pools.read, fast);
  if (entered.has_error()) co_return std::move(entered).error();
  if (*entered) co_return std::move(**entered);
  auto slow = [&]() -> Result<LinkVisit> { return door.CheckSlow(knock, *store.Published()); };
  co_return co_await pools.slow.Run(slow);
}

}  // namespace cairn::shares
