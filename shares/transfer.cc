#include "shares/transfer.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "auth/records.h"
#include "shares/rights.h"
#include "shares/share_change.h"
#include "shares/share_rows.h"
#include "storage/records.h"
#include "storage/tree_checks.h"

namespace cairn::shares {

using storage::Chain;
using storage::FileTree;
using storage::KvTxn;
using storage::KvView;
using storage::Share;
using storage::Table;
using storage::TreePath;
using storage::User;
namespace keys = storage::keys;

namespace {

SpaceId HomeOf(const User& user) { return SpaceId{user.space()}; }

// What the tree asks while something goes over: in the files of these two everything may be done.
// Nobody else ever sees this policy; who may begin a transfer was asked before.
class BothOwners final : public storage::AccessPolicy {
 public:
  BothOwners(SpaceId from, SpaceId to) : from_(from), to_(to) {}
  Result<void> CheckLive(const KvView&, const storage::Caller&) const override { return {}; }
  storage::Permissions For(const KvView&, const storage::Caller&,
                           const Chain& chain) const override {
    const bool theirs = chain.space() == from_ || chain.space() == to_;
    return theirs && IsLive(chain) ? storage::kAllPermissions : 0;
  }

 private:
  const SpaceId from_;
  const SpaceId to_;
};

// "Transferred from Alice on 2026-01-31 12-00-00", with nothing in it that any client's file system
// refuses.
std::string FolderName(std::string_view owner, std::int64_t now_seconds) {
  constexpr std::string_view kRefused = "/\\:*?\"<>|";
  std::string clean;
  for (const char c : owner) {
    const bool bad = kRefused.find(c) != std::string_view::npos ||
                     static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    clean += bad ? '-' : c;
  }
  const std::time_t at = now_seconds;
  std::tm day{};
  char text[64] = {};
  if (gmtime_r(&at, &day) != nullptr)
    std::strftime(text, sizeof text, " on %Y-%m-%d %H-%M-%S", &day);
  return storage::WithMark("Transferred from " + clean, text, true);
}

bool CanBeNew(const std::string& name) {
  const auto key = storage::CheckName(name);
  return key.has_value() && storage::CheckNewName(*key).has_value();
}

// One transfer.
class HandOver {
 public:
  HandOver(KvTxn& txn, FileTree& tree, const MountTable& mounts, const TransferRequest& request)
      : txn_(txn),
        tree_(tree),
        mounts_(mounts),
        request_(request),
        from_(HomeOf(request.from)),
        to_(HomeOf(request.to)),
        owners_(from_, to_),
        both_(tree.contents(), tree.locks(),
              {owners_, tree.policies().quota, tree.policies().versions, tree.policies().trash},
              tree.ids(), tree.etags(), tree.clock()) {
    caller_.user = UserId{request.from.id()};
    caller_.user_name = request.from.name();
  }

  Result<Transferred> Run() {
    ASSIGN_OR_RETURN(const auto chain, LiveChain(txn_, request_.node));
    if (!chain || chain->space() != from_)
      return Fail(ErrorCode::kNotFound, "there is no such file or folder of his");
    RETURN_IF_ERROR(FindShares(*chain));
    ASSIGN_OR_RETURN(const auto sources, Sources(*chain));
    ASSIGN_OR_RETURN(const FileId root, RootOf(to_));
    if (request_.into_root) RETURN_IF_ERROR(CheckEmpty(root));
    TreePath target{.home = to_, .segments = {}};
    if (!request_.into_root && !sources.empty()) {
      ASSIGN_OR_RETURN(done_.folder, FreeFolderName(root));
      target.segments.push_back(done_.folder);
      RETURN_IF_ERROR(both_.MakeCollection(txn_, context_, target, {}));
    }
    target.segments.emplace_back();
    for (const TreePath& source : sources) {
      target.segments.back() = source.segments.back();
      RETURN_IF_ERROR(both_.Move(txn_, context_, source, target, {.overwrite = false}));
      ++done_.members;
    }
    RETURN_IF_ERROR(HandOnShares());
    return done_;
  }

 private:
  Result<FileId> RootOf(SpaceId id) const {
    ASSIGN_OR_RETURN(const auto space, tree_.FindSpace(txn_, id));
    if (!space) return Fail(ErrorCode::kCorruption, "a user without his space");
    return FileId{space->files_root()};
  }

  Result<void> CheckEmpty(FileId root) const {
    ASSIGN_OR_RETURN(const storage::Page page, tree_.List(txn_, root, {}, 1));
    if (page.entries.empty()) return {};
    return Fail(ErrorCode::kConflict, "the new owner's root is not empty");
  }

  // What goes over: the node, or the members of a root.
  Result<std::vector<TreePath>> Sources(const Chain& chain) const {
    std::vector<TreePath> sources;
    if (chain.depth() > 0) {
      TreePath& path = sources.emplace_back(TreePath{.home = from_, .segments = {}});
      for (std::size_t i = 1; i < chain.entries.size(); ++i)
        path.segments.push_back(chain.entries[i].name());
      return sources;
    }
    ASSIGN_OR_RETURN(const storage::Page page,
                     tree_.List(txn_, chain.leaf().id(), {}, kMostTransferredMembers));
    if (page.more)
      return Fail(ErrorCode::kTooLarge, "too many files and folders in the root for one transfer");
    for (const storage::Entry& entry : page.entries)
      sources.push_back({.home = from_, .segments = {entry.name()}});
    return sources;
  }

  Result<std::string> FreeFolderName(FileId root) const {
    const std::int64_t now = tree_.clock().NowSeconds();
    std::string wanted = FolderName(auth::ShownName(request_.from), now);
    if (!CanBeNew(wanted)) wanted = FolderName(request_.from.name(), now);
    ASSIGN_OR_RETURN(const auto mounts, mounts_.Of(txn_, UserId{request_.to.id()}, to_));
    ASSIGN_OR_RETURN(FreeName free, FreeNameIn(txn_, *mounts, root, wanted));
    return std::move(free.name);
  }

  // Whether the share's node is what goes over, or in it.
  Result<bool> GoesOver(const Share& share, const Chain& moved) const {
    ASSIGN_OR_RETURN(const auto chain, LiveChain(txn_, FileId{share.node()}));
    return chain && std::any_of(chain->entries.begin(), chain->entries.end(),
                                [&](const auto& entry) { return entry.id() == moved.leaf().id(); });
  }

  // By the rows of the two users: no tree is walked, however much is in it. What others have made
  // of a share they got stays theirs; only one with the new owner means nothing any more.
  Result<void> FindShares(const Chain& moved) {
    const UserId to{request_.to.id()};
    ASSIGN_OR_RETURN(auto made, SharesBy(txn_, UserId{request_.from.id()}));
    ASSIGN_OR_RETURN(auto received, SharesFor(txn_, to));
    const auto with_him = [&](const Share& share) {
      return TypeOf(share) == ShareType::kUser && UserId{share.recipient()} == to;
    };
    for (Share& share : made) {
      if (with_him(share)) continue;
      ASSIGN_OR_RETURN(const bool goes, GoesOver(share, moved));
      if (goes) kept_.push_back(std::move(share));
    }
    for (Received& one : received) {
      if (!with_him(one.share)) continue;
      ASSIGN_OR_RETURN(const bool goes, GoesOver(one.share, moved));
      if (goes) ended_.push_back(std::move(one.share));
    }
    if (kept_.size() + ended_.size() > kMostTransferredShares)
      return Fail(ErrorCode::kTooLarge, "too many shares for one transfer");
    return {};
  }

  Result<void> HandOnShares() {
    for (const Share& share : ended_) RETURN_IF_ERROR(EndShare(tree_, txn_, to_, share));
    for (Share& share : kept_) {
      txn_.Erase(Table::kSharerShares,
                 keys::UserShare(UserId{share.sharer()}, ShareId{share.id()}));
      share.set_sharer(request_.to.id());
      PutShare(txn_, share);
    }
    done_.shares = kept_.size();
    done_.ended = ended_.size();
    return {};
  }

  KvTxn& txn_;
  FileTree& tree_;
  const MountTable& mounts_;
  const TransferRequest& request_;
  const SpaceId from_;
  const SpaceId to_;
  const BothOwners owners_;
  FileTree both_;
  storage::Caller caller_;
  const storage::WriteContext context_{.caller = caller_};
  std::vector<Share> kept_;
  std::vector<Share> ended_;
  Transferred done_;
};

}  // namespace

std::vector<storage::WriterKey> TransferKeys(const User& from, const User& to) {
  return {storage::DirectoryKey(), storage::SpaceKey(HomeOf(from)), storage::SpaceKey(HomeOf(to))};
}

Result<void> ReserveTransferIds(FileTree& tree, const User& to) {
  return tree.ReserveIds({.home = HomeOf(to), .segments = {""}});
}

Result<Transferred> TransferIn(KvTxn& txn, FileTree& tree, const MountTable& mounts,
                               const TransferRequest& request) {
  if (request.from.id() == request.to.id())
    return Fail(ErrorCode::kInvalidArgument, "both are the same user");
  return HandOver(txn, tree, mounts, request).Run();
}

}  // namespace cairn::shares
