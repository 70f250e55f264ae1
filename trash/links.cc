#include "trash/links.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "storage/commit.h"
#include "storage/records.h"

namespace cairn::trash {
namespace {

using storage::KvTxn;
using storage::KvView;
using storage::Table;
namespace keys = storage::keys;

constexpr std::size_t kUserBytes = 8;  // of a row's key

struct LinkRow {
  std::string key;
  std::string value;
};

// Rows whose keys begin with `prefix`, after `prefix + after`.
Result<std::vector<LinkRow>> LinkRows(const KvView& view, std::string_view prefix,
                                      std::string_view after, std::size_t limit) {
  std::vector<LinkRow> rows;
  auto collect = [&](std::string_view rest, std::string_view value) {
    rows.push_back({std::string(prefix).append(rest), std::string(value)});
    return rows.size() < limit;
  };
  RETURN_IF_ERROR(view.Scan(Table::kTrashLinks, prefix, after, collect));
  return rows;
}

UserId UserOf(const LinkRow& row) { return UserId{ReadBig64(row.key)}; }

// What cannot be told lasts.
bool HasEnded(const KvView& view, const LinkRow& row) {
  if (row.key.size() < kUserBytes) return false;
  const auto linked =
      storage::FollowLink(view, UserOf(row), std::string_view(row.key).substr(kUserBytes));
  if (linked.has_value()) return !linked->has_value();
  log::error("trash link {}: {}", ToHex(row.key), linked.error().message);
  return false;
}

// Rows of one user that have ended. A link that was made anew since is another row.
Result<std::uint64_t> EraseEnded(storage::Engine& engine, UserId user,
                                 const std::vector<LinkRow>& ended) {
  ASSIGN_OR_RETURN(const auto record,
                   storage::ReadRecord<storage::User>(*engine.kv().Published(), Table::kUsers,
                                                      keys::User(user)));
  if (!record) return std::uint64_t{0};
  auto body = [&](KvTxn& txn) -> Result<std::uint64_t> {
    std::uint64_t erased = 0;
    for (const LinkRow& row : ended) {
      ASSIGN_OR_RETURN(const auto now, txn.Get(Table::kTrashLinks, row.key));
      if (now != row.value) continue;
      txn.Erase(Table::kTrashLinks, row.key);
      ++erased;
    }
    return erased;
  };
  return storage::CommitBlocking(engine.kv(), {storage::SpaceKey(SpaceId{record->space()})}, body);
}

}  // namespace

void ShowAsLinked(storage::Chain& chain, const storage::TrashLink& link) {
  storage::Entry& member = chain.entries[1];
  member.key = storage::LinkKey(member);
  member.node.mutable_trash()->set_path(link.path());
}

Result<storage::Page> ListLinks(const KvView& view, UserId user, std::string_view after,
                                std::size_t limit) {
  storage::Page page;
  const std::string prefix = keys::TrashLink(user, {});
  std::string last(after);
  for (bool more = true; more && page.entries.size() < limit;) {
    ASSIGN_OR_RETURN(const auto rows, LinkRows(view, prefix, last, limit - page.entries.size()));
    more = rows.size() == limit - page.entries.size();
    page.more = more;
    for (const LinkRow& row : rows) {
      last = row.key.substr(kUserBytes);
      auto followed = storage::FollowLink(view, user, last);
      // One bad row does not hide the rest of the trash.
      if (followed.has_error() && Is(followed.error(), ErrorCode::kCorruption)) {
        log::error("trash link {}: {}", ToHex(row.key), followed.error().message);
        continue;
      }
      ASSIGN_OR_RETURN(auto linked, std::move(followed));
      if (!linked) continue;
      ShowAsLinked(linked->chain, linked->link);
      page.entries.push_back(std::move(linked->chain.leaf()));
    }
  }
  return page;
}

Result<std::size_t> DropLinks(KvTxn& txn, UserId user, std::size_t limit) {
  ASSIGN_OR_RETURN(const auto rows, LinkRows(txn, keys::TrashLink(user, {}), {}, limit));
  for (const LinkRow& row : rows) txn.Erase(Table::kTrashLinks, row.key);
  return rows.size();
}

Result<std::uint64_t> CleanLinks(storage::Engine& engine, LinkCursor& cursor, std::size_t limit) {
  const auto view = engine.kv().Published();
  ASSIGN_OR_RETURN(auto rows, LinkRows(*view, {}, cursor.after, limit));
  cursor.after = rows.size() < limit ? std::string() : rows.back().key;
  std::uint64_t erased = 0;
  std::vector<LinkRow> ended;  // of one user
  const auto flush = [&]() -> Result<void> {
    if (ended.empty()) return {};
    ASSIGN_OR_RETURN(const std::uint64_t gone, EraseEnded(engine, UserOf(ended.front()), ended));
    erased += gone;
    ended.clear();
    return {};
  };
  for (LinkRow& row : rows) {
    if (!HasEnded(*view, row)) continue;
    if (!ended.empty() && UserOf(ended.front()) != UserOf(row)) RETURN_IF_ERROR(flush());
    ended.push_back(std::move(row));
  }
  RETURN_IF_ERROR(flush());
  return erased;
}

}  // namespace cairn::trash
