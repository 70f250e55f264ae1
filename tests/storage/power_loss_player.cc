#include "tests/storage/power_loss_player.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "storage/properties.h"

namespace cairn::storage {
namespace {

constexpr std::size_t kSmall = 700;     // below the inline limit of the tests
constexpr std::size_t kLarge = 90'000;  // two chunks of a blob
constexpr std::size_t kManyNodes = 40;

std::string TextOf(const std::map<std::string, std::string>& chunks) {
  std::string bytes;
  for (const auto& [name, chunk] : chunks) bytes += chunk;
  return Stamp(bytes);
}

}  // namespace

Player::Player(Engine& engine, const CrashFs& fs, SpaceId space, UserId user, History history,
               std::uint64_t seed)
    : engine_(engine),
      fs_(fs),
      space_(space),
      history_(std::move(history)),
      world_(history_.now),
      dice_(seed) {
  caller_.user = user;
  caller_.user_name = "user" + std::to_string(Raw(user));
}

std::size_t Player::Roll(std::size_t sides) {
  return std::uniform_int_distribution<std::size_t>(0, sides - 1)(dice_);
}

std::string Player::Existing() {
  const auto& items = world_.tree.items();
  return std::next(items.begin(), static_cast<std::ptrdiff_t>(Roll(items.size())))->first;
}

// Files and folders have other names, so that they are seldom in each other's way.
std::string Player::Target(bool folder) {
  static const char* const kNames[] = {"a", "b", "c", "\xc3\xbc", "A", "B", "C", "\xc3\x9c"};
  std::string path = Existing();
  if (Roll(10) != 0 && !world_.tree.IsFolder(path)) path = support::TreeModel::Parent(path);
  return path + "/" + kNames[(folder != (Roll(20) == 0) ? 4 : 0) + Roll(4)];
}

std::string Player::Source() {
  for (int attempt = 0; attempt < 4; ++attempt) {
    std::string path = Roll(10) == 0 ? Target(false) : Existing();
    if (!path.empty()) return path;
  }
  return {};
}

std::string Player::NewBytes(std::size_t size) {
  std::string bytes(size, static_cast<char>(Roll(256)));
  for (std::size_t at = 0; at + 8 <= size; at += 512) {
    const std::uint64_t noise = dice_();
    std::memcpy(bytes.data() + at, &noise, 8);
  }
  return bytes;
}

TreePath Player::At(const std::string& path) const {
  TreePath out{.home = space_, .segments = {}};
  for (std::size_t from = 1; from < path.size();) {
    const std::size_t slash = std::min(path.find('/', from), path.size());
    out.segments.emplace_back(path.substr(from, slash - from));
    from = slash + 1;
  }
  return out;
}

// As storage::CommitBlocking, without the gate.
template <class Body>
auto Player::Commit(std::vector<WriterKey> keys, Body& body)
    -> std::invoke_result_t<Body&, KvTxn&> {
  auto guard = engine_.kv().writers().AcquireBlocking(std::move(keys));
  if (guard.has_error()) return std::move(guard).error();
  auto decided = RunTransaction(engine_.kv(), *guard, body);
  last_ = std::max(last_, decided.seq);
  return std::move(decided.outcome);
}

template <class T>
bool Player::Agree(const std::string& what, const Code& expected, const Result<T>& got) {
  const Code code = got.has_error() ? Code(got.error().code) : std::nullopt;
  EXPECT_EQ(expected, code) << what << ": " << (got.has_error() ? got.error().message : "done");
  if (got.has_error() || expected) return false;
  ++done_[what.substr(0, what.find(' '))];
  return true;
}

void Player::Told(const std::string& path, std::uint64_t id, const Etag& etag) {
  support::TreeModel::Item& item = world_.tree.items().at(path);
  if (item.id != id) history_.TellId(fs_.step(), id);
  if (item.etag != etag) history_.TellEtag(fs_.step(), etag);
  item.id = id;
  item.etag = etag;
}

void Player::Acknowledge() {
  const auto durable = engine_.kv().gate().WaitFor(last_);
  EXPECT_TRUE(durable.has_value());
  if (durable.has_value()) history_.Acknowledge(fs_.step());
}

void Player::MakeSpace() {
  ASSERT_TRUE(engine_.file_ids().Reserve(1).has_value());
  auto make = [&](KvTxn& txn) { return engine_.tree().CreateSpace(txn, caller_.user, space_); };
  ASSERT_TRUE(Commit({DirectoryKey(), SpaceKey(space_)}, make).has_value());
  world_.space = true;
  history_.Did();
  Acknowledge();
}

void Player::Act() {
  if (Roll(8) == 0) {
    EXPECT_TRUE(engine_.file_ids().Reserve(IdSource::kBlock).has_value());
  }
  const std::size_t before = history_.operations();
  const std::size_t roll = Roll(34);
  if (world_.tree.items().size() > kManyNodes || roll < 3) {
    Remove();
  } else if (roll < 7) {
    Mkdir();
  } else if (roll < 9) {
    Put(0);
  } else if (roll < 12) {
    Put(1 + Roll(kSmall));
  } else if (roll < 16) {
    Put(kSmall * 4 + Roll(kLarge));
  } else if (roll < 19) {
    Move();
  } else if (roll < 22) {
    Copy();
  } else if (roll < 24) {
    Patch();
  } else if (roll < 30) {
    Upload();
  } else if (roll < 32) {
    Purge();
  } else {
    Collect();
  }
  if (history_.operations() > before && Roll(3) == 0) return;
  Acknowledge();
}

void Player::Mkdir() {
  const std::string path = Target(true);
  EXPECT_TRUE(engine_.tree().ReserveIds(At(path)).has_value());
  auto body = [&](KvTxn& txn) {
    return engine_.tree().MakeCollection(txn, Context(), At(path), {});
  };
  const auto made = Commit({SpaceKey(space_)}, body);
  if (!Agree("mkdir " + path, world_.tree.Mkdir(path), made)) return;
  Told(path, made->entry.node.id(), made->entry.etag());
  history_.Did();
}

void Player::Put(std::size_t size) {
  const std::string path = Target(false);
  const std::string bytes = NewBytes(size);
  const bool there = world_.tree.Has(path);
  const auto ingest = engine_.contents().Begin({});
  ASSERT_TRUE(ingest->Append(AsBytes(bytes)).has_value());
  const auto content = ingest->Finish();
  ASSERT_TRUE(content.has_value());
  EXPECT_TRUE(engine_.tree().ReserveIds(At(path)).has_value());
  auto body = [&](KvTxn& txn) {
    return engine_.tree().Put(txn, Context(), At(path), *content, {});
  };
  const auto put = Commit({SpaceKey(space_)}, body);
  const char* const what = size == 0 ? "empty " : size <= kSmall ? "small " : "large ";
  if (!Agree(what + path, world_.tree.Put(path, Stamp(bytes)), put)) return;
  if (there) ++done_["overwrite"];
  Told(path, put->entry.node.id(), put->entry.etag());
  history_.Did();
}

void Player::Remove() {
  const std::string path = Source();
  const char* const what = world_.tree.IsFolder(path) ? "remove-folder " : "remove-file ";
  EXPECT_TRUE(engine_.tree().ReserveIds(At(path)).has_value());
  const bool skip_trash = Roll(2) == 0;
  auto body = [&](KvTxn& txn) {
    return engine_.tree().Remove(txn, Context(), At(path), skip_trash);
  };
  const auto removed = Commit({SpaceKey(space_)}, body);
  if (Agree(what + path, world_.tree.Remove(path), removed)) history_.Did();
}

void Player::Move() {
  const std::string from = Source();
  const std::string to = Target(world_.tree.IsFolder(from));
  const MoveOptions options{.overwrite = Roll(4) != 0};
  EXPECT_TRUE(engine_.tree().ReserveIds(At(to)).has_value());
  auto body = [&](KvTxn& txn) {
    return engine_.tree().Move(txn, Context(), At(from), At(to), options);
  };
  const auto moved = Commit({SpaceKey(space_)}, body);
  const Code expected = world_.tree.Transfer(from, to, options.overwrite, true);
  if (Agree("move " + from + " " + to, expected, moved)) history_.Did();
}

// A copy is made of the published state: everything is acknowledged first.
void Player::Copy() {
  const std::string from = Source();
  const std::string to = Target(world_.tree.IsFolder(from));
  const CopyOptions options{.overwrite = Roll(4) != 0};
  Acknowledge();
  const std::uint64_t replaced = world_.tree.Has(to) ? world_.tree.items().at(to).id : 0;
  const auto copied =
      engine_.tree().CopyCollection(engine_.kv(), Context(), At(from), At(to), options);
  const Code expected = world_.tree.Transfer(from, to, options.overwrite, false);
  const char* const what = world_.tree.IsFolder(from) ? "copy-folder " : "copy-file ";
  if (!Agree(what + from + " " + to, expected, copied)) return;
  // New nodes; the etags of files are kept.
  for (auto& [path, item] : world_.tree.items()) {
    if (path != to && !support::TreeModel::Below(path, to)) continue;
    item.id = 0;
    if (item.folder) item.etag = {};
  }
  // A file that is copied onto stays itself.
  const std::uint64_t id = copied->entry.node.id();
  if (id == replaced) world_.tree.items().at(to).id = id;
  Told(to, id, copied->entry.etag());
  history_.Did();
}

void Player::Patch() {
  const std::string path = Existing();
  const std::string value = Stamp(NewBytes(16));
  PropertiesPatch patch;
  Property property;
  property.set_value(value);
  patch.dead.push_back({{"urn:test", "colour"}, property});
  if (Roll(2) == 0) patch.attributes.mtime = 1 + static_cast<std::int64_t>(Roll(1'000'000'000));
  auto body = [&](KvTxn& txn) {
    return PatchProperties(engine_.tree(), txn, Context(), At(path), patch);
  };
  const auto patched = Commit({SpaceKey(space_)}, body);
  if (!Agree("patch " + path, {}, patched)) return;
  world_.tree.items().at(path).properties["colour"] = value;
  if (!world_.tree.IsFolder(path)) Told(path, patched->entry.node.id(), patched->entry.etag());
  history_.Did();
}

// ---- uploads; what they read is the published state

void Player::Upload() {
  Acknowledge();
  if (world_.uploads.empty() || (world_.uploads.size() < 2 && Roll(8) == 0)) return BeginUpload();
  const auto session =
      std::next(world_.uploads.begin(), static_cast<std::ptrdiff_t>(Roll(world_.uploads.size())));
  const std::string name = session->first;
  if (session->second.size() >= 2 && Roll(2) == 0) return FinishUpload(name, Target(false));
  if (Roll(12) == 0) return AbortUpload(name);
  SendChunk(name, std::to_string(1 + Roll(4)));
}

void Player::FinishUploads() {
  while (!world_.uploads.empty() && !testing::Test::HasFailure()) {
    Acknowledge();
    const std::string session = world_.uploads.begin()->first;
    SendChunk(session, "5");
    Acknowledge();
    FinishUpload(session, "/" + session);
  }
}

void Player::BeginUpload() {
  const std::string session = "up" + std::to_string(dice_());
  auto body = [&](KvTxn& txn) {
    return engine_.uploads().Create(txn, caller_, space_, session, std::nullopt);
  };
  const auto begun = Commit({SessionKey(caller_.user, session)}, body);
  if (!Agree("upload " + session, {}, begun)) return;
  world_.uploads[session];
  history_.Did();
}

void Player::SendChunk(const std::string& session, const std::string& name) {
  const auto info = engine_.uploads().Find(*engine_.kv().Published(), caller_.user, session);
  ASSERT_TRUE(info.has_value() && info->has_value());
  const std::string bytes = NewBytes(Roll(6) == 0 ? 0 : 1 + Roll(kLarge));
  const auto writer = engine_.uploads().BeginChunk(**info);
  ASSERT_TRUE(writer.has_value());
  ASSERT_TRUE((*writer)->Append(AsBytes(bytes)).has_value());
  ASSERT_TRUE((*writer)->Finish().has_value());
  const NewChunk chunk{(*writer)->id(), (*writer)->length()};
  auto body = [&](KvTxn& txn) {
    return engine_.uploads().AddChunk(txn, caller_, session, name, chunk);
  };
  const auto added = Commit({SessionKey(caller_.user, session)}, body);
  if (!Agree("chunk " + session + " " + name, {}, added)) return;
  EXPECT_EQ(added->created, !world_.uploads[session].contains(name));
  history_.TellEtag(fs_.step(), added->etag);
  world_.uploads[session][name] = bytes;
  history_.Did();
}

void Player::FinishUpload(const std::string& session, const std::string& path) {
  FinishRequest request;
  request.session = session;
  request.destination = At(path);
  request.overwrite = Roll(4) != 0;
  const std::string text = TextOf(world_.uploads.at(session));
  const auto finished = engine_.uploads().Finish(Context(), request);
  const bool in_the_way =
      !request.overwrite && world_.tree.Has(path) && !world_.tree.IsFolder(path);
  const Code expected =
      in_the_way ? Code(ErrorCode::kPreconditionFailed) : world_.tree.Put(path, text);
  if (!Agree("finish " + session + " " + path, expected, finished)) return;
  world_.uploads.erase(session);
  world_.results[session] = finished->etag.Text();
  Told(path, Raw(finished->node), finished->etag);
  history_.Did();
}

void Player::AbortUpload(const std::string& session) {
  auto body = [&](KvTxn& txn) { return engine_.uploads().Abort(txn, caller_, session); };
  if (!Agree("abort " + session, {}, Commit({SessionKey(caller_.user, session)}, body))) return;
  world_.uploads.erase(session);
  history_.Did();
}

// ---- what the server does by itself; nobody sees it

void Player::Purge() {
  const auto purged = engine_.tree().PurgeStep(engine_.kv(), space_, 1 + Roll(20));
  ASSERT_TRUE(purged.has_value());
  done_["purged nodes"] += static_cast<int>(*purged);
}

void Player::Collect() {
  const auto collected = CollectStep(engine_.kv(), engine_.contents(), 1 + Roll(20), false);
  ASSERT_TRUE(collected.has_value());
  done_["collected blobs"] += static_cast<int>(collected->blobs);
}

}  // namespace cairn::storage
