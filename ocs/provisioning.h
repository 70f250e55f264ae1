// What the endpoints of accounts and groups share: who may call them, whom they reach, pages.
//
// Refusals come in a fixed order: the password at hand, the caller's rank, then what is asked for.
// Of accounts out of reach nobody learns whether they exist: kNotFound (998) for both.
// Thread-safe, no state. Functions that take a view may block.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/account_rights.h"
#include "auth/audit.h"
#include "auth/precondition.h"
#include "auth/user_search.h"
#include "ocs/endpoint.h"

namespace cairn::ocs {

// ---- who calls

// Calls that change accounts or groups need the login password in the same request: an app password
// is not enough.
std::optional<Reply> RefuseWithoutPassword(const Call& call);
std::optional<Reply> RefuseUnlessAdmin(const Call& call);
Reply NotASubAdmin();  // the refusal for whoever looks after nobody

// What the caller may look after. kUnauthenticated: his login is over.
Result<auth::AccountRights> CallerRights(const Call& call, const storage::KvView& view);

// ---- whom the call is about

struct Target {
  std::optional<storage::User> user;  // nullopt: there is none, or it is out of reach
  bool self = false;
  auth::AccountRights rights;  // the caller's

  UserId id() const { return UserId{user->id()}; }
};
// The account that the path names. Everybody reaches his own.
Result<Target> FindTarget(const Call& call, const storage::KvView& view);

// For the transaction that changes the target: the caller still reaches it. kForbidden.
auth::Precondition StillReaches(const Call& call, UserId target);
// The caller is still an administrator. As he is none of those who are changed, one stays.
auth::Precondition StillAdmin(const Call& call);
// The caller still governs this group.
auth::Precondition StillGoverns(const Call& call, std::string group);

// What a change answers: success; 998 when the target went out of reach meanwhile; `refusal` for
// what was asked for being wrong; everything else stays an error.
Result<Reply> AnswerTo(const Result<void>& done, Reply refusal);

// `reply`, after a line of the audit log when it is a success. `user`: whom the change is about.
Result<Reply> Audited(const Call& call, auth::AuditEvent event, std::string_view user,
                      std::string_view detail, Result<Reply> reply);

// ---- what the call says

// A value of the body, else of the query.
std::optional<std::string> FindArgument(const Call& call, std::string_view name);
// The same; empty when absent.
std::string Argument(const Call& call, std::string_view name);
// All values of `name[]` and `name[0]`.
std::vector<std::string> ListArgument(const Call& call, std::string_view name);

inline constexpr std::size_t kMaxNames = auth::kMaxFoundUsers;  // in one answer
inline constexpr std::size_t kMaxDetails = 1000;                // in one answer
struct Paging {
  std::string search;
  std::size_t offset = 0;
  std::size_t limit = 0;
};
// `search`, `offset` and `limit` of the query; `most` when no limit is given.
Paging PagingOf(const Call& call, std::size_t most);

// ---- answers

// {"users": [names]}
Reply NamesReply(const std::vector<auth::FoundUser>& found);
// {"users": {name: account}}; an empty list when there are none.
Result<Reply> DetailsReply(const Call& call, const storage::KvView& view,
                           const std::vector<auth::FoundUser>& found);

}  // namespace cairn::ocs
