// One d:response of a multistatus: the properties of one entry, found ones first, then the missing
// ones.
//
//   PropfindWriter writer(ctx, set, view);
//   RETURN_IF_ERROR(writer.Prepare());
//   ASSIGN_OR_RETURN(const auto favorites, writer.Favorites(page.entries));      // one look-up per
//   page RETURN_IF_ERROR(writer.Append(out, {entry, href, ...}));
//
// Not thread-safe. Blocking: to be used on the read pool.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dav/context.h"
#include "dav/property_set.h"

namespace cairn::dav {

struct ListedEntry {
  const storage::Entry& entry;
  std::string_view href;  // encoded
  storage::Permissions permissions = 0;
  // What the caller sees instead of what is stored: of mounts, and of folders with mounts below.
  std::optional<std::string_view> name = {};
  std::optional<storage::Etag> etag = {};
  std::uint64_t mounted_bytes = 0;  // of mounts below
  Belonging belonging = Belonging::kOwn;
  const SharedFrom* shared = nullptr;
  bool home_root = false;
  bool listed_folder = false;
  bool favorite = false;
  std::span<const ShownLock> inherited = {};  // infinite locks above
};

// What the caller sees of an entry in a mount: `top`, the mount itself.
void ShowInMount(ListedEntry& listed, const shares::Mount& mount, const SharedFrom& shared,
                 bool top);
// Etag and size of a folder of the caller's own tree, of whose mounts some may be below it.
void ShowMounts(ListedEntry& listed, std::span<const shares::LiveMount> mounts);

class PropfindWriter {
 public:
  // All three outlive the writer.
  PropfindWriter(const Ctx& ctx, PropertySet& set, const storage::KvView& view);

  // Reads what all entries share. Once, before the others.
  Result<void> Prepare(bool collections = true);
  // Whether each entry is a favourite of the caller. No look-up when nobody asked, or for entries
  // without properties.
  Result<std::vector<bool>> Favorites(std::span<const storage::Entry> entries) const;
  // What a mount's owner and its shares tell: one look-up per mount.
  Result<SharedFrom> SharedFromOf(const storage::Chain& chain, const shares::Mount& mount) const;
  bool needs_locks() const { return (set_.needs & kNeedsLocks) != 0; }

  // On an error `out` may hold a part of the response.
  Result<void> Append(std::string& out, const ListedEntry& listed);

 private:
  void AppendFound(std::string& out, const WantedProperty& wanted, const PropContext& context);
  void AppendMissing(std::string& out) const;
  Result<std::vector<Sharee>> ShareesOf(const ListedEntry& listed) const;

  const Ctx& ctx_;
  PropertySet& set_;
  const storage::KvView& view_;
  PropScope scope_;
  std::vector<const WantedProperty*> missing_;  // of the entry being written
};

}  // namespace cairn::dav
