// What a user can see of the engine, as a value: how the power-loss tests say what was there, what
// is there and what should be.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/engine.h"
#include "tests/support/tree_model.h"

namespace cairn::storage {

struct World {
  bool space = false;                         // he has one
  support::TreeModel tree{{.folder = true}};  // an item's text is the Stamp of its bytes
  std::map<std::string, std::map<std::string, std::string>> uploads{};  // session, chunk -> bytes
  std::map<std::string, std::string> results{};  // finished session -> etag that was answered
};

// Stands for bytes: their number and a checksum.
std::string Stamp(std::string_view bytes);
// Reads everything, every byte.
Result<World> ReadWorld(Engine& engine, SpaceId space, UserId user);
// The first thing in `found` that is not as expected; empty when there is none. Ids and etags count
// where `expected` has them.
std::string Difference(const World& expected, const World& found);

// What one user did, in the order in which it was committed, and what he was told. Not thread-safe.
class History {
 public:
  explicit History(World start) : now(start), states_{std::move(start)} {}

  World now;
  // One more operation was committed, which has led to `now`.
  void Did() { states_.push_back(now); }
  // Everything so far passed the gate, at the latest at this step.
  void Acknowledge(std::size_t step);
  // A reply gave him a new id, a new etag: checks that they are.
  void TellId(std::size_t step, std::uint64_t id);
  void TellEtag(std::size_t step, const Etag& etag);

  std::size_t operations() const { return states_.size() - 1; }
  const std::vector<std::pair<std::size_t, std::size_t>>& acknowledged() const {
    return acknowledged_;
  }
  // How many operations must have survived a power cut at `step`.
  std::size_t AcknowledgedAt(std::size_t step) const;
  // After how many operations, at least `least`, everything was like this.
  std::optional<std::size_t> Find(const World& found, std::size_t least) const;
  const World& After(std::size_t operations) const { return states_[operations]; }
  // The same up to a power cut at `step` that so many operations have survived.
  History CutAt(std::size_t step, std::size_t operations) const;

 private:
  std::vector<World> states_;                                      // after n operations
  std::vector<std::pair<std::size_t, std::size_t>> acknowledged_;  // step, operations
  std::map<std::uint64_t, std::size_t> ids_;                       // told, at which step
  std::map<std::string, std::size_t> etags_;
};

}  // namespace cairn::storage
