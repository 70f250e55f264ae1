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
