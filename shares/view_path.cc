#include "shares/view_path.h"

#include "storage/tree_checks.h"

namespace cairn::shares {
namespace {

// The names of the chain's entries behind the one at `from`, each with a slash before it.
std::string NamesBehind(const storage::Chain& chain, std::size_t from) {
  std::string text;
  for (std::size_t i = from + 1; i < chain.entries.size(); ++i)
    text += "/" + chain.entries[i].name();
  return text;
}

}  // namespace

Result<std::optional<ViewPath>> ViewPathOf(const storage::KvView& view, const Mounts& mounts,
                                           SpaceId home, const storage::Chain& chain) {
  if (chain.space() == home) {
    const std::string path = NamesBehind(chain, 0);
    return std::optional(ViewPath{path.empty() ? "/" : path, {}});
  }
  for (std::size_t at = chain.depth(); at > 0; --at) {
    const Mount* const mount = mounts.OfNode(chain.entries[at].id());
    if (mount == nullptr) continue;
    ASSIGN_OR_RETURN(const storage::Chain parent, storage::ChainTo(view, mount->parent));
    const std::string place = NamesBehind(parent, 0) + "/" + mount->name;
    return std::optional(ViewPath{place + NamesBehind(chain, at), place});
  }
  return std::optional<ViewPath>();
}

}  // namespace cairn::shares
