#include "dav/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>

namespace cairn::dav {

namespace {

constexpr unsigned kFolderMode = 0755;
constexpr unsigned kFileMode = 0644;

// libarchive takes names for text in the thread's character set; ours are UTF-8 whatever the
// environment says.
class Utf8Names {
 public:
  Utf8Names() : before_(uselocale(Utf8())) {}
  ~Utf8Names() { uselocale(before_); }

 private:
  static locale_t Utf8() {
    static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
  }
  const locale_t before_;
};

la_ssize_t Collect(struct archive*, void* target, const void* bytes, std::size_t size) {
  std::string* const out = *static_cast<std::string**>(target);
  if (out != nullptr) out->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

Error Refused(struct archive* archive) {
  const char* why = archive_error_string(archive);
  return Fail(ErrorCode::kIo, std::string("archive: ") + (why == nullptr ? "failed" : why));
}

}  // namespace

ArchiveWriter::ArchiveWriter(ArchiveKind kind, std::string& out)
    : out_(&out), archive_(archive_write_new()) {
  CAIRN_CHECK(archive_ != nullptr);
  const Utf8Names names;
  if (kind == ArchiveKind::kZip) {
    archive_write_set_format_zip(archive_);
    archive_write_zip_set_compression_store(archive_);
  } else {
    archive_write_set_format_pax_restricted(archive_);
    archive_write_set_bytes_in_last_block(archive_, 1);
  }
  archive_write_set_bytes_per_block(archive_, 0);  // no buffer in between
  CAIRN_CHECK(archive_write_open(archive_, &out_, nullptr, Collect, nullptr) == ARCHIVE_OK);
}

ArchiveWriter::~ArchiveWriter() {
  // Freeing an archive ends it. (archive_write_fail would prevent that, but then it leaks.)
  out_ = nullptr;
  archive_write_free(archive_);
}

Result<void> ArchiveWriter::AddEntry(std::string_view path, bool folder, std::uint64_t size,
                                     std::int64_t mtime) {
  CAIRN_CHECK(missing_ == 0);
  const Utf8Names names;
  struct archive_entry* entry = archive_entry_new();
  archive_entry_set_pathname(entry, std::string(path).c_str());
  archive_entry_set_filetype(entry, folder ? AE_IFDIR : AE_IFREG);
  archive_entry_set_perm(entry, folder ? kFolderMode : kFileMode);
  archive_entry_set_size(entry, static_cast<la_int64_t>(size));
  archive_entry_set_mtime(entry, mtime, 0);
  const int written = archive_write_header(archive_, entry);
  archive_entry_free(entry);
  if (written < ARCHIVE_WARN) return Refused(archive_);
  missing_ = size;
  return {};
}

Result<void> ArchiveWriter::AddFolder(std::string_view path, std::int64_t mtime) {
  return AddEntry(path, true, 0, mtime);
}

Result<void> ArchiveWriter::BeginFile(std::string_view path, std::uint64_t size,
                                      std::int64_t mtime) {
  return AddEntry(path, false, size, mtime);
}

Result<void> ArchiveWriter::Append(std::string_view bytes) {
  CAIRN_CHECK(bytes.size() <= missing_);
  const Utf8Names names;
  const la_ssize_t written = archive_write_data(archive_, bytes.data(), bytes.size());
  if (written != static_cast<la_ssize_t>(bytes.size())) return Refused(archive_);
  missing_ -= bytes.size();
  return {};
}

Result<void> ArchiveWriter::Finish() {
  CAIRN_CHECK(missing_ == 0);
  const Utf8Names names;
  if (archive_write_close(archive_) != ARCHIVE_OK) return Refused(archive_);
  return {};
}

}  // namespace cairn::dav
