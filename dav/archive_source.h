// What an archive of a folder consists of: the folder and everything below it that the caller may
// read, one entry after another, in the order of the tree. What others share with him comes behind
// the members of the folder that it stands in.
//
// Each step looks anew, so that a download of hours keeps no snapshot: what is deleted or taken
// from the caller meanwhile is left out, what is added behind the place reached comes along.
// Memory: a page of entries per level of depth. Blocking; not thread-safe, but may be used by one
// thread after another.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dav/context.h"
#include "storage/content_store.h"

namespace cairn::dav {

struct ArchiveMember {
  std::string path;  // relative; a folder's ends with '/'
  std::int64_t mtime = 0;
  std::unique_ptr<storage::ContentReader> reader;  // null: a folder
};

class ArchiveSource {
 public:
  // All of the folder, below its own name (`names` empty), or these members of it. kNotFound: one
  // of them does not exist; kNotACollection: `ctx.path()` is a file.
  static Result<ArchiveSource> Open(Ctx& ctx, const std::vector<std::string>& names);

  const storage::Entry& folder() const { return folder_; }
  // nullopt: that was all. kUnauthenticated: the caller has lost his access; kCorruption, kIo: a
  // content cannot be read.
  Result<std::optional<ArchiveMember>> Next();

 private:
  struct Level {
    FileId folder;
    std::string prefix;  // of the paths of its members
    std::vector<storage::Entry> page;
    std::size_t next = 0;
    std::string after;  // where the next page begins
    bool more = true;
  };

  explicit ArchiveSource(Ctx& ctx) : ctx_(&ctx) {}
  Result<std::optional<ArchiveMember>> MemberOf(const storage::Entry& listed, const Level& level);
  Result<bool> Fill(Level& level);
  Result<void> AddMounts(const storage::KvView& view, Level& level) const;

  Ctx* ctx_;
  storage::Entry folder_;
  std::vector<Level> levels_;
};

}  // namespace cairn::dav
