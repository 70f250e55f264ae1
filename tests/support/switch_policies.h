// Policies of a tree that a test can change at any time. Not thread-safe: change them between
// operations.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "storage/content_store.h"
#include "storage/tree_types.h"
#include "trash/trash_can.h"
#include "versions/keeper.h"

namespace cairn::support {

using namespace cairn::storage;  // NOLINT: tests of storage read like storage

// Everybody is alive and may do everything until a test says otherwise.
class SwitchAccess final : public AccessPolicy {
 public:
  Result<void> CheckLive(const KvView& view, const Caller& caller) const override;
  // The mask of the deepest node of the chain that has one, else `all`.
  Permissions For(const KvView& view, const Caller& caller, const Chain& chain) const override;
  bool user_disabled = false;
  bool token_deleted = false;
  std::function<void()>
      on_check;  // called at each liveness check: once at the first look, once in each transaction
  Permissions all = kAllPermissions;
  std::map<FileId, Permissions> masks;
};

class SwitchQuota final : public QuotaGate {
 public:
  Result<void> Charge(const Space& space, std::uint64_t used, std::int64_t bytes,
                      std::uint64_t reserved) const override;
  Result<std::unique_ptr<QuotaHold>> Hold(const Space&, std::uint64_t,
                                          std::uint64_t bytes) override;
  std::optional<std::uint64_t> LimitOf(const Space&) const override { return limit; }
  std::optional<std::uint64_t> limit;
  std::uint64_t held = 0;  // now
};

// Keeps nothing, or every version as the schedule says.
class SwitchVersions final : public VersionKeeper {
 public:
  SwitchVersions(const Clock& clock, const QuotaGate& quota);
  Result<bool> Capture(KvTxn& txn, ContentStore& contents, const Chain& chain, Node& node) override;
  Result<void> Erase(KvTxn& txn, ContentStore& contents, const Node& node) override;
  const Keeping& keeping() const { return keeper_.keeping(); }
  bool keep = false;

 private:
  versions::Keeper keeper_;
};

// Purges, or keeps what is removed.
class SwitchTrash final : public TrashCan {
 public:
  SwitchTrash(const Clock& clock, const QuotaGate& quota);
  Result<std::optional<std::string>> Take(KvTxn& txn, const Caller& caller, const Chain& chain,
                                          const Removal& how, Node& node) override;
  const Keeping& keeping() const { return can_.keeping(); }
  bool keep = false;

 private:
  trash::Can can_;
};

// Asks what it is given.
class ProbePrecondition final : public Precondition {
 public:
  explicit ProbePrecondition(std::function<Result<void>(const KvView&, const Entry*)> probe)
      : probe_(std::move(probe)) {}
  Result<void> Check(const KvView& view, const Entry* target) const override {
    return probe_(view, target);
  }

 private:
  std::function<Result<void>(const KvView&, const Entry*)> probe_;
};

}  // namespace cairn::support
