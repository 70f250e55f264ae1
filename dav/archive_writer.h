// A zip or tar archive, written piece by piece into memory (libarchive). Nothing is compressed:
// what people download has been compressed already, or goes out faster as it is.
//
//   std::string out;
//   ArchiveWriter writer(ArchiveKind::kZip, out);
//   writer.AddFolder("photos/", mtime);
//   writer.BeginFile("photos/a.jpg", size, mtime);  writer.Append(bytes); ...
//   writer.Finish();
//
// `out` grows with every call; the caller sends and clears it. Names are UTF-8, relative, without
// `..` (the caller's promise). Sizes above 4 GiB and more than 65,535 entries become zip64. Not
// thread-safe, but may be used by one thread after another. kIo: libarchive refuses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

struct archive;

namespace cairn::dav {

enum class ArchiveKind { kZip, kTar };

class ArchiveWriter {
 public:
  ArchiveWriter(ArchiveKind kind, std::string& out);
  // Without Finish: `out` gets nothing that would make the archive look complete.
  ~ArchiveWriter();
  ArchiveWriter(const ArchiveWriter&) = delete;
  ArchiveWriter& operator=(const ArchiveWriter&) = delete;

  Result<void> AddFolder(std::string_view path, std::int64_t mtime);
  // Exactly `size` bytes must follow before the next entry.
  Result<void> BeginFile(std::string_view path, std::uint64_t size, std::int64_t mtime);
  Result<void> Append(std::string_view bytes);
  Result<void> Finish();

 private:
  Result<void> AddEntry(std::string_view path, bool folder, std::uint64_t size, std::int64_t mtime);

  std::string* out_;  // null once nothing may be added any more
  struct archive* archive_;
  std::uint64_t missing_ = 0;  // bytes of the file that is being written
};

}  // namespace cairn::dav
