#include <algorithm>

#include "base/log.h"
#include "storage/content_store.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

Error Broken(const ContentId& id, std::string_view what) {
  std::string message = "content " + id.Hex() + ": " + std::string(what);
  log::error("{}", message);
  return Fail(ErrorCode::kCorruption, std::move(message));
}

}  // namespace

Result<std::unique_ptr<ContentReader>> ContentStore::Open(const KvView& view, const ContentId& id) {
  auto reader = std::make_unique<ContentReader>();
  if (id.empty()) return reader;
  auto lease = leases_.TakeFor(id);
  if (!lease) return Fail(ErrorCode::kBusy, "content " + id.Hex() + " was replaced meanwhile");
  ASSIGN_OR_RETURN(const auto record,
                   ReadRecord<Content>(view, Table::kContents, keys::Content(id)));
  if (!record) return Broken(id, "has no record");
  if (record->codec() != 0)
    return Fail(ErrorCode::kUnsupported, "content " + id.Hex() + " has an unknown codec");
  if (record->kind() != CONTENT_INLINE && view.memory_only()) return view.Miss();
  reader->blobs_ = &blobs_;
  reader->id_ = id;
  reader->lease_ = std::move(*lease);
  reader->size_ = record->size();
  switch (record->kind()) {
    case CONTENT_INLINE: {
      ASSIGN_OR_RETURN(auto bytes, view.Get(Table::kInline, keys::Content(id)));
      if (!bytes || bytes->size() != record->size())
        return Broken(id, "its inline bytes are missing or of another size");
      reader->inline_bytes_ = std::move(*bytes);
      return reader;
    }
    case CONTENT_BLOB: {
      const auto blob = BlobId::FromBytes(record->blob());
      if (!blob) return Broken(id, "names no blob");
      reader->parts_.push_back({0, record->size(), *blob});
      // Opened at once: a missing blob is an error of the reply's head, not of its middle.
      RETURN_IF_ERROR(reader->OpenPart(0));
      return reader;
    }
    case CONTENT_MANIFEST:
      RETURN_IF_ERROR(reader->LoadManifest(view, *record));
      RETURN_IF_ERROR(reader->OpenPart(0));
      return reader;
    default:
      return Broken(id, "is of an unknown kind");
  }
}

Result<void> ContentReader::LoadManifest(const KvView& view, const Content& record) {
  std::uint64_t offset = 0;
  std::uint64_t pages = 0;
  bool good = true;
  const auto visit = [&](std::string_view rest, std::string_view value) {
    ManifestPage page;
    good = rest.size() == 8 && ReadBig64(rest) == offset && ParseInto(value, page);
    for (const auto& part : page.parts()) {
      const auto blob = BlobId::FromBytes(part.blob());
      good = good && blob && part.length() > 0 && part.length() <= record.size() - offset;
      if (!good) break;
      parts_.push_back({offset, part.length(), *blob});
      offset += part.length();
    }
    ++pages;
    return good;
  };
  RETURN_IF_ERROR(view.Scan(Table::kManifests, id_.view(), {}, visit));
  if (!good || pages != record.pages() || offset != record.size() || parts_.empty()) {
    return Broken(id_, "its manifest does not add up");
  }
  return {};
}

Result<void> ContentReader::OpenPart(std::size_t part) {
  open_.reset();
  auto opened = blobs_->Open(parts_[part].blob);
  if (opened.has_error()) {
    if (!Is(opened.error(), ErrorCode::kNotFound) && !Is(opened.error(), ErrorCode::kCorruption)) {
      return std::move(opened).error();
    }
    return Broken(id_, opened.error().message);
  }
  if ((*opened)->content() != id_ || (*opened)->length() != parts_[part].length) {
    return Broken(id_, "blob " + parts_[part].blob.Hex() +
                           " belongs to another content or has another length");
  }
  open_ = std::move(*opened);
  open_part_ = part;
  return {};
}

Result<void> ContentReader::Read(std::uint64_t offset, std::size_t length, std::string& out) {
  out.clear();
  if (offset >= size_) return {};
  length = std::min<std::uint64_t>(length, size_ - offset);
  if (parts_.empty()) {
    out.assign(inline_bytes_, offset, length);
    return {};
  }
  std::string piece;
  while (out.size() < length) {
    const std::uint64_t at = offset + out.size();
    const auto after = [](std::uint64_t value, const Part& part) { return value < part.offset; };
    const auto next = std::upper_bound(parts_.begin(), parts_.end(), at, after);
    const auto part = static_cast<std::size_t>(next - parts_.begin()) - 1;
    auto opened = open_ != nullptr && open_part_ == part ? Result<void>() : OpenPart(part);
    const std::uint64_t within = at - parts_[part].offset;
    if (opened.has_value()) {
      opened = open_->Read(
          within, std::min<std::uint64_t>(length - out.size(), parts_[part].length - within),
          piece);
    }
    if (opened.has_error()) {
      out.clear();
      if (Is(opened.error(), ErrorCode::kCorruption)) return Broken(id_, opened.error().message);
      return opened;
    }
    out.append(piece);
  }
  return {};
}

}  // namespace cairn::storage
