// What OCS tells of an account: read from the records once, rendered for whoever asks.
//
// Thread-safe, no state. Reading may block.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ocs/endpoint.h"
#include "storage/records.h"

namespace cairn::ocs {

struct Account {
  storage::User user;
  std::vector<std::string> groups;
  std::vector<std::string> sub_admin_of;
  std::uint64_t used = 0;             // bytes
  std::optional<std::int64_t> quota;  // bytes; absent: unlimited
  std::int64_t last_login = 0;        // seconds; 0: never
};

Result<Account> ReadAccount(const Services& services, const storage::KvView& view,
                            storage::User user);
// One for each of `users` that exists: groups are read in one pass over all memberships.
Result<std::vector<Account>> ReadAccounts(const Services& services, const storage::KvView& view,
                                          std::span<const UserId> users);

// Who reads it. The scopes of fields are shown to their owner only. Administrators are told a
// storageLocation; it is empty, as no folder of the server holds the files of one user.
struct Reader {
  bool own = false;
  bool admin = false;
};
boost::json::object UserDataOf(const Account& account, Reader reader);

// ---- profile: values are settings of the user

inline constexpr std::string_view kProfileApp = "profile";  // "profile/phone", "profile/phoneScope"

struct ProfileField {
  std::string_view name;
  std::string_view scope;       // while the owner has chosen none
  std::string_view value = {};  // while nothing is set
};
// In the order of the answer.
std::span<const ProfileField> ProfileFields();
// The scope of a field while its owner has chosen none, also of avatar, email and displayname;
// nullopt: no such field.
std::optional<std::string_view> DefaultScope(std::string_view field);

// The further e-mail addresses of an account.
std::vector<std::string> AdditionalMails(const storage::User& user);

}  // namespace cairn::ocs
