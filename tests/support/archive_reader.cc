#include "tests/support/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <clocale>

namespace cairn {

ReadArchive ReadArchiveBytes(std::string_view bytes) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  ReadArchive read;
  struct archive* in = archive_read_new();
  archive_read_support_format_zip_seekable(in);  // by the central directory, as unzip does
  archive_read_support_format_tar(in);
  if (archive_read_open_memory(in, bytes.data(), bytes.size()) != ARCHIVE_OK) {
    archive_read_free(in);
    return read;
  }
  struct archive_entry* entry = nullptr;
  int status = ARCHIVE_OK;
  while ((status = archive_read_next_header(in, &entry)) == ARCHIVE_OK) {
    std::string& content = read.files[archive_entry_pathname(entry)];
    ++read.entries;
    std::array<char, 65536> buffer;
    la_ssize_t size = 0;
    while ((size = archive_read_data(in, buffer.data(), buffer.size())) > 0)
      content.append(buffer.data(), static_cast<std::size_t>(size));
    if (size < 0) status = ARCHIVE_FATAL;
    if (size < 0) break;
  }
  read.whole = status == ARCHIVE_EOF;
  archive_read_free(in);
  return read;
}

}  // namespace cairn
