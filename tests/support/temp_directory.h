// A directory of its own for one test, removed with everything in it.
//
// Below InMemory() syncs cost nothing: for many small writes in tests that are not about the disk.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/error.h"

namespace cairn {

class TempDirectory {
 public:
  explicit TempDirectory(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "cairn-test-XXXXXX").string();
    CAIRN_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  static std::filesystem::path InMemory() {
    const std::filesystem::path shm = "/dev/shm";
    std::error_code none;
    const auto space = std::filesystem::space(shm, none);
    const bool roomy = !none && space.available > (std::uintmax_t{1} << 30);
    return roomy ? shm : std::filesystem::temp_directory_path();
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace cairn
