// What must hold for any names in an archive: each comes back as it was (in composed form, which is
// how libarchive reads most names), and none leads out of the folder it is unpacked in (T-45).
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/unicode.h"
#include "dav/archive_writer.h"
#include "storage/tree_types.h"
#include "tests/support/archive_reader.h"

namespace cairn::fuzz {

// A name per line; a '/' in front makes a folder of it, in which what follows lies. The names are
// those that a node may have.
inline std::map<std::string, std::string> MembersOf(std::string_view input) {
  std::map<std::string, std::string> members;
  std::set<std::string> keys;
  std::string folder;
  while (!input.empty() && members.size() < 64) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    std::string_view line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    const bool is_folder = line.starts_with('/');
    if (is_folder) line.remove_prefix(1);
    if (storage::CheckName(line).has_error()) continue;
    const std::string path = folder + std::string(line) + (is_folder ? "/" : "");
    if (path.size() > 4000 || !keys.insert(*Nfc(path)).second) continue;
    members[path] = is_folder ? "" : "content of " + path;
    if (is_folder) folder = path;
  }
  return members;
}

inline void CheckArchiveOf(const std::map<std::string, std::string>& members,
                           dav::ArchiveKind kind) {
  std::string bytes;
  dav::ArchiveWriter writer(kind, bytes);
  for (const auto& [path, content] : members) {
    if (path.ends_with('/')) {
      CAIRN_CHECK(writer.AddFolder(path, 1'700'000'000).has_value());
      continue;
    }
    CAIRN_CHECK(writer.BeginFile(path, content.size(), 1'700'000'000).has_value());
    CAIRN_CHECK(writer.Append(content).has_value());
  }
  CAIRN_CHECK(writer.Finish().has_value());
  const ReadArchive read = ReadArchiveBytes(bytes);
  std::map<std::string, std::string> expected, found;
  for (const auto& [path, content] : members) expected[*Nfc(path)] = content;
  for (const auto& [path, content] : read.files) found[*Nfc(path)] = content;
  CAIRN_CHECK(read.whole && read.entries == members.size() && found == expected);
  for (const auto& [path, content] : read.files) {
    CAIRN_CHECK(!path.starts_with('/') && path.find('\\') == std::string::npos);
    CAIRN_CHECK(("/" + path + "/").find("/../") == std::string::npos);
  }
}

inline void CheckArchive(std::string_view input) {
  const auto members = MembersOf(input);
  if (members.empty()) return;
  CheckArchiveOf(members, dav::ArchiveKind::kZip);
  CheckArchiveOf(members, dav::ArchiveKind::kTar);
}

}  // namespace cairn::fuzz
