// PROPFIND of the versions tree: the file's own collection, its current content, its versions.
#include <algorithm>
#include <array>

#include "dav/methods.h"
#include "dav/multistatus_stream.h"
#include "dav/propfind_body.h"
#include "dav/simple_response.h"
#include "dav/user_names.h"
#include "dav/version_target.h"
#include "dav/xml_writer.h"
#include "http/content_type.h"
#include "http/date.h"
#include "http/dav_headers.h"

namespace cairn::dav {
namespace {

struct ShownVersion {
  const FileContent& content;
  std::string_view file_name;
  const UserNames::Named* author = nullptr;
};
using VersionValue = std::optional<std::string>;

VersionValue NoCollection(const ShownVersion&) { return std::string(); }
VersionValue VersionDate(const ShownVersion& v) {
  return http::HttpDate(std::max<std::int64_t>(1, v.content.stamp));
}
VersionValue VersionLength(const ShownVersion& v) { return std::to_string(v.content.size); }
VersionValue VersionMediaType(const ShownVersion& v) {
  return std::string(http::ContentTypeOf(v.file_name));
}
VersionValue VersionStamp(const ShownVersion& v) { return std::to_string(v.content.stamp); }
VersionValue VersionLabel(const ShownVersion& v) {
  if (!v.content.label.has_value()) return std::nullopt;
  return Escaped(*v.content.label);
}
VersionValue VersionAuthor(const ShownVersion& v) {
  if (v.author == nullptr) return std::nullopt;
  return Escaped(v.author->name);
}
VersionValue VersionHasNoPreview(const ShownVersion&) { return "false"; }

struct VersionPropertyRow {
  std::string_view ns;
  std::string_view local;
  VersionValue (*value)(const ShownVersion&);
};
constexpr std::array kVersionRows{
    VersionPropertyRow{kDavNs, "resourcetype", NoCollection},
    VersionPropertyRow{kDavNs, "getlastmodified", VersionDate},
    VersionPropertyRow{kDavNs, "getcontentlength", VersionLength},
    VersionPropertyRow{kDavNs, "getcontenttype", VersionMediaType},
    VersionPropertyRow{kDavNs, "getetag", VersionStamp},
    VersionPropertyRow{kNcNs, "version-label", VersionLabel},
    VersionPropertyRow{kNcNs, "version-author", VersionAuthor},
    VersionPropertyRow{kNcNs, "has-preview", VersionHasNoPreview},
};

class VersionListing {
 public:
  static constexpr std::size_t kPageBytes = 256 * 1024;

  VersionListing(const Ctx& ctx, const PropertySet& set,
                 std::shared_ptr<const storage::KvView> view, bool members)
      : ctx_(ctx),
        set_(set),
        view_(std::move(view)),
        target_(VersionTargetOf(ctx)),
        members_(members),
        users_(ctx.services.users) {
    for (const WantedProperty& wanted : *set.wanted)
      names_authors_ |= wanted.name.local == "version-author";
  }

  // Appends the next page; false: that was the last. kNotFound.
  Result<bool> Fill(std::string& out) {
    if (!opened_) {
      RETURN_IF_ERROR(Open(out));
      opened_ = true;
    }
    for (; next_ < contents_.size() && out.size() < kPageBytes; ++next_)
      RETURN_IF_ERROR(AppendContent(out, contents_[next_]));
    return next_ < contents_.size();
  }

 private:
  Result<void> Open(std::string& out) {
    if (target_.level == VersionLevel::kVersion) {
      ASSIGN_OR_RETURN(auto found, FindContent(ctx_, *view_, target_));
      file_name_ = found.history.chain.leaf().name();
      contents_.push_back(std::move(found.content));
      return {};
    }
    if (target_.level != VersionLevel::kFile) {
      RETURN_IF_ERROR(CheckVersionCollection(ctx_, *view_, target_));
      AppendCollections(out);
      return {};
    }
    ASSIGN_OR_RETURN(const auto history,
                     versions::ReadHistory(ctx_.services.engine.tree(), *view_,
                                           ctx_.principal.caller, target_.file));
    AppendCollection(out, "/versions/" + std::to_string(Raw(target_.file)) + "/");
    if (!members_) return {};
    file_name_ = history.chain.leaf().name();
    contents_ = ContentsOf(history);
    return {};
  }

  void AppendCollections(std::string& out) const {
    const bool home = target_.level == VersionLevel::kHome;
    if (home) AppendCollection(out, "/");
    if (target_.level == VersionLevel::kRoot || (home && members_))
      AppendCollection(out, "/versions/");
    if (target_.level == VersionLevel::kRestore || (home && members_))
      AppendCollection(out, "/restore/");
  }

  void AppendCollection(std::string& out, const std::string& below) const {
    const auto value = [](const XmlName& name) -> VersionValue {
      if (name.ns == kDavNs && name.local == "resourcetype") return "<d:collection/>";
      return std::nullopt;
    };
    AppendSimpleResponse(out, set_, ctx_.base + below, value);
  }

  Result<void> AppendContent(std::string& out, const FileContent& content) {
    ShownVersion shown{content, file_name_};
    if (names_authors_) {
      ASSIGN_OR_RETURN(shown.author, users_.Find(*view_, content.author));
    }
    const auto value = [&](const XmlName& name) -> VersionValue {
      for (const VersionPropertyRow& row : kVersionRows) {
        if (row.local == name.local && row.ns == name.ns) return row.value(shown);
      }
      return std::nullopt;
    };
    const std::string href = ctx_.base + "/versions/" + std::to_string(Raw(target_.file)) + "/" +
                             std::to_string(content.stamp);
    AppendSimpleResponse(out, set_, href, value);
    return {};
  }

  const Ctx& ctx_;
  const PropertySet& set_;
  const std::shared_ptr<const storage::KvView> view_;
  const VersionTarget target_;
  const bool members_;
  bool names_authors_ = false;
  bool opened_ = false;
  UserNames users_;
  std::string file_name_;
  std::vector<FileContent> contents_;
  std::size_t next_ = 0;
};

}  // namespace

Outcome VersionsPropfind(Ctx& ctx) {
  auto asked = co_await ReadPropfind(ctx);
  CO_ASSIGN_OR_RETURN(const PropertySet set, std::move(asked));
  const bool members = http::PropfindDepth(ctx.request().headers) > 0;
  VersionListing listing(ctx, set, ctx.kv().Published(), members);
  auto produce = [&](std::string& out) -> Result<bool> { return listing.Fill(out); };
  co_return co_await StreamMultistatus(ctx, produce);
}

}  // namespace cairn::dav
