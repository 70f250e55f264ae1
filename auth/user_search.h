// Looking accounts up by a part of what people know of them. Thread-safe; may block: reads every
// account that is asked about once, whatever the limit.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "storage/kv_store.h"

namespace cairn::auth {

inline constexpr std::size_t kMaxFoundUsers =
    100'000;  // offset and limit together reach no further

enum class AccountState { kAny, kEnabled, kDisabled };
// Of the accounts of one page. kName: as the lists of accounts are recorded.
enum class PageOrder { kName, kDisplayName };

struct UserSearch {
  // A part of the name, the display name or the e-mail address, in any letter case (of ASCII).
  // Empty: everybody.
  std::string_view text = {};
  const std::set<UserId>* among = nullptr;   // nullptr: all accounts
  const std::set<UserId>* except = nullptr;  // nullptr: nobody
  AccountState state = AccountState::kAny;
  PageOrder order = PageOrder::kName;
  std::size_t offset = 0;
  std::size_t limit = kMaxFoundUsers;
};

struct FoundUser {
  UserId id{};
  std::string name;
};

// The page that `offset` and `limit` cut from the accounts in the order of their display names; the
// page itself is in `order`.
Result<std::vector<FoundUser>> SearchUsers(const storage::KvView& view, const UserSearch& search);

// True when `text` is a part of `whole` in any letter case; always when it is empty.
bool ContainsIgnoreCase(std::string_view whole, std::string_view text);

}  // namespace cairn::auth
