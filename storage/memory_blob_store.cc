#include "storage/memory_blob_store.h"

#include "storage/blob_encoder.h"
#include "storage/verified_reader.h"

namespace cairn::storage {
namespace {

class MemoryRaw final : public RawBlob {
 public:
  explicit MemoryRaw(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_->size(); }
  Result<void> Read(std::uint64_t offset, std::span<char> room) override {
    if (offset > bytes_->size() || room.size() > bytes_->size() - offset) {
      return Fail(ErrorCode::kCorruption, "the blob ends too early");
    }
    bytes_->copy(room.data(), room.size(), offset);
    return {};
  }
  bool ReadNow(std::uint64_t offset, std::span<char> room) override {
    return Read(offset, room).has_value();
  }

 private:
  const std::shared_ptr<const std::string> bytes_;
};

}  // namespace

class MemoryBlobStore::Writer final : public BlobWriter {
 public:
  Writer(MemoryBlobStore& store, const BlobId& blob, const ContentId& content)
      : store_(store), encoder_(blob, content) {}

  const BlobId& id() const override { return encoder_.blob(); }
  std::uint64_t length() const override { return encoder_.length(); }
  Result<void> Append(Bytes data) override { return encoder_.Append(data, sink_); }
  Result<void> Finish() override {
    RETURN_IF_ERROR(encoder_.Finish(sink_));
    std::lock_guard lock(store_.mu_);
    store_.files_[id()] = File{std::make_shared<const std::string>(std::move(bytes_)), 0};
    return {};
  }

 private:
  struct Collect {
    std::string& bytes;
    Result<void> operator()(std::string_view more) {
      bytes.append(more);
      return {};
    }
  };
  MemoryBlobStore& store_;
  BlobEncoder encoder_;
  std::string bytes_;
  Collect sink_{bytes_};
};

MemoryBlobStore::MemoryBlobStore(Random& random) : random_(random) {}

Result<std::unique_ptr<BlobWriter>> MemoryBlobStore::Create(const ContentId& content) {
  return std::unique_ptr<BlobWriter>(std::make_unique<Writer>(*this, random_.NewBlobId(), content));
}

Result<std::unique_ptr<BlobReader>> MemoryBlobStore::Open(const BlobId& id) {
  std::shared_ptr<const std::string> bytes;
  {
    std::lock_guard lock(mu_);
    const auto found = files_.find(id);
    if (found == files_.end()) return Fail(ErrorCode::kNotFound, "no blob " + id.Hex());
    bytes = found->second.bytes;
  }
  return VerifiedReader::Open(std::make_unique<MemoryRaw>(std::move(bytes)), id);
}

Result<void> MemoryBlobStore::Remove(const BlobId& id) {
  std::lock_guard lock(mu_);
  files_.erase(id);
  return {};
}

Result<void> MemoryBlobStore::ForEach(
    FunctionRef<bool(const BlobId&, std::uint64_t, std::int64_t)> visit) {
  std::map<BlobId, File> now;
  {
    std::lock_guard lock(mu_);
    now = files_;
  }
  for (const auto& [id, file] : now) {
    if (!visit(id, file.bytes->size(), file.age_seconds)) break;
  }
  return {};
}

Result<void> MemoryBlobStore::Quarantine(const BlobId& id) {
  std::lock_guard lock(mu_);
  auto node = files_.extract(id);
  if (node.empty()) return Fail(ErrorCode::kNotFound, "no blob " + id.Hex());
  quarantined_.insert(std::move(node));
  return {};
}

std::size_t MemoryBlobStore::count() const {
  std::lock_guard lock(mu_);
  return files_.size();
}

std::string MemoryBlobStore::FileBytes(const BlobId& id) const {
  std::lock_guard lock(mu_);
  const auto found = files_.find(id);
  return found == files_.end() ? std::string() : *found->second.bytes;
}

void MemoryBlobStore::SetFileBytes(const BlobId& id, std::string file_bytes) {
  std::lock_guard lock(mu_);
  files_[id].bytes = std::make_shared<const std::string>(std::move(file_bytes));
}

void MemoryBlobStore::FlipBit(const BlobId& id, std::uint64_t bit) {
  std::string bytes = FileBytes(id);
  CAIRN_CHECK(bit / 8 < bytes.size());
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  SetFileBytes(id, std::move(bytes));
}

void MemoryBlobStore::Truncate(const BlobId& id, std::uint64_t file_size) {
  std::string bytes = FileBytes(id);
  bytes.resize(file_size);
  SetFileBytes(id, std::move(bytes));
}

void MemoryBlobStore::Age(std::int64_t seconds) {
  std::lock_guard lock(mu_);
  for (auto& [id, file] : files_) file.age_seconds += seconds;
}

}  // namespace cairn::storage
