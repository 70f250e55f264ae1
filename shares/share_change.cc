#include "shares/share_change.h"

#include <utility>

#include "shares/rights.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::Chain;
using storage::KvView;
using storage::Table;
namespace keys = storage::keys;

Result<std::optional<Chain>> LiveChain(const KvView& view, FileId node) {
  auto chain = storage::ChainTo(view, node);
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return std::optional<Chain>();
  RETURN_IF_ERROR(chain);
  if (!IsLive(*chain)) return std::optional<Chain>();
  return std::optional<Chain>(std::move(*chain));
}

Result<UserId> OwnerOf(const KvView& view, const Chain& chain) {
  ASSIGN_OR_RETURN(const auto space, storage::ReadRecord<storage::Space>(
                                         view, Table::kSpaces, keys::Space(chain.space())));
  if (!space) return Fail(ErrorCode::kCorruption, "a root without its space");
  return UserId{space->owner()};
}

Result<FreeName> FreeNameIn(const KvView& view, const Mounts& mounts, FileId folder,
                            std::string_view wanted) {
  const auto taken = [&](const std::string& key) -> Result<bool> {
    if (mounts.Find(folder, key) != nullptr) return true;
    ASSIGN_OR_RETURN(const auto row, view.Get(Table::kEntries, keys::Entry(folder, key)));
    return row.has_value();
  };
  return FindFreeName(wanted, taken);
}

Result<void> EndShare(storage::FileTree& tree, storage::KvTxn& txn, std::optional<SpaceId> space,
                      const storage::Share& share) {
  EraseShare(txn, share);
  ASSIGN_OR_RETURN(const auto left, SharesOn(txn, FileId{share.node()}));
  if (!left.empty()) return {};
  auto chain = storage::ChainTo(txn, FileId{share.node()});
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return {};
  RETURN_IF_ERROR(chain);
  // Of what is being built or taken apart nobody asks, and its sums are not kept.
  const storage::RootKind root = chain->root().node.root();
  if (root != storage::ROOT_FILES && root != storage::ROOT_TRASH) return {};
  if (chain->space() != space) return Fail(ErrorCode::kBusy, "the node has moved");
  storage::Node changed = chain->leaf().node;
  changed.set_flags(changed.flags() & ~std::uint32_t{storage::kHasShares});
  tree.RewriteQuietly(txn, *chain, changed);
  return {};
}

Result<void> CheckTexts(const ShareAttributes& set) {
  const auto within = [](const std::optional<std::string>& text, std::size_t most) {
    return !text || text->size() <= most;
  };
  if (within(set.note, kMaxNote) && within(set.label, kMaxLabel) &&
      within(set.attributes, kMaxAttributes))
    return {};
  return Fail(ErrorCode::kTooLarge, "a text of a share is too long");
}

void ApplyTexts(const ShareAttributes& set, storage::Share& share) {
  if (set.note) share.set_note(*set.note);
  if (set.label) share.set_label(*set.label);
  if (set.hide_download) share.set_hide_download(*set.hide_download);
  if (set.password_hash) {
    share.set_password_hash(*set.password_hash);
    share.set_version(share.version() + 1);
  }
  if (!set.attributes) return;
  share.set_attributes(*set.attributes);
  share.set_no_download(set.no_download);
  share.set_asks_name(set.asks_name);
}

std::optional<Refusal> RefusalOf(DayProblem problem) {
  switch (problem) {
    case DayProblem::kNone:
      return std::nullopt;
    case DayProblem::kPast:
      return Refusal::kPast;
    case DayProblem::kTooLate:
      return Refusal::kTooLate;
    case DayProblem::kNeeded:
      return Refusal::kDayNeeded;
  }
  return std::nullopt;
}

}  // namespace cairn::shares
