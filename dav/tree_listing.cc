#include "dav/tree_listing.h"

#include <algorithm>

#include "http/dav_headers.h"
#include "http/url.h"

namespace cairn::dav {

std::string HrefOf(const Ctx& ctx, std::size_t count, bool collection) {
  std::string href = ctx.base;
  for (std::size_t i = 0; i < count; ++i)
    href.append("/").append(http::EncodeSegment(ctx.segments[i]));
  if (collection) href += '/';
  return href;
}

TreeListing::TreeListing(const Ctx& ctx, PropertySet& set,
                         std::shared_ptr<const storage::KvView> view, std::uint32_t depth)
    : ctx_(ctx), view_(std::move(view)), depth_(depth), writer_(ctx, set, view_) {}

Result<void> TreeListing::Open() {
  ASSIGN_OR_RETURN(chain_,
                   ctx_.services.engine.tree().ResolveFor(view_, ctx_.principal.caller, ctx_.path(),
                                                          storage::Permission::kRead));
  return writer_.Prepare(self().is_collection());
}

std::optional<std::uint64_t> TreeListing::Total() const {
  const storage::Node& node = self().node;
  if (!self().is_collection() || depth_ == 0) return 1;
  if (depth_ == 1) return 1 + node.direct_files() + node.direct_folders();
  if (depth_ == http::kInfiniteDepth) return 1 + node.below().files() + node.below().folders();
  return std::nullopt;
}

void TreeListing::Limit(std::uint64_t first, std::uint64_t count) {
  first_ = first;
  count_ = count;
}

bool TreeListing::IsListed() {
  const bool listed = position_ >= first_ && !PastLast();
  ++position_;
  return listed;
}

Result<std::vector<ShownLock>> TreeListing::OwnInfiniteLocks(const storage::Entry& entry,
                                                             const std::string& href) const {
  std::vector<ShownLock> infinite;
  if (!writer_.needs_locks() || (entry.node.flags() & storage::kHasLocks) == 0) return infinite;
  ASSIGN_OR_RETURN(auto held, ctx_.services.engine.locks().On(view_, entry.id()));
  for (storage::HeldLock& lock : held) {
    if (lock.lock.infinite()) infinite.push_back({std::move(lock), href});
  }
  return infinite;
}

Result<void> TreeListing::AppendSelf(std::string& out) {
  const storage::Entry& self = chain_.leaf();
  const bool members = self.is_collection() && depth_ > 0;
  std::vector<ShownLock> above;
  if (writer_.needs_locks()) {
    ASSIGN_OR_RETURN(auto held, ctx_.services.engine.locks().Covering(view_, chain_));
    for (storage::HeldLock& lock : held) {
      const std::size_t at = lock.chain_index;
      if (at < chain_.depth()) above.push_back({std::move(lock), HrefOf(ctx_, at, true)});
    }
  }
  std::string href = HrefOf(ctx_, ctx_.segments.size(), self.is_collection());
  ASSIGN_OR_RETURN(const auto favorites, writer_.Favorites({&self, 1}));
  ListedEntry listed{self, href};
  listed.permissions =
      ctx_.services.engine.tree().policies().access.For(view_, ctx_.principal.caller, chain_);
  listed.home_root = chain_.depth() == 0;
  listed.listed_folder = members;
  listed.favorite = favorites.front();
  listed.inherited = above;
  if (IsListed()) RETURN_IF_ERROR(writer_.Append(out, listed));
  if (!members) return {};
  Frame frame;
  ASSIGN_OR_RETURN(frame.inherited, OwnInfiniteLocks(self, href));
  frame.inherited.insert(frame.inherited.end(), above.begin(), above.end());
  frame.href = std::move(href);
  frames_.push_back(std::move(frame));
  return {};
}

Result<void> TreeListing::Enter(storage::Entry entry) {
  Frame frame;
  frame.href = frames_.back().href + http::EncodeSegment(entry.name()) + "/";
  ASSIGN_OR_RETURN(frame.inherited, OwnInfiniteLocks(entry, frame.href));
  const auto& above = frames_.back().inherited;
  frame.inherited.insert(frame.inherited.end(), above.begin(), above.end());
  frames_.push_back(std::move(frame));
  chain_.entries.push_back(std::move(entry));
  return {};
}

void TreeListing::Leave() {
  frames_.pop_back();
  chain_.entries.pop_back();
}

Result<void> TreeListing::ListPage(std::string& out) {
  storage::FileTree& tree = ctx_.services.engine.tree();
  Frame& frame = frames_.back();
  // Deep levels hold smaller pages, so that all levels together stay small.
  const std::size_t limit = frames_.size() <= 4 ? kPageEntries : kPageEntries / 4;
  ASSIGN_OR_RETURN(storage::Page page, tree.List(view_, chain_.leaf().id(), frame.after, limit));
  ASSIGN_OR_RETURN(const auto favorites, writer_.Favorites(page.entries));
  frame.below.clear();
  frame.next_below = 0;
  frame.more = page.more;
  const bool enters = frames_.size() < depth_;
  std::string href = frame.href;
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    const bool collection = page.entries[i].is_collection();
    frame.after = page.entries[i].key;
    chain_.entries.push_back(std::move(page.entries[i]));
    const storage::Entry& entry = chain_.leaf();
    href.resize(frame.href.size());
    href += http::EncodeSegment(entry.name());
    if (collection) href += '/';
    ListedEntry listed{entry, href};
    listed.permissions = tree.policies().access.For(view_, ctx_.principal.caller, chain_);
    listed.listed_folder = collection && enters;
    listed.favorite = favorites[i];
    listed.inherited = frame.inherited;
    const bool readable = storage::Allows(listed.permissions, storage::Permission::kRead);
    if (readable && IsListed()) RETURN_IF_ERROR(writer_.Append(out, listed));
    ++listed_;
    if (readable && collection && enters) frame.below.push_back(std::move(chain_.leaf()));
    chain_.entries.pop_back();
    if (out.size() >= kPageBytes && i + 1 < page.entries.size()) {
      frame.more = true;
      return {};
    }
  }
  return {};
}

Result<void> TreeListing::Fill(std::string& out) {
  listed_ = 0;
  if (!started_) {
    RETURN_IF_ERROR(AppendSelf(out));
    started_ = true;
  }
  while (!PastLast() && !frames_.empty() && listed_ < kPageEntries && out.size() < kPageBytes) {
    Frame& frame = frames_.back();
    if (frame.next_below < frame.below.size()) {
      storage::Entry next = std::move(frame.below[frame.next_below++]);
      RETURN_IF_ERROR(Enter(std::move(next)));
    } else if (frame.more) {
      RETURN_IF_ERROR(ListPage(out));
    } else if (frames_.size() == 1) {
      frames_.pop_back();
    } else {
      Leave();
    }
  }
  if (PastLast()) frames_.clear();
  return {};
}

}  // namespace cairn::dav
