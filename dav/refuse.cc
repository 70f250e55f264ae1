#include "dav/context.h"
#include "dav/dav_error.h"
#include "dav/lock_holder.h"

namespace cairn::dav {

Outcome Refuse(Ctx& ctx, const DavError& error) {
  DavError answered = error;
  if (answered.status == 423 && answered.message.empty()) {
    answered = co_await NameLockHolder(ctx, answered);
  }
  http::Response response = ErrorResponse(answered);
  co_return co_await ctx.exchange.Send(std::move(response));
}

}  // namespace cairn::dav
