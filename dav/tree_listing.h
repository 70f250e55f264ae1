// The walk of a PROPFIND: the resource itself, then its members down to a depth, parents before
// children, all from one view.
//
//   TreeListing listing(ctx, set, view, depth);
//   RETURN_IF_ERROR(listing.Open());
//   while (!listing.done()) { out.clear(); RETURN_IF_ERROR(listing.Fill(out)); ... send out ... }
//
// What others share with the caller stands in it where his mounts are. Memory: one page of entries
// per level. No look-up per child: one range scan per page, and batched joins for the entries whose
// flag bits ask for them. Not thread-safe; Open and Fill block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dav/locate.h"
#include "dav/propfind_writer.h"
#include "storage/memo_view.h"

namespace cairn::dav {

class TreeListing {
 public:
  static constexpr std::size_t kPageEntries = 1000;
  static constexpr std::size_t kPageBytes =
      256 * 1024;  // a page ends early when it is as long as this

  TreeListing(const Ctx& ctx, PropertySet& set, std::shared_ptr<const storage::KvView> view,
              std::uint32_t depth);

  // Resolves the resource. Everything that FileTree::ResolveFor refuses.
  Result<void> Open();
  const storage::Entry& self() const { return chain_.leaf(); }
  // How many responses the whole listing has; nullopt: only a walk could tell.
  std::optional<std::uint64_t> Total() const;
  // Lists only the responses from `first` on (0 is the resource itself), at most `count`. Between
  // Open and Fill.
  void Limit(std::uint64_t first, std::uint64_t count);
  // Appends the responses of the next page. After an error the listing is over.
  Result<void> Fill(std::string& out);
  bool done() const { return started_ && frames_.empty(); }

 private:
  // A collection whose members are being listed. chain_ reaches from the root to the last frame's
  // collection.
  struct Frame {
    std::string href;                   // encoded, with its final slash
    std::string after;                  // key of the last member listed
    bool more = true;                   // members after `after` may exist
    std::vector<storage::Entry> below;  // collections of the last page that are still to be entered
    std::size_t next_below = 0;
    std::vector<ShownLock> inherited;                   // infinite locks that cover the members
    std::vector<const shares::LiveMount*> mounts = {};  // members that are mounts, listed last
    std::size_t next_mount = 0;
    std::optional<storage::Permissions> member_rights = {};  // the same for all of them
    // Of a mount's own frame: the way that the listing goes on with when it is done.
    std::optional<storage::Chain> outer = {};
  };

  // Counts the next response; whether it is one of those that are listed.
  bool IsListed();
  bool PastLast() const { return position_ >= first_ && position_ - first_ >= count_; }
  Result<void> OpenMounts();
  Result<void> AppendSelf(std::string& out);
  // What the caller sees of the leaf, mounted or with mounts below it, instead of what is stored.
  void Describe(ListedEntry& listed) const;
  void Begin(Frame frame);
  Result<void> ListMount(std::string& out);
  void LeaveMount(storage::Chain outer);
  Result<void> ListPage(std::string& out);
  Result<void> Enter(storage::Entry entry);
  void Leave();
  Result<std::vector<ShownLock>> OwnInfiniteLocks(const storage::Entry& entry,
                                                  const std::string& href) const;

  const Ctx& ctx_;
  const storage::MemoView view_;
  const std::uint32_t depth_;
  PropfindWriter writer_;
  storage::Chain chain_;
  std::vector<Frame> frames_;
  std::shared_ptr<const shares::Mounts> mounts_;
  std::vector<shares::LiveMount> live_;   // in the caller's own tree, at or below the resource
  const shares::Mount* mount_ = nullptr;  // that the leaf is in; null: the caller's own tree
  std::optional<SharedFrom> shared_;      // of mount_
  std::size_t listed_ = 0;                // entries in the page being filled
  std::uint64_t first_ = 0;               // see Limit
  std::uint64_t count_ = UINT64_MAX;
  std::uint64_t position_ = 0;  // of the next response in the whole listing
  bool started_ = false;
};

// "/remote.php/dav/files/alice/a/b" + "/" for collections: `count` segments of the request's path
// below its base.
std::string HrefOf(const Ctx& ctx, std::size_t count, bool collection);
// Of one entry of the chain to the request's resource.
std::string HrefOfEntry(const Ctx& ctx, const storage::Chain& chain, std::size_t index);

}  // namespace cairn::dav
