#include "storage/prefix_hash.h"

#include "storage/chunk_order.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kMaxWaiting = 4096;
constexpr std::size_t kReadSize = 256 * 1024;
// Clients that number from 0 write 16 digits; the others begin with 1.
constexpr std::size_t kDigitsFromZero = 16;

std::uint64_t Chained(std::uint64_t chain, const BlobId& blob) {
  return Xxh3(AsBytes(blob.view()), chain);
}

}  // namespace

Result<void> HashBlob(BlobStore& blobs, const PrefixHash::Part& part, std::span<Hasher> hashers) {
  ASSIGN_OR_RETURN(const auto reader, blobs.Open(part.blob));
  if (reader->length() != part.length)
    return Fail(ErrorCode::kCorruption, "a chunk's blob has another length");
  std::string bytes;
  for (std::uint64_t at = 0; at < part.length; at += bytes.size()) {
    RETURN_IF_ERROR(reader->Read(at, kReadSize, bytes));
    for (Hasher& hasher : hashers) hasher.Update(AsBytes(bytes));
  }
  return {};
}

void PrefixHash::Added(std::string_view name, const Part& part, const Hasher* alone,
                       BlobStore& blobs) {
  const auto range = ParseChunkRange(name);
  const auto number = ChunkNumber(name);
  std::unique_lock lock(mu_);
  if (alone != nullptr && alone->kind() == HashKind::kSha1) alone_ = {part.blob, alone->Current()};
  if (!guessing_) return;
  if (!started_) {
    started_ = true;
    ranges_ = range.has_value();
    next_ = ranges_ || name.size() == kDigitsFromZero ? 0 : 1;
  }
  const std::optional<std::uint64_t> position =
      ranges_ ? (range ? std::optional(range->first) : std::nullopt) : number;
  // Another kind of name, a chunk of what is hashed sent again, or too much out of order: left to
  // Complete.
  if (!position || *position < next_ || waiting_.size() >= kMaxWaiting) {
    guessing_ = false;
    waiting_.clear();
    return;
  }
  waiting_[*position] = part;
  if (busy_) return;  // whoever hashes takes it
  busy_ = true;
  for (auto found = waiting_.find(next_); guessing_ && found != waiting_.end();
       found = waiting_.find(next_)) {
    const Part claimed = found->second;
    waiting_.erase(found);
    next_ += ranges_ ? claimed.length : 1;
    if (ranges_ && claimed.length == 0) guessing_ = false;
    lock.unlock();
    const bool read = HashBlob(blobs, claimed, std::span(&sha1_, 1)).has_value();
    valid_ = valid_ && read;
    ++hashed_;
    chain_ = Chained(chain_, claimed.blob);
    lock.lock();
    if (!read) guessing_ = false;
  }
  busy_ = false;
  idle_.notify_all();
}

bool PrefixHash::IsPrefixOf(std::span<const Part> parts) const {
  if (!valid_ || hashed_ > parts.size()) return false;
  std::uint64_t chain = 0;
  for (const Part& part : parts.first(hashed_)) chain = Chained(chain, part.blob);
  return chain == chain_;
}

Result<Checksum> PrefixHash::Complete(std::span<const Part> parts, BlobStore& blobs) {
  std::unique_lock lock(mu_);
  guessing_ = false;  // what arrives from here on is read by the next Complete
  waiting_.clear();
  if (parts.size() == 1 && alone_ && alone_->first == parts[0].blob) return alone_->second;
  idle_.wait(lock, [this] { return !busy_; });
  busy_ = true;
  lock.unlock();
  if (!IsPrefixOf(parts)) {
    sha1_ = Hasher(HashKind::kSha1);
    hashed_ = 0;
    chain_ = 0;
    valid_ = true;
  }
  Result<void> read;
  while (read.has_value() && hashed_ < parts.size()) {
    read = HashBlob(blobs, parts[hashed_], std::span(&sha1_, 1));
    valid_ = read.has_value();
    chain_ = Chained(chain_, parts[hashed_].blob);
    ++hashed_;
  }
  Result<Checksum> sum = sha1_.Current();
  if (read.has_error()) sum = std::move(read).error();
  lock.lock();
  busy_ = false;
  idle_.notify_all();
  return sum;
}

}  // namespace cairn::storage
