#include "storage/trash_links.h"

#include <algorithm>
#include <utility>

#include "storage/records.h"
#include "storage/schema.h"
#include "storage/tree_checks.h"

namespace cairn::storage {

namespace {

constexpr std::size_t kStampBytes = 8;  // of a key, see keys::TrashName

// Whether the user has deleted the member of a trash root at chain.entries[1], and has a link to
// it.
bool IsHis(UserId user, const Chain& chain) {
  if (chain.root().node.root() != ROOT_TRASH || chain.depth() == 0) return false;
  const TrashInfo& info = chain.entries[1].node.trash();
  return user != UserId{} && info.deleted_by() == Raw(user) && info.link() > 0;
}

}  // namespace

std::string LinkKey(const Entry& member) {
  const std::string_view key = member.key;
  return keys::TrashName(member.node.trash().link(), key.substr(std::min(key.size(), kStampBytes)));
}

Result<std::optional<TrashLink>> LinkTo(const KvView& view, UserId user, const Chain& chain) {
  if (!IsHis(user, chain)) return std::optional<TrashLink>();
  const std::string key = keys::TrashLink(user, LinkKey(chain.entries[1]));
  ASSIGN_OR_RETURN(auto link, ReadRecord<TrashLink>(view, Table::kTrashLinks, key));
  if (link && FileId{link->node()} != chain.entries[1].id()) link.reset();
  return link;
}

Result<std::optional<LinkedDeletion>> FollowLink(const KvView& view, UserId user,
                                                 std::string_view key) {
  const std::optional<LinkedDeletion> none;
  ASSIGN_OR_RETURN(auto link,
                   ReadRecord<TrashLink>(view, Table::kTrashLinks, keys::TrashLink(user, key)));
  if (!link) return none;
  auto chain = ChainTo(view, FileId{link->node()});
  if (chain.has_error() && Is(chain.error(), ErrorCode::kNotFound)) return none;
  RETURN_IF_ERROR(chain);
  const bool lasts = chain->depth() == 1 && IsHis(user, *chain) && LinkKey(chain->leaf()) == key;
  if (!lasts) return none;
  return std::optional(LinkedDeletion{std::move(*link), std::move(*chain)});
}

}  // namespace cairn::storage
