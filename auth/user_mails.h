// From an e-mail address to its users. Several may have one: then nobody logs in by it. Blocking;
// thread-safe, no state.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

// nullopt: nobody's, or more than one user's. Letter case of ASCII does not count.
Result<std::optional<UserId>> FindByMail(const storage::KvView& view, std::string_view mail);

// All of them, by id, at most `limit`.
Result<std::vector<UserId>> FindAllByMail(const storage::KvView& view, std::string_view mail,
                                          std::size_t limit);

// Changes the address in `user`, which the caller stores, and its row (needs the directory key).
void MoveMail(storage::KvTxn& txn, storage::User& user, std::string_view mail);

}  // namespace cairn::auth
