// Ownership goes over: a file, a folder, or all that a user has, into another user's tree.
//
// The nodes keep ids, etags, versions and properties. Shares that the old owner had made of them
// become the new owner's and grant what they did, links with token and password; those with the new
// owner himself end. Received shares that stood in a folder that goes stay with who received them:
// they are in his root again.
//
// Decides nothing of who may ask for it. Blocking; thread-safe, no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "shares/mounts.h"
#include "storage/file_tree.h"

namespace cairn::shares {

// More than this does not go over at once: it is one transaction.
inline constexpr std::size_t kMostTransferredMembers = 1000;  // of a root
inline constexpr std::size_t kMostTransferredShares = 2000;

struct TransferRequest {
  storage::User from;
  storage::User to;
  FileId node{};           // the old owner's files root: all that is in it
  bool into_root = false;  // the new owner's root, which must be empty; else a new folder in it
};

struct Transferred {
  std::string folder;        // its name; empty: the new owner's root
  std::size_t members = 0;   // that went over
  std::uint64_t shares = 0;  // that are the new owner's now
  std::uint64_t ended = 0;   // shares with the new owner
};

// The writer keys that TransferIn needs. Make the ids available with ReserveIds first.
std::vector<storage::WriterKey> TransferKeys(const storage::User& from, const storage::User& to);
Result<void> ReserveTransferIds(storage::FileTree& tree, const storage::User& to);

// kNotFound: no such live node of the old owner's; kInvalidArgument: both are the same user;
// kLocked: it or something in it is, by whomever; kQuotaExceeded: the new owner has no room;
// kConflict: his root is not empty; kTooLarge: see above.
Result<Transferred> TransferIn(storage::KvTxn& txn, storage::FileTree& tree,
                               const MountTable& mounts, const TransferRequest& request);

}  // namespace cairn::shares
