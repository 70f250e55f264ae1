#include "tests/integration/live_server.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "base/bytes.h"
#include "storage/fsck.h"

namespace cairn {
namespace {

using storage::Table;

constexpr std::array kStored = {
    Table::kEntries, Table::kNodes,     Table::kSpaces,     Table::kContents,
    Table::kRefs,    Table::kManifests, Table::kBlobs,      Table::kProps,
    Table::kLocks,   Table::kFavorites, Table::kUploads,    Table::kChunks,
    Table::kInline,  Table::kEvents,    Table::kCandidates, Table::kUploadResults,
};
constexpr std::array kClearing = {"purge-accounts", "purge", "collect-contents"};
constexpr int kClearingRounds = 20;
constexpr std::chrono::seconds kPatience{15};  // below WriterKeys::kDefaultWait

}  // namespace

LiveServer::LiveServer(const std::filesystem::path& parent)
    : directory_(std::make_unique<TempDirectory>(parent)), data_(directory_->path() / "data") {
  Start({.ballast = false}, {});
}

LiveServer::LiveServer(On on) : data_(std::move(on.data)) {
  Start(on.mode, std::move(on.on_broken));
}

void LiveServer::Start(const server::DirectoryMode& mode, storage::Faults::OnBroken on_broken) {
  conf::LoadOptions options;
  options.overrides = {
      {"data_dir", data_.string()}, {"public_url", "http://127.0.0.1"}, {"storage.reserve", "0"}};
  if (!on_broken)
    on_broken = [](std::string_view what) { ADD_FAILURE() << "the store is broken: " << what; };
  auto instance = server::Instance::Open(options, std::move(on_broken), mode);
  CAIRN_CHECK(instance.has_value());
  instance_ = std::move(*instance);
  http_ = std::make_unique<server::HttpServer>(server::HttpServerOptions(), instance_->router(),
                                               instance_->random(), instance_->clock());
  const auto listening = http_->Listen(*conf::ParseListen("127.0.0.1:0"));
  CAIRN_CHECK(listening.has_value());
  port_ = listening->front().port;
  http_->Start();
}

void LiveServer::Occ(const std::vector<std::string>& args) {
  std::string err;
  EXPECT_EQ(TryOcc(args, err), 0) << args.front() << ": " << err;
}

int LiveServer::TryOcc(const std::vector<std::string>& args, std::string& err) {
  auto context = instance_->admin_context();
  std::string out;
  return server::RunCommand(context, args, {}, out, err);
}

void LiveServer::ClearAway() {
  for (int round = 0; round < kClearingRounds; ++round) {
    std::uint64_t done = 0;
    for (const char* job : kClearing) {
      const auto ran = instance_->jobs().Run(job);
      ASSERT_TRUE(ran.has_value()) << job << ": " << ran.error().message;
      done += *ran;
    }
    if (done == 0) return;
  }
  ADD_FAILURE() << "there is always more to clear away";
}

void LiveServer::Stop() {
  if (http_ == nullptr) return;
  EXPECT_TRUE(http_->Stop(std::chrono::seconds(5))) << "a request did not end";
  instance_->jobs().Stop();
  instance_->JoinPools();
  http_.reset();
}

FileMap LiveServer::Files(SpaceId space) {
  FileMap files;
  const auto root = engine().tree().Resolve(*engine().kv().Published(), {space, {}});
  if (root.has_value()) Walk(root->leaf().id(), "", files);
  return files;
}

void LiveServer::Walk(FileId folder, const std::string& path, FileMap& files) {
  const auto page = engine().tree().List(*engine().kv().Published(), folder, {}, 1000);
  ASSERT_TRUE(page.has_value() && !page->more);
  for (const storage::Entry& entry : page->entries) {
    const std::string name = path + entry.name();
    if (!entry.is_collection()) {
      files[name] = Content(entry.node);
      continue;
    }
    files[name + "/"] = {};
    Walk(entry.id(), name + "/", files);
  }
}

std::string LiveServer::Content(const storage::Node& file) {
  const ContentId id = ContentId::FromBytes(file.content()).value_or(ContentId{});
  const auto reader = engine().contents().Open(*engine().kv().Published(), id);
  std::string bytes;
  if (reader.has_error() || (*reader)->Read(0, (*reader)->size(), bytes).has_error())
    bytes = "cannot be read";
  EXPECT_EQ(bytes.size(), file.size()) << file.name();
  return bytes;
}

std::set<std::string> LiveServer::Rows() {
  std::set<std::string> rows;
  const auto view = engine().kv().Published();
  for (const Table table : kStored) {
    const auto visit = [&](std::string_view key, std::string_view value) {
      rows.insert(std::to_string(static_cast<int>(table)) + " " + ToHex(key) + " " + ToHex(value));
      return true;
    };
    EXPECT_TRUE(view->Scan(table, {}, {}, visit).has_value());
  }
  return rows;
}

std::size_t LiveServer::Count(Table table) {
  std::size_t rows = 0;
  const auto visit = [&](std::string_view, std::string_view) {
    ++rows;
    return true;
  };
  EXPECT_TRUE(engine().kv().Published()->Scan(table, {}, {}, visit).has_value());
  return rows;
}

std::string LiveServer::Findings() {
  storage::FsckOptions options;
  options.read_data = true;
  options.orphan_grace_seconds = 0;
  const auto report = storage::Fsck(engine().kv(), engine().contents(), options);
  if (report.has_error()) return report.error().message;
  std::string lines;
  for (const storage::Finding& finding : report->findings)
    lines.append(storage::Name(finding.kind)).append(": ").append(finding.what).append("\n");
  return lines;
}

Line::Line(storage::WriterKeys& keys, storage::WriterKey key) : keys_(keys), key_(std::move(key)) {
  auto guard = keys_.AcquireBlocking({key_});
  CAIRN_CHECK(guard.has_value());
  guard_ = std::move(*guard);
}

void Line::Await(std::size_t count) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (keys_.Waiting(key_) != count) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline)
        << keys_.Waiting(key_) << " instead of " << count << " stand in line";
    std::this_thread::yield();
  }
}

}  // namespace cairn
