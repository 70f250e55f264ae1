// The pictures that users have sent of themselves. What makes a picture of a file is not here.
// Blocking; thread-safe, no state.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "storage/kv_store.h"
#include "storage/records.pb.h"

namespace cairn::auth {

// nullopt: the user has sent none.
Result<std::optional<storage::Avatar>> FindAvatar(const storage::KvView& view, UserId user);

// One transaction each under the directory key, durable when they return. kNotFound: no such user.
Result<void> SetAvatar(storage::KvStore& store, const Clock& clock, UserId user, std::string png);
// Nothing happens when there is none.
Result<void> RemoveAvatar(storage::KvStore& store, UserId user);

// Erases what belongs to a user (needs the directory key).
void EraseAvatar(storage::KvTxn& txn, UserId user);

}  // namespace cairn::auth
