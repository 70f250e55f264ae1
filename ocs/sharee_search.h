// Whom a file can be shared with: accounts and groups of this server as auth::PeopleSearch shows
// them, and addresses of others when the text is one. Nothing is asked of any other server.
//
// Thread-safe, no state. FindSharees may block.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "ocs/endpoint.h"

namespace cairn::ocs {

// What can be searched for: values of `shareType`, as clients know them. Not each can be shared
// with (shares::ShareType).
enum class ShareeKind { kUser = 0, kGroup = 1, kMail = 4, kRemote = 6 };

struct ShareeQuery {
  std::string text;
  std::set<ShareeKind> types;
  std::size_t offset = 0;  // of each list
  std::size_t limit = 0;   // of each list
};

// Entries as they stand in answers: label, value {shareType, shareWith} and what their kind has
// besides.
struct ShareeLists {
  boost::json::array users, groups, remotes, emails;
};
struct Sharees {
  ShareeLists exact, others;
  bool more = false;  // there is a next page
};

Result<Sharees> FindSharees(const Call& call, const ShareeQuery& query);

// ---- addresses

// "user@host[:port][/path]": an account on another server.
struct RemoteAddress {
  std::string_view user;
  std::string_view server;
};
std::optional<RemoteAddress> ParseRemoteAddress(std::string_view text);

// A mailbox at a domain of at least two labels, in ASCII.
bool IsMailAddress(std::string_view text);

}  // namespace cairn::ocs
