// Contents: their records, bytes, manifests and references, read side by side in the order of the
// content ids.
#include <algorithm>
#include <utility>

#include "storage/fsck_run.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kHoldersNamed = 3;

// The content id that the cursor's current row begins with; empty at the end.
Result<std::string> HeadId(TableCursor& cursor) {
  ASSIGN_OR_RETURN(const Row* row, cursor.Peek());
  return row == nullptr ? std::string() : row->key.substr(0, 16);
}

}  // namespace

struct FsckRun::ContentRows {
  ContentId id;
  bool exists = false;
  std::string record;
  std::vector<std::pair<char, std::string>> refs;  // kind, holder
  bool has_inline = false;
  std::uint64_t inline_bytes = 0;
  struct Page {
    std::uint64_t first_offset = 0;
    ManifestPage page;
  };
  std::vector<Page> pages;
};

Result<void> FsckRun::CheckContents() {
  TableCursor rows(view_, Table::kContents, {});
  TableCursor refs(view_, Table::kRefs, {});
  TableCursor inlines(view_, Table::kInline, {});
  TableCursor pages(view_, Table::kManifests, {});
  for (;;) {
    std::string lowest;
    for (TableCursor* cursor : {&rows, &refs, &inlines, &pages}) {
      ASSIGN_OR_RETURN(const std::string id, HeadId(*cursor));
      if (!id.empty() && (lowest.empty() || id < lowest)) lowest = id;
    }
    if (lowest.empty()) return {};
    ASSIGN_OR_RETURN(const ContentRows found, Gather(lowest, rows, refs, inlines, pages));
    if (lowest.size() == 16) RETURN_IF_ERROR(CheckContent(found));
  }
}

Result<FsckRun::ContentRows> FsckRun::Gather(const std::string& id, TableCursor& rows,
                                             TableCursor& refs, TableCursor& inlines,
                                             TableCursor& pages) {
  ContentRows found;
  const auto parsed = ContentId::FromBytes(id);
  if (parsed) found.id = *parsed;
  if (!parsed)
    Find(FindingKind::kBadRecord,
         "a row of the contents is keyed by " + ToHex(id) + ", which is no content id");
  const auto take = [&](TableCursor& cursor, auto use) -> Result<void> {
    for (;; cursor.Next()) {
      ASSIGN_OR_RETURN(const Row* row, cursor.Peek());
      if (row == nullptr || row->key.substr(0, 16) != id) return {};
      use(std::string_view(row->key).substr(std::min<std::size_t>(16, row->key.size())), *row);
    }
  };
  RETURN_IF_ERROR(take(rows, [&](std::string_view, const Row& row) {
    found.exists = true;
    found.record = row.value;
  }));
  RETURN_IF_ERROR(take(refs, [&](std::string_view rest, const Row&) {
    found.refs.emplace_back(rest.empty() ? '\0' : rest.front(),
                            rest.empty() ? rest : rest.substr(1));
  }));
  RETURN_IF_ERROR(take(inlines, [&](std::string_view, const Row& row) {
    found.has_inline = true;
    found.inline_bytes = row.value.size();
  }));
  RETURN_IF_ERROR(take(pages, [&](std::string_view rest, const Row& row) {
    ContentRows::Page page;
    if (rest.size() != 8 || !ParseInto(row.value, page.page)) {
      Find(FindingKind::kBadRecord, "a manifest page of content " + ToHex(id) + " cannot be read");
      return;
    }
    page.first_offset = ReadBig64(rest);
    found.pages.push_back(std::move(page));
  }));
  return found;
}

Result<void> FsckRun::CheckContent(const ContentRows& rows) {
  const std::string what = "content " + rows.id.Hex();
  const bool leaving = candidate_contents_.contains(rows.id);
  if (!rows.exists) {
    // A session's content has no record before its MOVE, but may have manifest pages already.
    const bool coming = sessions_.contains(rows.id) || leaving;
    for (const auto& [kind, holder] : rows.refs) {
      if (coming && kind == static_cast<char>(HolderKind::kUpload)) {
        RETURN_IF_ERROR(CheckRef(rows.id, kind, holder));
      } else {
        Find(FindingKind::kMissingContent,
             what + " does not exist, but is referred to by holder " + kind + " " + ToHex(holder));
      }
    }
    if (rows.has_inline || (!rows.pages.empty() && !coming)) {
      Find(FindingKind::kUnreferencedContent, what + " has bytes, but no record");
    }
    return {};
  }
  ++report_.contents;
  for (const auto& [kind, holder] : rows.refs) RETURN_IF_ERROR(CheckRef(rows.id, kind, holder));
  if (rows.refs.empty() && !leaving) {
    Find(FindingKind::kUnreferencedContent,
         what + " has neither a reference nor a candidate for the collector");
  }
  Content content;
  if (!ParseInto(rows.record, content)) {
    Find(FindingKind::kBadRecord, what + " cannot be read");
    return {};
  }
  if (content.codec() != 0) {
    Find(FindingKind::kBadRecord, what + " has a codec that this version does not know");
    return {};
  }
  return CheckBytes(rows, content);
}

Result<void> FsckRun::CheckBytes(const ContentRows& rows, const Content& content) {
  const std::string what = "content " + rows.id.Hex();
  if (content.kind() != CONTENT_INLINE && rows.has_inline) {
    Find(FindingKind::kBadRecord, what + " is not inline, but has inline bytes");
  }
  if (content.kind() != CONTENT_MANIFEST && !rows.pages.empty()) {
    Find(FindingKind::kBadRecord, what + " has no manifest, but manifest pages");
  }
  switch (content.kind()) {
    case CONTENT_INLINE:
      if (rows.has_inline && rows.inline_bytes == content.size()) return {};
      {
        ASSIGN_OR_RETURN(const std::string holders, HoldersOf(rows.id));
        Find(rows.has_inline ? FindingKind::kWrongSize : FindingKind::kMissingContent,
             what + " says " + std::to_string(content.size()) + " inline bytes, " +
                 (rows.has_inline ? "there are " + std::to_string(rows.inline_bytes)
                                  : std::string("there are none")) +
                 holders);
      }
      return {};
    case CONTENT_BLOB:
      return CheckBlobRow(content.blob(), rows.id, content.size(), what);
    case CONTENT_MANIFEST:
      return CheckManifest(rows, content);
    default:
      Find(FindingKind::kBadRecord, what + " is of an unknown kind");
      return {};
  }
}

Result<void> FsckRun::CheckManifest(const ContentRows& rows, const Content& content) {
  const std::string what = "content " + rows.id.Hex();
  std::uint64_t offset = 0;
  std::int64_t parts = 0;
  bool gap = false;
  for (const auto& [first_offset, page] : rows.pages) {
    gap = gap || first_offset != offset || page.parts().empty();
    for (const auto& part : page.parts()) {
      offset += part.length();
      ++parts;
      RETURN_IF_ERROR(CheckBlobRow(part.blob(), rows.id, part.length(), what));
    }
  }
  if (gap || rows.pages.size() != content.pages() || offset != content.size()) {
    ASSIGN_OR_RETURN(const std::string holders, HoldersOf(rows.id));
    Find(FindingKind::kWrongSize, what + " says " + std::to_string(content.size()) + " bytes on " +
                                      std::to_string(content.pages()) +
                                      " manifest pages, there are " + std::to_string(offset) +
                                      " on " + std::to_string(rows.pages.size()) +
                                      (gap ? " with a gap" : "") + holders);
  }
  named_parts_[rows.id] += parts;
  return {};
}

Result<void> FsckRun::CheckRef(const ContentId& id, char kind, std::string_view holder) {
  bool held = false;
  if (kind == static_cast<char>(HolderKind::kNode) && holder.size() == 8) {
    ASSIGN_OR_RETURN(const auto place, view_.Record<NodePlace>(Table::kNodes, holder));
    if (place) {
      ASSIGN_OR_RETURN(
          const auto node,
          view_.Record<Node>(Table::kEntries, keys::Entry(FileId{place->parent()}, place->key())));
      // An entry of another node at this place has been reported: this node's content is not known
      // to be unused.
      held = !node || node->id() != ReadBig64(holder) || node->content() == id.view();
    }
  } else if (kind == static_cast<char>(HolderKind::kVersion)) {
    ASSIGN_OR_RETURN(const auto version, view_.Record<Version>(Table::kVersions, holder));
    held = version && version->content() == id.view();
  } else if (kind == static_cast<char>(HolderKind::kUpload)) {
    const auto session = sessions_.find(id);
    held = session != sessions_.end() && session->second.holder == holder;
  }
  if (!held) {
    Find(FindingKind::kReferenceWithoutHolder,
         "content " + id.Hex() + " is held by " + kind + " " + ToHex(holder) +
             ", which does not exist or holds another content");
  }
  return {};
}

Result<void> FsckRun::CheckBlobRow(const std::string& blob, const ContentId& owner,
                                   std::uint64_t length, const std::string& named_by) {
  if (blob.size() != 16) {
    Find(FindingKind::kBadRecord, named_by + " names no blob id");
    return {};
  }
  ASSIGN_OR_RETURN(const auto row, view_.Record<Blob>(Table::kBlobs, blob));
  if (row && row->content() == owner.view() && row->length() == length) return {};
  ASSIGN_OR_RETURN(const std::string holders, HoldersOf(owner));
  const std::string what = named_by + ": blob " + ToHex(blob);
  if (!row) {
    Find(FindingKind::kMissingBlob, what + " has no row" + holders);
  } else if (row->content() != owner.view()) {
    Find(FindingKind::kBadRecord, what + " belongs to content " + ToHex(row->content()) + holders);
  } else {
    Find(FindingKind::kWrongSize, what + " has " + std::to_string(row->length()) +
                                      " bytes instead of " + std::to_string(length) + holders);
  }
  return {};
}

// "; used by PATH, PATH": the files that are lost when this content is.
Result<std::string> FsckRun::HoldersOf(const ContentId& id) {
  ASSIGN_OR_RETURN(const auto rows,
                   view_.Page(Table::kRefs, keys::RefPrefix(id), {}, kHoldersNamed + 1));
  std::string text;
  std::size_t named = 0;
  for (const Row& row : rows) {
    if (row.key.size() != 9 || row.key.front() != static_cast<char>(HolderKind::kNode)) continue;
    if (named == kHoldersNamed) return text + " and others";
    ASSIGN_OR_RETURN(const std::string path,
                     PathOf(FileId{ReadBig64(std::string_view(row.key).substr(1))}));
    text += (named++ == 0 ? "; used by " : ", ") + path;
  }
  return text;
}

}  // namespace cairn::storage
