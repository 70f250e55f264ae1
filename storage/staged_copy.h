// A copy of a collection with everything below it, built under the hidden staging root of a space
// in steps of 1,000 nodes, each a transaction under the staging key. Nobody sees it until it is
// taken and put somewhere. Internal to the tree.
//
//   StagedCopy copy(tree, store, context, space);
//   RETURN_IF_ERROR(copy.Build(source));            // of copy.view()
//   ... in a transaction under the keys of staging and of the space:
//   ASSIGN_OR_RETURN(Node node, copy.Take(txn));    // and put it in its place
//
// Contents are shared by reference. What is built belongs to this object until it goes, then to
// FileTree::PurgeStep, unless it was taken. Not thread-safe. Blocking.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "storage/file_tree.h"
#include "storage/read_lease.h"

namespace cairn::storage {

class StagedCopy {
 public:
  StagedCopy(FileTree& tree, KvStore& store, const WriteContext& context, SpaceId space);
  StagedCopy(const StagedCopy&) = delete;
  StagedCopy& operator=(const StagedCopy&) = delete;
  ~StagedCopy();

  // What is copied from.
  const KvView& view() const { return *view_; }
  // `source`: a collection as `view` has it. Takes the keys itself. kCorruption: its sums are
  // wrong.
  Result<void> Build(const Node& source);
  // Whether it is a copy of all that is below `node` now.
  bool IsOf(const Node& node) const;
  // Out of the staging root; where it goes, and under which name, is the caller's affair.
  Result<Node> Take(KvTxn& txn) const;

 private:
  struct Item {
    FileId id;
    FileId parent;
    Entry source;
  };
  // A collection whose members after `after` are to be copied below `target`.
  struct Open {
    FileId source;
    FileId target;
    std::string after;
  };

  Result<FileId> NextId();
  Result<Node> Copy(KvTxn& txn, FileId id, const Node& source, std::string_view name);
  Result<void> MakeTop();
  Result<void> CopyMembers();
  Result<void> Flush(std::span<const Item> items);

  FileTree& tree_;
  KvStore& store_;
  const WriteContext& context_;
  const SpaceId space_;
  const ReadLease lease_;
  const std::shared_ptr<const KvView> view_;
  Node source_;
  FileId staging_{};
  FileId top_{};
};

}  // namespace cairn::storage
