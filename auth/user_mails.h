// From an e-mail address to its user, for logins by address. Several users may have one address:
// then it names nobody. Blocking; thread-safe, no state.
#pragma once

#include <optional>
#include <string_view>

#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

// nullopt: nobody's, or more than one user's. Letter case of ASCII does not count.
Result<std::optional<UserId>> FindByMail(const storage::KvView& view, std::string_view mail);

// Changes the address in `user`, which the caller stores, and its row (needs the directory key).
void MoveMail(storage::KvTxn& txn, storage::User& user, std::string_view mail);

}  // namespace cairn::auth
