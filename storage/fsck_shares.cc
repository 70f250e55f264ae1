// Shares: their rows, and those by which they are found. What they grant is not the store's affair.
#include "base/bytes.h"
#include "storage/fsck_run.h"

namespace cairn::storage {
namespace {

// As clients number the kinds of shares.
constexpr std::uint32_t kWithUser = 0;
constexpr std::uint32_t kWithGroup = 1;
constexpr std::uint32_t kByLink = 3;

std::string ShareText(ShareId id) { return "share " + std::to_string(Raw(id)); }

// The id at the end of an index row's key.
ShareId LastId(std::string_view key) { return ShareId{ReadBig64(key.substr(key.size() - 8))}; }

}  // namespace

Result<void> FsckRun::CheckShares() {
  TableCursor rows(view_, Table::kShares, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) break;
    Share share;
    if (row->key.size() != 8 || !ParseInto(row->value, share) ||
        share.id() != ReadBig64(row->key)) {
      Find(FindingKind::kBadRecord, "the share row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    highest_share_ = std::max(highest_share_, share.id());
    shared_.Add(FileId{share.node()});
    RETURN_IF_ERROR(CheckShareIndexes(share));
  }
  for (const Table table : {Table::kNodeShares, Table::kSharerShares, Table::kGroupShares,
                            Table::kUserShares, Table::kLinkTokens})
    RETURN_IF_ERROR(CheckShareIndex(table));
  return {};
}

// What a link led to may be gone: then it means nothing, and the server takes it away.
Result<void> FsckRun::CheckTrashLinks() {
  TableCursor rows(view_, Table::kTrashLinks, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    TrashLink link;
    if (row->key.size() <= 16 || !ParseInto(row->value, link) || link.node() == 0)
      Find(FindingKind::kBadRecord, "the trash link " + ToHex(row->key) + " cannot be read");
  }
}

// Every row by which the share is to be found is there.
Result<void> FsckRun::CheckShareIndexes(const Share& share) {
  const ShareId id{share.id()};
  const auto expect = [&](Table table, const std::string& key, const char* by) -> Result<void> {
    ASSIGN_OR_RETURN(const auto row, view_.Get(table, key));
    if (!row) Find(FindingKind::kShareRow, ShareText(id) + " is not found by its " + by);
    return {};
  };
  RETURN_IF_ERROR(expect(Table::kNodeShares, keys::NodeShare(FileId{share.node()}, id), "node"));
  RETURN_IF_ERROR(
      expect(Table::kSharerShares, keys::UserShare(UserId{share.sharer()}, id), "maker"));
  switch (share.type()) {
    case kWithUser:
      return expect(Table::kUserShares, keys::UserShare(UserId{share.recipient()}, id),
                    "recipient");
    case kWithGroup:
      return expect(Table::kGroupShares, keys::GroupShare(share.group(), id), "group");
    case kByLink:
      return expect(Table::kLinkTokens, share.token(), "token");
    default:
      Find(FindingKind::kBadRecord,
           ShareText(id) + " is of the unknown kind " + std::to_string(share.type()));
      return {};
  }
}

// Every row of an index leads to a share that has it.
Result<void> FsckRun::CheckShareIndex(Table table) {
  TableCursor rows(view_, table, {});
  for (;; rows.Next()) {
    ASSIGN_OR_RETURN(const Row* row, rows.Peek());
    if (row == nullptr) return {};
    const std::string_view named = table == Table::kLinkTokens ? row->value : row->key;
    if (named.size() < 8) {
      Find(FindingKind::kBadRecord, "the share index row " + ToHex(row->key) + " cannot be read");
      continue;
    }
    const ShareId id = LastId(named);
    ASSIGN_OR_RETURN(const auto share, view_.Record<Share>(Table::kShares, keys::Share(id)));
    if (share && IsIndexOf(table, row->key, *share)) continue;
    // What a member has made of a group's share stays when that ends, and means nothing then.
    const bool harmless = table == Table::kUserShares;
    Find(FindingKind::kShareRow, "a row names " + ShareText(id) + ", which does not have it",
         harmless);
  }
}

bool FsckRun::IsIndexOf(Table table, std::string_view key, const Share& share) {
  const ShareId id{share.id()};
  switch (table) {
    case Table::kNodeShares:
      return key == keys::NodeShare(FileId{share.node()}, id);
    case Table::kSharerShares:
      return key == keys::UserShare(UserId{share.sharer()}, id);
    case Table::kGroupShares:
      return share.type() == kWithGroup && key == keys::GroupShare(share.group(), id);
    case Table::kLinkTokens:
      return share.type() == kByLink && key == share.token();
    default:
      return share.type() == kWithGroup ||
             (share.type() == kWithUser && key == keys::UserShare(UserId{share.recipient()}, id));
  }
}

}  // namespace cairn::storage
