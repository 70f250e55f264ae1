// The walk of a PROPFIND of the trash: the resource itself, then its members down to a depth, all
// from one view.
//
//   TrashListing listing(ctx, set, view, depth);
//   RETURN_IF_ERROR(listing.Open());
//   while (!listing.done()) { out.clear(); RETURN_IF_ERROR(listing.Fill(out)); ... send out ... }
//
// First come the caller's own deletions, then what his trash links lead to. Memory: one page of
// entries per level. No look-up per child but for links. Not thread-safe; Open and Fill block.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dav/context.h"
#include "dav/property_set.h"
#include "dav/trash_target.h"
#include "dav/user_names.h"

namespace cairn::dav {

class TrashListing {
 public:
  static constexpr std::size_t kPageEntries = 1000;
  static constexpr std::size_t kPageBytes = 256 * 1024;

  TrashListing(const Ctx& ctx, const PropertySet& set, std::shared_ptr<const storage::KvView> view,
               std::uint32_t depth);

  // kNotFound, kUnauthenticated.
  Result<void> Open();
  // Appends the responses of the next page. After an error the listing is over.
  Result<void> Fill(std::string& out);
  bool done() const { return started_ && frames_.empty(); }

 private:
  // A collection whose members are being listed. chain_ reaches from the trash root to the last
  // frame's collection.
  struct Frame {
    std::string href;
    std::string after;
    bool more = true;
    bool links = false;  // of the trash itself: its own members are listed, those of others follow
    std::vector<storage::Entry> below;
    std::size_t next_below = 0;
  };

  Result<void> AppendTop(std::string& out);
  void AppendBare(std::string& out, const std::string& href) const;
  // The leaf of chain_.
  Result<void> AppendLeaf(std::string& out, const std::string& href);
  Result<storage::Page> PageOf(const Frame& frame, std::size_t limit) const;
  Result<void> ListPage(std::string& out);
  void Enter(storage::Entry entry);

  const Ctx& ctx_;
  const PropertySet& set_;
  const std::shared_ptr<const storage::KvView> view_;
  const TrashLevel level_;
  std::uint32_t depth_;  // levels below the trash, or below the deletion that is asked for
  bool names_users_ = false;
  UserNames users_;
  storage::Chain chain_;
  bool has_trash_ = false;  // false: the caller has never deleted anything of his own
  std::vector<Frame> frames_;
  std::size_t listed_ = 0;  // entries in the page being filled
  bool started_ = false;
};

}  // namespace cairn::dav
