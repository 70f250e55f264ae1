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
  length = offset >= size_ ? 0 : std::min<std::uint64_t>(length, size_ - offset);
  if (parts_.empty() || length == 0) {
    out.assign(inline_bytes_, std::min<std::uint64_t>(offset, inline_bytes_.size()), length);
    return {};
  }
  const std::size_t first = PartAt(offset);
  if (offset - parts_[first].offset + length <= parts_[first].length)
    return ReadPart(first, offset, length, out);
  std::string all, piece;
  for (std::size_t part = first; all.size() < length; ++part) {
    RETURN_IF_ERROR(ReadPart(part, offset + all.size(), length - all.size(), piece));
    all.append(piece);
  }
  out = std::move(all);
  return {};
}

bool ContentReader::ReadNow(std::uint64_t offset, std::size_t length, std::string& out) {
  if (open_ != nullptr && length > 0 && offset < size_) {
    const std::size_t part = PartAt(offset);
    const std::uint64_t within = offset - parts_[part].offset;
    if (part == open_part_ && length <= parts_[part].length - within)
      return open_->ReadNow(within, length, out);
  }
  out.clear();
  return false;
}

std::size_t ContentReader::PartAt(std::uint64_t offset) const {
  const auto after = [](std::uint64_t value, const Part& part) { return value < part.offset; };
  const auto next = std::upper_bound(parts_.begin(), parts_.end(), offset, after);
  return static_cast<std::size_t>(next - parts_.begin()) - 1;
}

Result<void> ContentReader::ReadPart(std::size_t part, std::uint64_t offset, std::size_t length,
                                     std::string& out) {
  if (open_ == nullptr || open_part_ != part) {
    out.clear();
    RETURN_IF_ERROR(OpenPart(part));
  }
  const std::uint64_t within = offset - parts_[part].offset;
  length = std::min<std::uint64_t>(length, parts_[part].length - within);
  auto read = open_->Read(within, length, out);
  if (read.has_error() && Is(read.error(), ErrorCode::kCorruption))
    return Broken(id_, read.error().message);
  return read;
}

}  // namespace cairn::storage
