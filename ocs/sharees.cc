// The search for people to share with, and for people to mention.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "auth/user_search.h"
#include "base/bytes.h"
#include "http/url.h"
#include "ocs/endpoints.h"
#include "ocs/provisioning.h"
#include "ocs/sharee_search.h"

namespace cairn::ocs {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostPerPage = 25;  // as Nextcloud, whatever is asked for
constexpr std::size_t kCompletions = 10;  // unless `limit` says otherwise
constexpr std::array kAllTypes = {ShareeKind::kUser, ShareeKind::kGroup, ShareeKind::kMail,
                                  ShareeKind::kRemote};

// A number from 1 on: `otherwise` when the query has none, nullopt when it has something else.
std::optional<std::size_t> PositiveOf(const http::Form& query, std::string_view name,
                                      std::size_t otherwise) {
  const auto text = query.Last(name);
  if (!text) return otherwise;
  const auto number = ParseUint(*text);
  if (!number || *number == 0) return std::nullopt;
  return static_cast<std::size_t>(std::min<std::uint64_t>(*number, auth::kMaxFoundUsers));
}

// Types without a meaning here (circles, rooms) find nothing.
std::set<ShareeKind> TypesOf(const std::vector<std::string>& values) {
  std::set<ShareeKind> types;
  for (const std::string& value : values) {
    const auto number = ParseUint(value);
    const auto* found = std::find_if(kAllTypes.begin(), kAllTypes.end(), [&](ShareeKind type) {
      return number && *number == static_cast<std::uint64_t>(type);
    });
    if (found != kAllTypes.end()) types.insert(*found);
  }
  return types;
}

// Files and folders are shared with other servers too, other things are not.
std::set<ShareeKind> TypesAskedFor(const Call& call, std::string_view item_type) {
  std::set<ShareeKind> types(kAllTypes.begin(), kAllTypes.end());
  if (item_type != "file" && item_type != "folder") types.erase(ShareeKind::kRemote);
  std::vector<std::string> asked = ListArgument(call, "shareType");
  if (const std::string one = Argument(call, "shareType"); asked.empty() && ParseUint(one))
    asked = {one};
  if (asked.empty()) return types;
  const std::set<ShareeKind> wanted = TypesOf(asked);
  std::erase_if(types, [&](ShareeKind type) { return !wanted.contains(type); });
  return types;
}

struct ShareesPage {
  ShareeQuery query;
  std::string item_type;
  std::size_t page = 1;
};

// A refusal, or nothing and what is asked for in `asked`.
std::optional<Reply> ReadPage(const Call& call, ShareesPage& asked) {
  const http::Form form = http::Form::Parse(call.request.query);
  const auto per_page = PositiveOf(form, "perPage", kMostPerPage);
  if (!per_page) return Reply::Failure(400, "Invalid perPage argument");
  const auto page = PositiveOf(form, "page", 1);
  if (!page) return Reply::Failure(400, "Invalid page");
  const auto item_type = form.Last("itemType");
  if (!item_type) return Reply::Failure(400, "Missing itemType");
  asked.item_type = *item_type;
  asked.page = *page;
  asked.query.text = Trim(form.Last("search").value_or(""));
  asked.query.types = TypesAskedFor(call, *item_type);
  asked.query.limit = std::min(*per_page, kMostPerPage);
  asked.query.offset = asked.query.limit * (*page - 1);
  return std::nullopt;
}

ShareeQuery ReadCompletion(const Call& call) {
  const http::Form form = http::Form::Parse(call.request.query);
  std::vector<std::string> types = ListArgument(call, "shareTypes");
  if (types.empty()) types = {"0"};
  ShareeQuery query;
  query.text = Trim(form.Last("search").value_or(""));
  query.types = TypesOf(types);
  query.limit = std::min(PositiveOf(form, "limit", kCompletions).value_or(0), kMostPerPage);
  return query;
}

json::object ListsOf(ShareeLists& lists) {
  return {{"users", std::move(lists.users)},
          {"groups", std::move(lists.groups)},
          {"remotes", std::move(lists.remotes)},
          {"remote_groups", json::array()},
          {"emails", std::move(lists.emails)}};
}

json::object DataOf(Sharees& sharees) {
  json::object exact = ListsOf(sharees.exact);
  exact["circles"] = json::array();
  exact["rooms"] = json::array();
  json::object data = {{"exact", std::move(exact)}};
  for (auto& [kind, list] : ListsOf(sharees.others)) data[kind] = std::move(list);
  for (const std::string_view kind : {"lookup", "circles", "rooms"}) data[kind] = json::array();
  data["lookupEnabled"] = false;
  return data;
}

// Nobody: Nextcloud counts whom the caller has shared with.
Reply Recommendations() {
  ShareeLists nobody;
  json::object data = {{"exact", ListsOf(nobody)}};
  for (auto& [kind, list] : ListsOf(nobody)) data[kind] = std::move(list);
  return Reply::Of(std::move(data));
}

std::string LinkToNext(const Call& call, const ShareesPage& page) {
  const auto path = http::DecodePath(call.request.path);
  std::string url = BaseUrl(call.services, call.request);
  if (path.has_value()) url += http::EncodePath(*path);
  url += "?search=" + http::EncodeUriComponent(page.query.text) +
         "&itemType=" + http::EncodeUriComponent(page.item_type);
  for (int i = 0; const ShareeKind type : page.query.types)
    url += "&shareType%5B" + std::to_string(i++) + "%5D=" + std::to_string(static_cast<int>(type));
  url += "&perPage=" + std::to_string(page.query.limit) + "&page=" + std::to_string(page.page + 1);
  return "<" + url + ">; rel=\"next\"";
}

Result<Reply> FindPage(const Call& call, const ShareesPage& page) {
  ASSIGN_OR_RETURN(Sharees sharees, FindSharees(call, page.query));
  Reply reply = Reply::Of(DataOf(sharees));
  if (sharees.more) reply.link = LinkToNext(call, page);
  return reply;
}

// One list of all: what is called exactly so comes first in each kind.
void AddCompletions(json::array& out, std::string_view source, const json::array& entries) {
  const auto text = [](const json::object& entry, std::string_view key) {
    const json::value* value = entry.if_contains(key);
    return value == nullptr ? json::value("") : *value;
  };
  for (const json::value& item : entries) {
    const json::object& entry = item.get_object();
    out.push_back(
        json::object{{"id", entry.at("value").at("shareWith")},
                     {"label", entry.at("label")},
                     {"icon", text(entry, "icon")},
                     {"source", source},
                     {"status", ""},
                     {"subline", text(entry, "subline")},
                     {"shareWithDisplayNameUnique", text(entry, "shareWithDisplayNameUnique")}});
  }
}

Result<Reply> FindCompletions(const Call& call, const ShareeQuery& query) {
  ASSIGN_OR_RETURN(const Sharees sharees, FindSharees(call, query));
  json::array all;
  for (const auto& [source, list] :
       {std::pair("users", &ShareeLists::users), std::pair("groups", &ShareeLists::groups),
        std::pair("remotes", &ShareeLists::remotes), std::pair("emails", &ShareeLists::emails)}) {
    AddCompletions(all, source, sharees.exact.*list);
    AddCompletions(all, source, sharees.others.*list);
  }
  return Reply::Of(std::move(all));
}

// On the slow pool: it waits for the directory key.
net::awaitable<Result<void>> Admit(Call& call) {
  auto take = [&] { return call.services.people.Admit(call.user().caller.user); };
  co_return co_await call.services.pools.slow.Run(take);
}

}  // namespace

ReplyTask SearchSharees(Call& call) {
  ShareesPage asked;
  if (auto refused = ReadPage(call, asked)) co_return std::move(*refused);
  auto admitted = co_await Admit(call);
  if (admitted.has_error()) co_return std::move(admitted).error();
  auto work = [&] { return FindPage(call, asked); };
  co_return co_await call.services.pools.read.Run(work);
}

ReplyTask RecommendSharees(Call& call) {
  const http::Form form = http::Form::Parse(call.request.query);
  if (!form.Last("itemType")) co_return Reply::Failure(400, "Missing itemType");
  co_return Recommendations();
}

ReplyTask CompleteNames(Call& call) {
  const ShareeQuery query = ReadCompletion(call);
  auto admitted = co_await Admit(call);
  if (admitted.has_error()) co_return std::move(admitted).error();
  auto work = [&] { return FindCompletions(call, query); };
  co_return co_await call.services.pools.read.Run(work);
}

}  // namespace cairn::ocs
