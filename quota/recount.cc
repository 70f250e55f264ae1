#include "quota/recount.h"

#include <string>
#include <vector>

namespace cairn::quota {
namespace {

constexpr std::size_t kPage = 1000;

}  // namespace

Result<Recount> CountAgain(const storage::FileTree& tree, const storage::KvView& view,
                           SpaceId space) {
  ASSIGN_OR_RETURN(const storage::Chain root, tree.Resolve(view, {.home = space, .segments = {}}));
  const storage::Aggregates& below = root.leaf().node.below();
  Recount recount;
  recount.stored = {.bytes = below.bytes(), .files = below.files(), .folders = below.folders()};
  std::vector<FileId> open = {root.leaf().id()};
  while (!open.empty()) {
    const FileId folder = open.back();
    open.pop_back();
    std::string after;
    for (bool more = true; more;) {
      ASSIGN_OR_RETURN(const storage::Page page, tree.List(view, folder, after, kPage));
      for (const storage::Entry& entry : page.entries) {
        after = entry.key;
        if (entry.is_collection()) {
          ++recount.counted.folders;
          open.push_back(entry.id());
        } else {
          ++recount.counted.files;
          recount.counted.bytes += entry.node.size();
        }
      }
      more = page.more;
    }
  }
  return recount;
}

}  // namespace cairn::quota
