// Writer keys: who may write what. One holder per key at a time, first come first served.
//
// A key is awaited, never blocked on, by coroutines (Acquire); background jobs and tests use
// AcquireBlocking. Several keys are taken in the order of KeyKind, then id; none is added later, so
// there is no deadlock. Thread-safe.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/error.h"
#include "base/ids.h"

namespace cairn::storage {

enum class KeyKind : std::uint8_t {
  kDirectory,
  kUserView,
  kAssembly,
  kSession,
  kStaging,
  kSpace
};  // in lock order

struct WriterKey {
  KeyKind kind;
  std::string id;
  auto operator<=>(const WriterKey&) const = default;
};

inline WriterKey DirectoryKey() { return {KeyKind::kDirectory, {}}; }  // users, groups, tokens
// The turn of one MOVE of an upload among those of the same: whoever has it takes the other keys
// later, and nobody who has one of those waits for it.
inline WriterKey AssemblyKey(UserId user, std::string_view session) {
  return {KeyKind::kAssembly, std::to_string(Raw(user)) + "/" + std::string(session)};
}
inline WriterKey SessionKey(UserId user, std::string_view session) {
  return {KeyKind::kSession, std::to_string(Raw(user)) + "/" + std::string(session)};
}
inline WriterKey StagingKey(SpaceId space) {
  return {KeyKind::kStaging, std::to_string(Raw(space))};
}
inline WriterKey SpaceKey(SpaceId space) { return {KeyKind::kSpace, std::to_string(Raw(space))}; }

class WriterKeys;

// Holds its keys until destroyed. Move-only; may be released on any thread.
class WriterGuard {
 public:
  WriterGuard() = default;
  WriterGuard(WriterGuard&& other) noexcept;
  WriterGuard& operator=(WriterGuard&& other) noexcept;
  ~WriterGuard() { Release(); }
  void Release();
  bool Holds(const WriterKey& key) const;
  const std::vector<WriterKey>& keys() const { return keys_; }

 private:
  friend class WriterKeys;
  WriterGuard(WriterKeys* owner, std::vector<WriterKey> keys)
      : owner_(owner), keys_(std::move(keys)) {}
  WriterKeys* owner_ = nullptr;
  std::vector<WriterKey> keys_;  // sorted, distinct
};

class WriterKeys {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kDefaultWait{20};

  // kBusy when the deadline passes first.
  net::awaitable<Result<WriterGuard>> Acquire(std::vector<WriterKey> keys,
                                              std::chrono::milliseconds wait = kDefaultWait);
  Result<WriterGuard> AcquireBlocking(std::vector<WriterKey> keys,
                                      std::chrono::milliseconds wait = kDefaultWait);

  // How many stand in line for the key now, its holder not among them.
  std::size_t Waiting(const WriterKey& key) const;

 private:
  friend class WriterGuard;
  // One request for several keys, walking through them in order.
  struct Request {
    std::vector<WriterKey> keys;
    std::size_t held = 0;  // keys[0, held) are ours
    bool over = false;     // granted or given up
    std::function<void(Result<WriterGuard>)> done;
  };
  using RequestPtr = std::shared_ptr<Request>;

  RequestPtr Start(std::vector<WriterKey> keys, std::function<void(Result<WriterGuard>)> done);
  void GiveUp(const RequestPtr& request);
  void Release(const std::vector<WriterKey>& keys, std::size_t count);
  // Takes as many further keys as are free; queues at the first that is not. Returns the callbacks
  // to run.
  bool Advance(const RequestPtr& request);

  mutable std::mutex mu_;
  struct Slot {
    bool taken = false;
    std::deque<RequestPtr> queue;
  };
  std::map<WriterKey, Slot> slots_;  // guarded by mu_; a slot exists while taken
};

}  // namespace cairn::storage
