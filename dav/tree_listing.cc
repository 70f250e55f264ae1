#include "dav/tree_listing.h"

#include <algorithm>
#include <utility>

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

std::string HrefOfEntry(const Ctx& ctx, const storage::Chain& chain, std::size_t index) {
  // What lies above a mount has no place in the caller's view: the mount stands for it.
  const std::size_t below = chain.depth() - std::max(index, chain.start);
  const std::size_t count = ctx.segments.size() - std::min(below, ctx.segments.size());
  return HrefOf(ctx, count, chain.entries[index].is_collection());
}

TreeListing::TreeListing(const Ctx& ctx, PropertySet& set,
                         std::shared_ptr<const storage::KvView> view, std::uint32_t depth)
    : ctx_(ctx), view_(std::move(view)), depth_(depth), writer_(ctx, set, view_) {}

Result<void> TreeListing::Open() {
  ASSIGN_OR_RETURN(chain_,
                   ctx_.services.engine.tree().ResolveFor(view_, ctx_.principal.caller, ctx_.path(),
                                                          storage::Permission::kRead));
  RETURN_IF_ERROR(OpenMounts());
  return writer_.Prepare(self().is_collection());
}

Result<void> TreeListing::OpenMounts() {
  ASSIGN_OR_RETURN(mounts_, MountsOf(view_, ctx_));
  if (ctx_.in_mount()) {
    mount_ = mounts_->OfNode(ctx_.path().start);
    if (mount_ == nullptr) return Fail(ErrorCode::kNotFound, "the mount went away");
    ASSIGN_OR_RETURN(shared_, writer_.SharedFromOf(chain_, *mount_));
  } else if (!mounts_->empty() && self().is_collection()) {
    ASSIGN_OR_RETURN(live_,
                     shares::LiveBelow(view_, ctx_.principal.caller.user, *mounts_, self().id(),
                                       ctx_.services.engine.clock().NowSeconds()));
  }
  return {};
}

std::optional<std::uint64_t> TreeListing::Total() const {
  const storage::Node& node = self().node;
  if (!self().is_collection() || depth_ == 0) return 1;
  if (depth_ == 1) {
    const auto direct = std::count_if(live_.begin(), live_.end(), [&](const auto& live) {
      return live.mount->parent == self().id();
    });
    return 1 + node.direct_files() + node.direct_folders() + static_cast<std::uint64_t>(direct);
  }
  if (depth_ == http::kInfiniteDepth && live_.empty())
    return 1 + node.below().files() + node.below().folders();
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
      if (at < chain_.depth()) above.push_back({std::move(lock), HrefOfEntry(ctx_, chain_, at)});
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
  Describe(listed);
  if (IsListed()) RETURN_IF_ERROR(writer_.Append(out, listed));
  if (!members) return {};
  Frame frame;
  ASSIGN_OR_RETURN(frame.inherited, OwnInfiniteLocks(self, href));
  frame.inherited.insert(frame.inherited.end(), above.begin(), above.end());
  frame.href = std::move(href);
  Begin(std::move(frame));
  return {};
}

// The members of the leaf come next.
void TreeListing::Begin(Frame frame) {
  for (const shares::LiveMount& live : live_) {
    if (mount_ == nullptr && live.mount->parent == chain_.leaf().id())
      frame.mounts.push_back(&live);
  }
  frames_.push_back(std::move(frame));
}

void TreeListing::Describe(ListedEntry& listed) const {
  const storage::Entry& entry = listed.entry;
  if (ctx_.link) {
    listed.shared = &*shared_;
  } else if (mount_ != nullptr) {
    ShowInMount(listed, *mount_, *shared_, chain_.depth() == chain_.start);
  } else if (!live_.empty() && entry.is_collection()) {
    ShowMounts(listed, live_);
  }
}

Result<void> TreeListing::Enter(storage::Entry entry) {
  Frame frame;
  frame.href = frames_.back().href + http::EncodeSegment(entry.name()) + "/";
  ASSIGN_OR_RETURN(frame.inherited, OwnInfiniteLocks(entry, frame.href));
  const auto& above = frames_.back().inherited;
  frame.inherited.insert(frame.inherited.end(), above.begin(), above.end());
  chain_.entries.push_back(std::move(entry));
  Begin(std::move(frame));
  return {};
}

void TreeListing::Leave() {
  std::optional<storage::Chain> outer = std::move(frames_.back().outer);
  frames_.pop_back();
  if (outer) {
    LeaveMount(std::move(*outer));
  } else {
    chain_.entries.pop_back();
  }
}

void TreeListing::LeaveMount(storage::Chain outer) {
  chain_ = std::move(outer);
  mount_ = nullptr;
  shared_.reset();
}

// A member that is a mount: its way leads through another tree.
Result<void> TreeListing::ListMount(std::string& out) {
  Frame& frame = frames_.back();
  const shares::LiveMount& live = *frame.mounts[frame.next_mount++];
  storage::Chain outer = std::exchange(chain_, live.chain);
  mount_ = live.mount;
  ASSIGN_OR_RETURN(shared_, writer_.SharedFromOf(chain_, *mount_));
  const storage::Entry& entry = chain_.leaf();
  const bool enters = entry.is_collection() && frames_.size() < depth_;
  std::string href = frame.href + http::EncodeSegment(mount_->name);
  if (entry.is_collection()) href += '/';
  ASSIGN_OR_RETURN(const auto favorites, writer_.Favorites({&entry, 1}));
  ListedEntry listed{entry, href};
  listed.permissions = live.rights;
  listed.listed_folder = enters;
  listed.favorite = favorites.front();
  Describe(listed);
  if (IsListed()) RETURN_IF_ERROR(writer_.Append(out, listed));
  ++listed_;
  if (!enters) {
    LeaveMount(std::move(outer));
    return {};
  }
  Frame below;
  ASSIGN_OR_RETURN(below.inherited, OwnInfiniteLocks(entry, href));
  below.href = std::move(href);
  below.outer = std::move(outer);
  Begin(std::move(below));
  return {};
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
    if (!frame.member_rights)
      frame.member_rights = tree.policies().access.For(view_, ctx_.principal.caller, chain_);
    listed.permissions = *frame.member_rights;
    listed.listed_folder = collection && enters;
    listed.favorite = favorites[i];
    listed.inherited = frame.inherited;
    Describe(listed);
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
    } else if (frame.next_mount < frame.mounts.size()) {
      RETURN_IF_ERROR(ListMount(out));
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
