// A user who does random things to his space, knows what should come out, and does not always wait
// for a reply before he goes on.
#pragma once

#include <map>
#include <random>
#include <string>

#include "storage/commit.h"
#include "tests/storage/power_loss_world.h"
#include "tests/support/crash_fs.h"

namespace cairn::storage {

// Not thread-safe, but several may play on one engine, each in a space of his own.
class Player {
 public:
  Player(Engine& engine, const CrashFs& fs, SpaceId space, UserId user, History history,
         std::uint64_t seed);
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  // His space, with nothing in it.
  void MakeSpace();
  // One operation, checked against the model. Mostly waits for the gate.
  void Act();
  // Ends every unfinished upload of the model, as a client does that comes back after a crash.
  void FinishUploads();
  // Waits until all that he did is durable.
  void Acknowledge();

  const History& history() const { return history_; }
  SpaceId space() const { return space_; }
  UserId user() const { return caller_.user; }
  // How often this was done without being refused.
  int done(const std::string& what) const { return done_.contains(what) ? done_.at(what) : 0; }

 private:
  using Code = support::TreeModel::Code;

  std::size_t Roll(std::size_t sides);
  std::string Existing();           // what is there
  std::string Source();             // mostly what is there
  std::string Target(bool folder);  // mostly where a file or a folder can be
  std::string NewBytes(std::size_t size);
  TreePath At(const std::string& path) const;
  WriteContext Context() const { return {.caller = caller_}; }

  template <class Body>
  auto Commit(std::vector<WriterKey> keys, Body& body) -> std::invoke_result_t<Body&, KvTxn&>;
  // Compares the engine's answer with the model's. True: it was done.
  template <class T>
  bool Agree(const std::string& what, const Code& expected, const Result<T>& got);
  // A reply named the node at `path`, which has this etag now.
  void Told(const std::string& path, std::uint64_t id, const Etag& etag);

  void Mkdir();
  void Put(std::size_t size);
  void Remove();
  void Move();
  void Copy();
  void Patch();
  void Upload();
  void BeginUpload();
  void SendChunk(const std::string& session, const std::string& name);
  void FinishUpload(const std::string& session, const std::string& path);
  void AbortUpload(const std::string& session);
  void Purge();
  void Collect();

  Engine& engine_;
  const CrashFs& fs_;
  const SpaceId space_;
  Caller caller_;
  History history_;
  World& world_;
  std::mt19937_64 dice_;
  CommitSeq last_{};
  std::map<std::string, int> done_;
};

}  // namespace cairn::storage
