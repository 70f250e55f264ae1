// Reads a whole zip or tar from memory (libarchive), for tests that look at what was downloaded.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cairn {

struct ReadArchive {
  bool whole = false;                        // it came to its end without an error
  std::map<std::string, std::string> files;  // name -> content; folders end with '/'
  std::size_t entries = 0;                   // names may come twice
};

ReadArchive ReadArchiveBytes(std::string_view bytes);

}  // namespace cairn
