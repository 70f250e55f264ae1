#include "dav/trash_listing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dav/simple_response.h"
#include "dav/tree_listing.h"
#include "dav/xml_writer.h"
#include "http/content_type.h"
#include "http/date.h"
#include "http/dav_headers.h"
#include "http/url.h"
#include "trash/links.h"

namespace cairn::dav {
namespace {

// What one deleted thing shows.
struct Deleted {
  const storage::Chain& chain;
  std::string stamp;  // of the deletion that it belongs to
  const UserNames::Named* by = nullptr;

  const storage::Entry& entry() const { return chain.leaf(); }
  const storage::TrashInfo& info() const { return chain.entries[1].node.trash(); }
};

using Value = std::optional<std::string>;

Value Nothing(const Deleted&) { return std::string(); }
Value NoPreview(const Deleted&) { return "false"; }
Value TypeOf(const Deleted& d) { return d.entry().is_collection() ? "<d:collection/>" : ""; }
Value DateOf(const Deleted& d) { return http::HttpDate(ParseInt(d.stamp).value_or(1)); }
Value LengthOf(const Deleted& d) {
  if (d.entry().is_collection()) return std::nullopt;
  return std::to_string(d.entry().node.size());
}
Value MediaTypeOf(const Deleted& d) {
  if (d.entry().is_collection()) return std::nullopt;
  return std::string(http::ContentTypeOf(d.entry().name()));
}
Value StampOf(const Deleted& d) { return d.stamp; }
Value NameOf(const Deleted& d) { return Escaped(d.entry().name()); }
Value IdOf(const Deleted& d) { return std::to_string(Raw(d.entry().id())); }
Value SizeOf(const Deleted& d) { return std::to_string(d.entry().recursive_size()); }
Value Letters(const Deleted&) { return "GD"; }
Value PlaceOf(const Deleted& d) { return Escaped(trash::OriginalLocation(d.chain)); }
Value TimeOf(const Deleted& d) { return std::to_string(d.info().deleted()); }
Value DeleterOf(const Deleted& d) {
  if (d.by == nullptr) return std::nullopt;
  return Escaped(d.by->name);
}
Value DeleterNameOf(const Deleted& d) {
  if (d.by == nullptr) return std::nullopt;
  return Escaped(d.by->display_name);
}
Value BackendOf(const Deleted&) { return "OCA\\Files_Trashbin\\Trash\\LegacyTrashBackend"; }

struct TrashRow {
  std::string_view ns;
  std::string_view local;
  Value (*value)(const Deleted&);
};

constexpr std::array kTrashRows{
    TrashRow{kDavNs, "resourcetype", TypeOf},
    TrashRow{kDavNs, "getlastmodified", DateOf},
    TrashRow{kDavNs, "getcontentlength", LengthOf},
    TrashRow{kDavNs, "getcontenttype", MediaTypeOf},
    TrashRow{kDavNs, "getetag", StampOf},
    TrashRow{kDavNs, "displayname", NameOf},
    TrashRow{kOcNs, "id", IdOf},
    TrashRow{kOcNs, "fileid", IdOf},
    TrashRow{kOcNs, "size", SizeOf},
    TrashRow{kOcNs, "permissions", Letters},
    TrashRow{kNcNs, "has-preview", NoPreview},
    TrashRow{kNcNs, "mount-type", Nothing},
    TrashRow{kNcNs, "trashbin-filename", NameOf},
    TrashRow{kNcNs, "trashbin-title", PlaceOf},
    TrashRow{kNcNs, "trashbin-original-location", PlaceOf},
    TrashRow{kNcNs, "trashbin-deletion-time", TimeOf},
    TrashRow{kNcNs, "trashbin-deleted-by-id", DeleterOf},
    TrashRow{kNcNs, "trashbin-deleted-by-display-name", DeleterNameOf},
    TrashRow{kNcNs, "trashbin-backend", BackendOf},
};

}  // namespace

TrashListing::TrashListing(const Ctx& ctx, const PropertySet& set,
                           std::shared_ptr<const storage::KvView> view, std::uint32_t depth)
    : ctx_(ctx),
      set_(set),
      view_(std::move(view)),
      level_(TrashLevelOf(ctx)),
      depth_(depth),
      users_(ctx.services.users) {
  for (const WantedProperty& wanted : *set.wanted)
    names_users_ |= wanted.name.local.starts_with("trashbin-deleted-by");
}

Result<void> TrashListing::Open() {
  if (level_ == TrashLevel::kNowhere) return Fail(ErrorCode::kNotFound, "no such collection");
  auto chain = trash::ResolveFor(ctx_.services.engine.tree(), *view_, ctx_.principal.caller,
                                 TrashPathOf(ctx_));
  if (chain.has_value()) {
    chain_ = std::move(*chain);
    has_trash_ = true;
  } else if (level_ == TrashLevel::kMember || !Is(chain.error(), ErrorCode::kNotFound)) {
    return std::move(chain).error();
  }
  return {};
}

// The resource that is asked for, and the collections that are no nodes.
Result<void> TrashListing::AppendTop(std::string& out) {
  const std::string trash = ctx_.base + "/trash/";
  bool lists = depth_ > 0;
  switch (level_) {
    case TrashLevel::kHome:
      AppendBare(out, ctx_.base + "/");
      if (depth_ == 0) return {};
      AppendBare(out, ctx_.base + "/restore/");
      AppendBare(out, trash);
      if (depth_ != http::kInfiniteDepth) --depth_;
      lists = lists && depth_ > 0;
      break;
    case TrashLevel::kTrash:
      AppendBare(out, trash);
      break;
    case TrashLevel::kRestore:
      AppendBare(out, ctx_.base + "/restore/");
      return {};
    case TrashLevel::kMember: {
      const bool collection = chain_.leaf().is_collection();
      const std::string href = HrefOf(ctx_, ctx_.segments.size(), collection);
      RETURN_IF_ERROR(AppendLeaf(out, href));
      if (lists && collection) frames_.push_back({.href = href, .after = {}, .below = {}});
      return {};
    }
    case TrashLevel::kNowhere:
      return {};
  }
  if (!lists) return {};
  if (!has_trash_) chain_.entries.resize(1);  // nothing is listed below it but links
  frames_.push_back({.href = trash, .after = {}, .links = !has_trash_, .below = {}});
  return {};
}

void TrashListing::AppendBare(std::string& out, const std::string& href) const {
  const auto value = [](const XmlName& name) -> Value {
    if (name.ns == kDavNs && name.local == "resourcetype") return "<d:collection/>";
    return std::nullopt;
  };
  AppendSimpleResponse(out, set_, href, value);
}

Result<void> TrashListing::AppendLeaf(std::string& out, const std::string& href) {
  Deleted deleted{chain_, TrashStamp(trash::ExposedName(chain_.entries[1]))};
  if (names_users_) {
    ASSIGN_OR_RETURN(deleted.by, users_.Find(*view_, UserId{deleted.info().deleted_by()}));
  }
  const auto value = [&](const XmlName& name) -> Value {
    for (const TrashRow& row : kTrashRows) {
      if (row.local == name.local && row.ns == name.ns) return row.value(deleted);
    }
    return std::nullopt;
  };
  AppendSimpleResponse(out, set_, href, value);
  return {};
}

void TrashListing::Enter(storage::Entry entry) {
  Frame frame;
  const std::string name = chain_.depth() == 0 ? trash::ExposedName(entry) : entry.name();
  frame.href = frames_.back().href + http::EncodeSegment(name) + "/";
  frames_.push_back(std::move(frame));
  chain_.entries.push_back(std::move(entry));
}

Result<storage::Page> TrashListing::PageOf(const Frame& frame, std::size_t limit) const {
  if (frame.links) return trash::ListLinks(*view_, ctx_.principal.caller.user, frame.after, limit);
  return ctx_.services.engine.tree().List(*view_, chain_.leaf().id(), frame.after, limit);
}

Result<void> TrashListing::ListPage(std::string& out) {
  Frame& frame = frames_.back();
  // Deep levels hold smaller pages, so that all levels together stay small.
  const std::size_t limit = frames_.size() <= 4 ? kPageEntries : kPageEntries / 4;
  ASSIGN_OR_RETURN(storage::Page page, PageOf(frame, limit));
  frame.below.clear();
  frame.next_below = 0;
  frame.more = page.more;
  const bool top = chain_.depth() == 0;
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    frame.after = page.entries[i].key;
    chain_.entries.push_back(std::move(page.entries[i]));
    const storage::Entry& entry = chain_.leaf();
    const bool collection = entry.is_collection();
    const std::string name = top ? trash::ExposedName(entry) : entry.name();
    auto appended =
        AppendLeaf(out, frame.href + http::EncodeSegment(name) + (collection ? "/" : ""));
    RETURN_IF_ERROR(std::move(appended));
    ++listed_;
    if (collection && frames_.size() < depth_) frame.below.push_back(std::move(chain_.leaf()));
    chain_.entries.pop_back();
    if (out.size() >= kPageBytes && i + 1 < page.entries.size()) {
      frame.more = true;
      return {};
    }
  }
  if (top && !frame.more && !frame.links) {
    frame.links = frame.more = true;
    frame.after.clear();
  }
  return {};
}

Result<void> TrashListing::Fill(std::string& out) {
  listed_ = 0;
  if (!started_) {
    RETURN_IF_ERROR(AppendTop(out));
    started_ = true;
  }
  while (!frames_.empty() && listed_ < kPageEntries && out.size() < kPageBytes) {
    Frame& frame = frames_.back();
    if (frame.next_below < frame.below.size()) {
      storage::Entry next = std::move(frame.below[frame.next_below++]);
      Enter(std::move(next));
    } else if (frame.more) {
      RETURN_IF_ERROR(ListPage(out));
    } else {
      frames_.pop_back();
      if (!frames_.empty()) chain_.entries.pop_back();
    }
  }
  return {};
}

}  // namespace cairn::dav
