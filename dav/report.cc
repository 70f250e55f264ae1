// REPORT (RFC 3253): oc:filter-files with the favourite rule; matching members of the collection,
// no entry for itself. d:expand-property stands in a file of its own.
#include <algorithm>

#include "dav/dav_error.h"
#include "dav/expand_property.h"
#include "dav/locate.h"
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_writer.h"
#include "http/url.h"
#include "shares/view_path.h"
#include "storage/memo_view.h"

namespace cairn::dav {
namespace {

constexpr std::size_t kPageNodes = 500;

// The favourites of the caller below the request's resource, by id: his own, and those in what
// others share with him.
class FavoritesReport {
 public:
  FavoritesReport(const Ctx& ctx, PropertySet& set, std::shared_ptr<const storage::KvView> view)
      : ctx_(ctx), view_(std::move(view)), writer_(ctx, set, view_) {}

  Result<void> Open() {
    ASSIGN_OR_RETURN(const auto chain,
                     ctx_.services.engine.tree().ResolveFor(
                         view_, ctx_.principal.caller, ctx_.path(), storage::Permission::kRead));
    top_ = chain.leaf().id();
    ASSIGN_OR_RETURN(mounts_, MountsOf(view_, ctx_));
    if (!mounts_->empty() && !ctx_.in_mount()) {
      ASSIGN_OR_RETURN(live_, shares::LiveBelow(view_, ctx_.principal.caller.user, *mounts_, top_,
                                                ctx_.services.engine.clock().NowSeconds()));
    }
    return writer_.Prepare();
  }

  // Appends a page; false: that was the last one.
  Result<bool> Fill(std::string& out) {
    ASSIGN_OR_RETURN(const auto ids,
                     storage::ListFavorites(view_, ctx_.principal.caller.user, after_, kPageNodes));
    for (const FileId id : ids) RETURN_IF_ERROR(AppendNode(out, id));
    if (!ids.empty()) after_ = ids.back();
    return ids.size() == kPageNodes;
  }

 private:
  Result<void> AppendNode(std::string& out, FileId id) {
    storage::FileTree& tree = ctx_.services.engine.tree();
    auto found = tree.ResolveId(view_, id);
    if (found.has_error()) {
      if (Is(found.error(), ErrorCode::kNotFound)) return {};  // deleted since
      return std::move(found).error();
    }
    storage::Chain& chain = *found;
    const shares::Mount* const mount = EnterMount(chain);
    if (!IsBelowTop(chain, mount)) return {};
    ASSIGN_OR_RETURN(const auto href, HrefOfChain(chain));
    if (!href) return {};
    ListedEntry listed{chain.leaf(), *href};  // recorded: no final slash in reports
    listed.permissions = tree.policies().access.For(view_, ctx_.principal.caller, chain);
    if (!storage::Allows(listed.permissions, storage::Permission::kRead)) return {};
    listed.home_root = chain.depth() == 0;
    listed.favorite = true;
    SharedFrom shared;
    if (mount != nullptr) {
      ASSIGN_OR_RETURN(shared, writer_.SharedFromOf(chain, *mount));
      ShowInMount(listed, *mount, shared, chain.depth() == chain.start);
    } else if (chain.leaf().is_collection()) {
      ShowMounts(listed, live_);
    }
    ASSIGN_OR_RETURN(const auto above, LocksAbove(chain));
    listed.inherited = above;
    return writer_.Append(out, listed);
  }

  // The mount that the node is in, which the chain begins at from then on; null: the caller's own
  // tree.
  const shares::Mount* EnterMount(storage::Chain& chain) const {
    if (chain.space() == ctx_.principal.home) return nullptr;
    for (std::size_t at = chain.depth(); at > 0; --at) {
      const shares::Mount* const mount = mounts_->OfNode(chain.entries[at].id());
      if (mount == nullptr) continue;
      chain.start = at;
      return mount;
    }
    return nullptr;
  }

  bool IsBelowTop(const storage::Chain& chain, const shares::Mount* mount) const {
    if (mount == nullptr && chain.space() != ctx_.principal.home) return false;
    if (mount != nullptr &&
        std::find(mount->above.begin(), mount->above.end(), top_) != mount->above.end())
      return true;
    for (std::size_t i = chain.start; i + 1 < chain.entries.size(); ++i) {
      if (chain.entries[i].id() == top_) return true;
    }
    return false;
  }

  // nullopt: it stands nowhere in the caller's view.
  Result<std::optional<std::string>> HrefOfChain(const storage::Chain& chain) const {
    ASSIGN_OR_RETURN(const auto place,
                     shares::ViewPathOf(view_, *mounts_, ctx_.principal.home, chain));
    if (!place) return std::optional<std::string>();
    return std::optional(ctx_.base + http::EncodePath(place->path));
  }

  Result<std::vector<ShownLock>> LocksAbove(const storage::Chain& chain) const {
    std::vector<ShownLock> above;
    if (!writer_.needs_locks()) return above;
    ASSIGN_OR_RETURN(auto held, ctx_.services.engine.locks().Covering(view_, chain));
    for (storage::HeldLock& lock : held) {
      const std::size_t at = lock.chain_index;
      if (at == chain.depth()) continue;  // its own: the writer's
      // What lies above a mount has no place in the caller's view: the mount stands for it.
      const auto end =
          chain.entries.begin() + static_cast<std::ptrdiff_t>(std::max(at, chain.start));
      ASSIGN_OR_RETURN(const auto href, HrefOfChain({{chain.entries.begin(), end + 1}, 0, {}}));
      above.push_back({std::move(lock), href.value_or(ctx_.base) + "/"});
    }
    return above;
  }

  const Ctx& ctx_;
  const storage::MemoView view_;
  PropfindWriter writer_;
  std::shared_ptr<const shares::Mounts> mounts_;
  std::vector<shares::LiveMount> live_;
  FileId top_{};
  FileId after_{};
};

DavError Unsupported() {
  return {415, "Sabre\\DAV\\Exception\\ReportNotSupported", {}, {}, "supported-report"};
}

// nullopt: it can be answered.
std::optional<DavError> CheckRules(const XmlElement& root) {
  const XmlElement* rules = root.Child(kOcNs, "filter-rules");
  if (rules == nullptr || rules->children.empty()) {
    return BadRequest("Missing filter-rule block in request");
  }
  if (rules->Child(kOcNs, "systemtag") != nullptr) {
    return DavError{412,
                    "Sabre\\DAV\\Exception\\PreconditionFailed",
                    "Cannot filter by non-existing tag",
                    {},
                    {}};
  }
  if (rules->Child(kOcNs, "favorite") == nullptr) {
    return DavError{400, "Sabre\\DAV\\Exception\\BadRequest", "Unknown filter rule", {}, {}};
  }
  return std::nullopt;
}

}  // namespace

Outcome Report(Ctx& ctx) {
  auto read = co_await http::ReadWholeBody(ctx.exchange, kMaxXmlBody);
  CO_ASSIGN_OR_RETURN(const std::string body, std::move(read));
  auto parsed = ParseXml(body);
  CO_ASSIGN_OR_RETURN(const XmlElement root, std::move(parsed));
  if (root.name == XmlName{std::string(kDavNs), "expand-property"}) {
    co_return co_await ExpandProperty(ctx, root);
  }
  std::optional<DavError> refused;
  if (root.name.ns != kOcNs || root.name.local != "filter-files") {
    refused = Unsupported();
  } else {
    refused = CheckRules(root);
  }
  if (refused) co_return co_await Refuse(ctx, *refused);

  const XmlElement* prop = root.Child(kDavNs, "prop");
  const XmlElement nothing;
  auto compiled = PropertySet::Named(prop != nullptr ? *prop : nothing);
  CO_ASSIGN_OR_RETURN(PropertySet set, std::move(compiled));
  if (PrefersMinimal(ctx.request().headers)) set.skip_missing = true;
  FavoritesReport report(ctx, set, ctx.kv().Published());
  bool opened = false;
  auto produce = [&](std::string& out) -> Result<bool> {
    if (!opened) RETURN_IF_ERROR(report.Open());
    opened = true;
    return report.Fill(out);
  };
  co_return co_await StreamMultistatus(ctx, produce);
}

}  // namespace cairn::dav
