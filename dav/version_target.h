// /remote.php/dav/versions/USER[/versions[/FILEID[/TIME]]|/restore]: what a path of the versions
// tree names, and what is found there.
#pragma once

#include <optional>
#include <string>

#include "dav/context.h"
#include "dav/dav_error.h"
#include "dav/preconditions.h"
#include "versions/history.h"

namespace cairn::dav {

enum class VersionLevel { kHome, kRoot, kFile, kVersion, kRestore, kNowhere };

struct VersionTarget {
  VersionLevel level = VersionLevel::kNowhere;
  FileId file{};
  std::int64_t stamp = 0;  // seconds; the name of a version
};
VersionTarget VersionTargetOf(const Ctx& ctx);

inline ShownState VersionState(const VersionTarget& target) {
  return {std::to_string(target.stamp), target.stamp};
}

// One content of a file: a version, or what the file has now.
struct FileContent {
  bool is_current = false;
  std::int64_t stamp = 0;
  std::string content;  // as the record names it
  std::uint64_t size = 0;
  UserId author{};
  std::optional<std::string> label;
};
// The current content, then the versions, newest first.
std::vector<FileContent> ContentsOf(const versions::History& history);

// The file's history. kNotFound: no such file of the caller, or no such content of it.
struct FoundContent {
  versions::History history;
  FileContent content;
};
Result<FoundContent> FindContent(const Ctx& ctx, const storage::KvView& view,
                                 const VersionTarget& target);

// Whether the collection is there: a FILEID has to be a file of the caller.
Result<void> CheckVersionCollection(const Ctx& ctx, const storage::KvView& view,
                                    const VersionTarget& target);

inline DavError NoSuchVersion() {
  return {404, "Sabre\\DAV\\Exception\\NotFound", "There is no such version", {}, {}};
}
inline DavError ForbiddenVersion(std::string message) {
  return {403, "Sabre\\DAV\\Exception\\Forbidden", std::move(message), {}, {}};
}

}  // namespace cairn::dav
