#include "ocs/sharee_search.h"

#include <algorithm>
#include <vector>

#include "auth/names.h"
#include "auth/people_search.h"
#include "auth/records.h"
#include "base/bytes.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

json::object ValueOf(ShareeKind type, std::string_view share_with) {
  return {{"shareType", static_cast<int>(type)}, {"shareWith", share_with}};
}

// The address tells users of one name apart; it is shown to whoever may find the user.
json::object EntryOf(const storage::User& user) {
  return {{"label", auth::ShownName(user)},
          {"subline", ""},
          {"icon", "icon-user"},
          {"value", ValueOf(ShareeKind::kUser, user.name())},
          {"shareWithDisplayNameUnique", user.email().empty() ? user.name() : user.email()},
          {"status", json::array()}};
}

json::object EntryOf(const storage::Group& group) {
  return {{"label", auth::ShownName(group)}, {"value", ValueOf(ShareeKind::kGroup, group.name())}};
}

template <class Record>
json::array EntriesOf(const std::vector<Record>& records) {
  json::array entries;
  for (const Record& record : records) entries.push_back(EntryOf(record));
  return entries;
}

json::object RemoteEntry(std::string_view text, const RemoteAddress& address) {
  json::object value = ValueOf(ShareeKind::kRemote, text);
  value["server"] = address.server;
  value["isTrustedServer"] = false;
  return {{"label", std::string(address.user) + " (" + std::string(address.server) + ")"},
          {"uuid", address.user},
          {"name", address.user},
          {"value", std::move(value)}};
}

json::object MailEntry(std::string_view address) {
  return {{"label", address}, {"uuid", address}, {"value", ValueOf(ShareeKind::kMail, address)}};
}

// A dot, letters and so on: what addresses hold beside letters and digits.
bool IsMadeOf(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return IsAlphaNumeric(c) || others.find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<Sharees> FindSharees(const Call& call, const ShareeQuery& query) {
  const auto& people = call.services.people;
  Sharees sharees;
  if (!people.Accepts(query.text)) return sharees;
  const auto view = call.services.engine.kv().Published();
  ASSIGN_OR_RETURN(const auth::FoundPeople found,
                   people.Find(*view, call.user().caller.user,
                               {.text = query.text,
                                .users = query.types.contains(ShareeKind::kUser),
                                .groups = query.types.contains(ShareeKind::kGroup),
                                .offset = query.offset,
                                .limit = query.limit}));
  sharees.more = found.more;
  sharees.exact.users = EntriesOf(found.exact_users);
  sharees.exact.groups = EntriesOf(found.exact_groups);
  sharees.others.users = EntriesOf(found.users);
  sharees.others.groups = EntriesOf(found.groups);
  // What names somebody here is nobody elsewhere.
  if (query.offset > 0 || found.names_a_user) return sharees;
  const auto remote = ParseRemoteAddress(query.text);
  if (remote && query.types.contains(ShareeKind::kRemote))
    sharees.exact.remotes.push_back(RemoteEntry(query.text, *remote));
  if (query.types.contains(ShareeKind::kMail) && IsMailAddress(query.text))
    sharees.exact.emails.push_back(MailEntry(query.text));
  return sharees;
}

std::optional<RemoteAddress> ParseRemoteAddress(std::string_view text) {
  // A user may have an '@' in his name; behind the host it means nothing.
  const std::size_t at = text.substr(0, text.find_first_of("/:")).rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const RemoteAddress address{text.substr(0, at), text.substr(at + 1)};
  if (!IsMadeOf(address.user, "_.@-='") || !IsMadeOf(address.server, "._-:/[]~"))
    return std::nullopt;
  if (!IsAlphaNumeric(address.server.front()) && address.server.front() != '[') return std::nullopt;
  return address;
}

bool IsMailAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || auth::CheckEmail(text).has_error()) return false;
  if (!IsMadeOf(text.substr(0, at), ".!#$%&'*+-/=?^_`{|}~")) return false;
  std::string_view domain = text.substr(at + 1);
  if (domain.find("..") != std::string_view::npos || !IsMadeOf(domain, ".-")) return false;
  const std::size_t dot = domain.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == domain.size()) return false;
  // The last label of a domain is no number: that would be an IPv4 address.
  return domain.front() != '.' && !IsDigit(domain[dot + 1]);
}

}  // namespace cairn::ocs
