// Lists of accounts: all of them for administrators, the members of their groups for sub-admins.
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"

namespace cairn::ocs {
namespace {

enum class UserListing { kNames, kDetails, kDisabled };

Result<Reply> ListAccounts(const Call& call, UserListing listing) {
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auto rights, CallerRights(call, *view));
  if (!rights.SubAdminOrMore()) return NotASubAdmin();
  const Paging paging = PagingOf(call, listing == UserListing::kNames ? kMaxNames : kMaxDetails);
  std::set<UserId> members;
  if (!rights.admin) {
    ASSIGN_OR_RETURN(members, auth::MembersOf(*view, rights.groups, kMaxNames));
  }
  const bool disabled = listing == UserListing::kDisabled;
  const auth::UserSearch search{
      .text = paging.search,
      .among = rights.admin ? nullptr : &members,
      .state = disabled ? auth::AccountState::kDisabled : auth::AccountState::kAny,
      .offset = paging.offset,
      .limit = paging.limit};
  ASSIGN_OR_RETURN(const auto found, auth::SearchUsers(*view, search));
  if (listing == UserListing::kNames) return NamesReply(found);
  return DetailsReply(call, *view, found);
}

}  // namespace

ReplyTask ListUsers(Call& call) {
  auto work = [&] { return ListAccounts(call, UserListing::kNames); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListUserDetails(Call& call) {
  auto work = [&] { return ListAccounts(call, UserListing::kDetails); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask ListDisabledUsers(Call& call) {
  auto work = [&] { return ListAccounts(call, UserListing::kDisabled); };
  co_return co_await call.services.pools.read.Run(work);
}

}  // namespace cairn::ocs
