// REPORT (RFC 3253): oc:filter-files with the favourite rule; matching members of the collection,
// no entry for itself. d:expand-property stands in a file of its own.
#include "dav/dav_error.h"
#include "dav/expand_property.h"
#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_writer.h"
#include "http/url.h"
#include "storage/memo_view.h"

namespace cairn::dav {
namespace {

constexpr std::size_t kPageNodes = 500;

// The favourites of the caller below the request's resource, by id.
class FavoritesReport {
 public:
  FavoritesReport(const Ctx& ctx, PropertySet& set, std::shared_ptr<const storage::KvView> view)
      : ctx_(ctx), view_(std::move(view)), writer_(ctx, set, view_) {}

  Result<void> Open() {
    ASSIGN_OR_RETURN(const auto chain,
                     ctx_.services.engine.tree().ResolveFor(
                         view_, ctx_.principal.caller, ctx_.path(), storage::Permission::kRead));
    top_ = chain.leaf().id();
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
    const storage::Chain& chain = *found;
    if (!IsBelowTop(chain)) return {};
    std::string href = ctx_.base;
    for (std::size_t i = 1; i < chain.entries.size(); ++i) {
      href.append("/").append(http::EncodeSegment(chain.entries[i].name()));
    }
    ListedEntry listed{chain.leaf(), href};  // recorded: no final slash in reports
    listed.permissions = tree.policies().access.For(view_, ctx_.principal.caller, chain);
    if (!storage::Allows(listed.permissions, storage::Permission::kRead)) return {};
    listed.home_root = chain.depth() == 0;
    listed.favorite = true;
    ASSIGN_OR_RETURN(const auto above, LocksAbove(chain));
    listed.inherited = above;
    return writer_.Append(out, listed);
  }

  bool IsBelowTop(const storage::Chain& chain) const {
    if (chain.space() != ctx_.principal.home) return false;
    for (std::size_t i = 0; i + 1 < chain.entries.size(); ++i) {
      if (chain.entries[i].id() == top_) return true;
    }
    return false;
  }

  Result<std::vector<ShownLock>> LocksAbove(const storage::Chain& chain) const {
    std::vector<ShownLock> above;
    if (!writer_.needs_locks()) return above;
    ASSIGN_OR_RETURN(auto held, ctx_.services.engine.locks().Covering(view_, chain));
    for (storage::HeldLock& lock : held) {
      const std::size_t at = lock.chain_index;
      if (at == chain.depth()) continue;  // its own: the writer's
      std::string href = ctx_.base + "/";
      for (std::size_t i = 1; i <= at; ++i)
        href.append(http::EncodeSegment(chain.entries[i].name())).append("/");
      above.push_back({std::move(lock), std::move(href)});
    }
    return above;
  }

  const Ctx& ctx_;
  const storage::MemoView view_;
  PropfindWriter writer_;
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
