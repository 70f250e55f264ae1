#include <utility>

#include "storage/content_store.h"

namespace cairn::storage {

ContentIngest::ContentIngest(BlobStore& blobs, ContentId id, std::size_t inline_limit,
                             std::span<const HashKind> kinds)
    : blobs_(blobs), id_(id), inline_limit_(inline_limit) {
  for (const HashKind kind : kinds) hashers_.emplace_back(kind);
}

ContentIngest::~ContentIngest() = default;

Result<void> ContentIngest::Append(Bytes data) {
  if (over_) return Fail(ErrorCode::kIo, "this content failed before, or is finished");
  auto stored = Store(data);
  over_ = stored.has_error();
  if (over_) return stored;
  for (Hasher& hasher : hashers_) hasher.Update(data);
  length_ += data.size();
  return {};
}

Result<void> ContentIngest::Store(Bytes data) {
  if (writer_ == nullptr && data.size() <= inline_limit_ &&
      buffer_.size() <= inline_limit_ - data.size()) {
    buffer_.append(AsString(data));
    return {};
  }
  if (writer_ == nullptr) {
    ASSIGN_OR_RETURN(writer_, blobs_.Create(id_));
    RETURN_IF_ERROR(writer_->Append(AsBytes(buffer_)));
    buffer_ = {};
  }
  return writer_->Append(data);
}

Result<NewContent> ContentIngest::Finish() {
  if (std::exchange(over_, true))
    return Fail(ErrorCode::kIo, "this content failed before, or is finished");
  NewContent content;
  for (const Hasher& hasher : hashers_) content.checksums.push_back(hasher.Current());
  content.record.set_size(length_);
  if (writer_ != nullptr) {
    RETURN_IF_ERROR(writer_->Finish());
    content.blob = writer_->id();
    content.record.set_kind(CONTENT_BLOB);
    content.record.set_blob(std::string(writer_->id().view()));
  } else {
    content.record.set_kind(CONTENT_INLINE);
    content.inline_bytes = std::move(buffer_);
  }
  if (length_ > 0) content.id = id_;
  return content;
}

}  // namespace cairn::storage
