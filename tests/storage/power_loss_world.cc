#include "tests/storage/power_loss_world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"
#include "storage/properties.h"
#include "storage/records.h"

namespace cairn::storage {
namespace {

using Item = support::TreeModel::Item;

class Reading {
 public:
  Reading(Engine& engine, SpaceId space, UserId user)
      : engine_(engine), view_(engine.kv().Published()), space_(space), user_(user) {}

  Result<World> Run() {
    ASSIGN_OR_RETURN(const auto space, engine_.tree().FindSpace(*view_, space_));
    if (!space) return std::move(world_);
    world_.space = true;
    const TreePath root{.home = space_, .segments = {}};
    ASSIGN_OR_RETURN(const Chain chain, engine_.tree().Resolve(*view_, root));
    RETURN_IF_ERROR(ReadNode("", chain.leaf()));
    RETURN_IF_ERROR(ReadUploads());
    RETURN_IF_ERROR(ReadResults());
    return std::move(world_);
  }

 private:
  Result<void> ReadNode(const std::string& path, const Entry& entry) {
    Item& item = world_.tree.items()[path];
    item.folder = entry.is_collection();
    item.id = entry.node.id();
    item.etag = entry.etag();
    if ((entry.node.flags() & kHasProperties) != 0) {
      ASSIGN_OR_RETURN(const auto properties, ReadProperties(*view_, entry.id()));
      for (const auto& [name, value] : properties) item.properties[name.name] = value.value();
    }
    if (!item.folder) return ReadContent(entry.node, item);
    ASSIGN_OR_RETURN(const Page page, engine_.tree().List(*view_, entry.id(), {}, 1000));
    for (const Entry& child : page.entries) {
      RETURN_IF_ERROR(ReadNode(path + "/" + child.name(), child));
    }
    return {};
  }

  Result<void> ReadContent(const Node& node, Item& item) {
    const auto id = ContentId::FromBytes(node.content()).value_or(ContentId{});
    ASSIGN_OR_RETURN(const auto reader, engine_.contents().Open(*view_, id));
    std::string bytes;
    RETURN_IF_ERROR(reader->Read(0, reader->size(), bytes));
    if (bytes.size() != node.size()) return Fail(ErrorCode::kCorruption, "size of " + node.name());
    item.text = Stamp(bytes);
    return {};
  }

  Result<void> ReadUploads() {
    ASSIGN_OR_RETURN(const auto sessions, engine_.uploads().List(*view_, user_));
    for (const SessionInfo& session : sessions) {
      auto& chunks = world_.uploads[session.record.name()];
      ASSIGN_OR_RETURN(const auto infos, engine_.uploads().Chunks(*view_, session));
      for (const ChunkInfo& info : infos) {
        ASSIGN_OR_RETURN(const auto blob,
                         engine_.contents().blobs().Open(*BlobId::FromBytes(info.record.blob())));
        RETURN_IF_ERROR(blob->Read(0, info.record.length(), chunks[info.name]));
      }
    }
    return {};
  }

  Result<void> ReadResults() {
    const auto visit = [&](std::string_view session, std::string_view value) {
      UploadResult row;
      CAIRN_CHECK(ParseInto(value, row));
      world_.results[std::string(session)] = Etag{row.etag_start(), row.etag_count()}.Text();
      return true;
    };
    return view_->Scan(Table::kUploadResults, keys::Upload(user_, {}), {}, visit);
  }

  Engine& engine_;
  const std::shared_ptr<const KvView> view_;
  const SpaceId space_;
  const UserId user_;
  World world_;
};

std::string Difference(const Item& expected, const Item& found) {
  if (expected.folder != found.folder) return "another kind";
  if (expected.text != found.text) return "holds " + found.text + " instead of " + expected.text;
  if (expected.properties != found.properties) return "other properties";
  if (expected.id != 0 && expected.id != found.id) return "another id";
  if (!expected.folder && expected.etag != Etag{} && expected.etag != found.etag)
    return "another etag";
  return {};
}

}  // namespace

std::string Stamp(std::string_view bytes) {
  return std::to_string(bytes.size()) + " bytes " + ToHex(Big64(Xxh3(AsBytes(bytes))));
}

Result<World> ReadWorld(Engine& engine, SpaceId space, UserId user) {
  return Reading(engine, space, user).Run();
}

std::string Difference(const World& expected, const World& found) {
  if (expected.space != found.space) return "a space too much or too little";
  for (const auto& [path, item] : expected.tree.items()) {
    if (!found.tree.Has(path)) return path + ": missing";
    const std::string difference = Difference(item, found.tree.items().at(path));
    if (!difference.empty()) return path + ": " + difference;
  }
  for (const auto& [path, item] : found.tree.items()) {
    if (!expected.tree.Has(path)) return path + ": too much";
  }
  if (expected.uploads != found.uploads) return "other uploads";
  if (expected.results != found.results) return "other results of uploads";
  return {};
}

void History::Acknowledge(std::size_t step) {
  if (acknowledged_.empty() || acknowledged_.back().second < operations())
    acknowledged_.emplace_back(step, operations());
}

void History::TellId(std::size_t step, std::uint64_t id) {
  EXPECT_TRUE(ids_.emplace(id, step).second) << "id " << id << " was given before";
}

void History::TellEtag(std::size_t step, const Etag& etag) {
  EXPECT_TRUE(etags_.emplace(etag.Text(), step).second) << etag.Text() << " was given before";
}

std::size_t History::AcknowledgedAt(std::size_t step) const {
  std::size_t count = 0;
  for (const auto& [at, operations] : acknowledged_) {
    if (at <= step) count = operations;
  }
  return count;
}

std::optional<std::size_t> History::Find(const World& found, std::size_t least) const {
  for (std::size_t count = least; count < states_.size(); ++count) {
    if (Difference(states_[count], found).empty()) return count;
  }
  return std::nullopt;
}

History History::CutAt(std::size_t step, std::size_t operations) const {
  History history(states_[operations]);
  const auto later = [&](const auto& told) { return told.second > step; };
  history.ids_ = ids_;
  history.etags_ = etags_;
  std::erase_if(history.ids_, later);
  std::erase_if(history.etags_, later);
  return history;
}

}  // namespace cairn::storage
