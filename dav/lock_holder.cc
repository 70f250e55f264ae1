#include "dav/lock_holder.h"

#include "auth/records.h"
#include "dav/tree_listing.h"
#include "http/date.h"

namespace cairn::dav {
namespace {

struct Holder {
  std::string name;
  std::int64_t until = 0;
  std::string href;
};

Result<std::string> NameOf(const Ctx& ctx, const storage::KvView& view, const storage::Lock& lock) {
  if ((lock.user() & storage::Caller::kLinkHolder) != 0)
    return std::string("somebody who has a link");
  ASSIGN_OR_RETURN(const auto user, ctx.services.users.Find(view, UserId{lock.user()}));
  if (!user) return std::string("a deleted user");
  return auth::ShownName(*user);
}

Result<std::optional<Holder>> FindHolder(const Ctx& ctx) {
  const auto view = ctx.kv().Published();
  storage::Engine& engine = ctx.services.engine;
  ASSIGN_OR_RETURN(const storage::Chain chain, engine.tree().ResolvePrefix(*view, ctx.path()));
  ASSIGN_OR_RETURN(auto held, engine.locks().Covering(*view, chain));
  Holder holder;
  if (!held.empty()) {
    holder.href = HrefOfEntry(ctx, chain, held.front().chain_index);
  } else {
    ASSIGN_OR_RETURN(held, engine.locks().Below(*view, chain.leaf(), 1));
    const bool complete = chain.depth() - chain.start == ctx.path().segments.size();
    if (held.empty() || !complete) return std::optional<Holder>();
    holder.href = HrefOf(ctx, ctx.segments.size(), true);
  }
  const storage::Lock& lock = held.front().lock;
  ASSIGN_OR_RETURN(holder.name, NameOf(ctx, *view, lock));
  holder.until = lock.created() + lock.timeout();
  return std::optional<Holder>(std::move(holder));
}

}  // namespace

net::awaitable<DavError> NameLockHolder(Ctx& ctx, DavError error) {
  auto look = [&]() -> Result<std::optional<Holder>> { return FindHolder(ctx); };
  auto found = co_await ctx.services.pools.read.Run(look);
  if (found.has_value() && *found) {
    const Holder& holder = **found;
    error.message = "Locked by " + holder.name + " until " + http::HttpDate(holder.until);
    error.href = holder.href;
  }
  co_return error;
}

}  // namespace cairn::dav
