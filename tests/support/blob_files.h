// The blobs of a data directory as files, whether a record names them or not.
#pragma once

#include <filesystem>
#include <set>
#include <string>

namespace cairn {

inline std::set<std::string> BlobFilesIn(const std::filesystem::path& data_dir) {
  std::set<std::string> names;
  for (const auto& file : std::filesystem::recursive_directory_iterator(data_dir / "blobs")) {
    if (file.is_regular_file()) names.insert(file.path().filename());
  }
  return names;
}

}  // namespace cairn
