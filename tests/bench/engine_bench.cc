// What the storage engine does on this machine's disk: durable commits per second that rewrite six
// ancestors each, with 1, 8 and 32 writers in spaces of their own, and how fast a folder of 100,000
// entries is listed.
//
//   engine_bench [directory]      # default: the system's folder for temporary files; put it on the
//   disk to be measured
//
// One fdatasync of a 4 KiB append is measured beside it: no store acknowledges faster than its
// share of that.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "storage/commit.h"
#include "storage/engine.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr int kWriters = 32;
constexpr std::chrono::seconds kRun{3};
constexpr int kListed = 100'000;

class OpenAccess final : public AccessPolicy {
 public:
  Result<void> CheckLive(const KvView&, const Caller&) const override { return {}; }
  Permissions For(const KvView&, const Caller&, const Chain&) const override {
    return kAllPermissions;
  }
};
class OpenQuota final : public QuotaGate {
 public:
  std::optional<std::uint64_t> LimitOf(const Space&) const override { return std::nullopt; }
  Result<std::unique_ptr<QuotaHold>> Hold(const Space&, std::uint64_t, std::uint64_t) override {
    return std::unique_ptr<QuotaHold>();
  }
  Result<void> Charge(const Space&, std::uint64_t, std::int64_t, std::uint64_t) const override {
    return {};
  }
};

template <class T>
T Must(Result<T> result) {
  if (result.has_value()) return std::move(*result);
  std::fprintf(stderr, "engine_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}
void Must(const Result<void>& result) {
  if (result.has_value()) return;
  std::fprintf(stderr, "engine_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

double Seconds(SteadyClock::duration span) { return std::chrono::duration<double>(span).count(); }

double Percentile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

// Milliseconds of one fdatasync after an append of 4 KiB.
double SyncMedian(const std::filesystem::path& directory) {
  const std::string path = directory / "sync_probe";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return 0;
  const std::array<char, 4096> page{};
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) {
    if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size())) break;
    const auto start = SteadyClock::now();
    if (::fdatasync(file) != 0) break;
    times.push_back(Seconds(SteadyClock::now() - start) * 1000);
  }
  ::close(file);
  ::unlink(path.c_str());
  return Percentile(times, 0.5);
}

class Bench {
 public:
  explicit Bench(const std::filesystem::path& directory) {
    EngineOptions options;
    options.directory = directory;
    options.on_broken = [](std::string_view what) {
      std::fprintf(stderr, "engine_bench: %.*s\n", static_cast<int>(what.size()), what.data());
      std::_Exit(1);
    };
    engine_ =
        std::make_unique<Engine>(Must(OpenDirectory(options, clock_, random_)),
                                 TreePolicies{access_, quota_, versions_, trash_}, clock_, random_);
    caller_.user = UserId{1};
  }

  // Six collections between the root and the files that are written.
  static TreePath Path(int writer, const std::string& name) {
    return {.home = SpaceId{static_cast<std::uint64_t>(writer) + 1},
            .segments = {"a", "b", "c", "d", "e", name}};
  }

  void MakeSpaces() {
    for (int writer = 0; writer < kWriters; ++writer) {
      Must(engine_->file_ids().Reserve(100));
      const SpaceId space{static_cast<std::uint64_t>(writer) + 1};
      auto make = [&](KvTxn& txn) { return engine_->tree().CreateSpace(txn, caller_.user, space); };
      Must(CommitBlocking(engine_->kv(), {DirectoryKey(), SpaceKey(space)}, make));
      Put(writer, "first", true);
    }
  }

  void Put(int writer, const std::string& name, bool make_parents) {
    const TreePath path = Path(writer, name);
    Must(engine_->tree().ReserveIds(path));
    const NewContent empty;
    const WriteContext context{.caller = caller_};
    const PutOptions options{.make_parents = make_parents};
    auto put = [&](KvTxn& txn) { return engine_->tree().Put(txn, context, path, empty, options); };
    Must(CommitBlocking(engine_->kv(), {SpaceKey(path.home)}, put));
  }

  void Commits(int writers) {
    std::vector<std::thread> threads;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(writers));
    const auto start = SteadyClock::now();
    for (int writer = 0; writer < writers; ++writer) {
      threads.emplace_back([&, writer] {
        for (int i = 0; SteadyClock::now() - start < kRun; ++i) {
          const auto begin = SteadyClock::now();
          Put(writer, std::to_string(writers) + "-" + std::to_string(i), false);
          times[static_cast<std::size_t>(writer)].push_back(Seconds(SteadyClock::now() - begin) *
                                                            1000);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const double elapsed = Seconds(SteadyClock::now() - start);
    std::vector<double> all;
    for (const auto& of_one : times) all.insert(all.end(), of_one.begin(), of_one.end());
    const double rate = static_cast<double>(all.size()) / elapsed;
    std::printf("  %7d  %10.0f  %10.2f  %10.2f\n", writers, rate, Percentile(all, 0.5),
                Percentile(all, 0.99));
  }

  void Listing() {
    const WriteContext context{.caller = caller_};
    const NewContent empty;
    const PutOptions options{.make_parents = true};
    constexpr int kPerCommit = 500;
    for (int first = 0; first < kListed; first += kPerCommit) {
      Must(engine_->file_ids().Reserve(2 * kPerCommit));
      auto fill = [&](KvTxn& txn) -> Result<void> {
        for (int i = first; i < first + kPerCommit; ++i) {
          const TreePath path{.home = SpaceId{1},
                              .segments = {"list", "a typical name " + std::to_string(i) + ".jpg"}};
          RETURN_IF_ERROR(Discard(engine_->tree().Put(txn, context, path, empty, options)));
        }
        return {};
      };
      Must(CommitBlocking(engine_->kv(), {SpaceKey(SpaceId{1})}, fill));
    }
    for (const std::size_t page_size : {100u, 1000u, 10'000u}) {
      const auto view = engine_->kv().Published();
      const FileId folder =
          Must(engine_->tree().Resolve(*view, {.home = SpaceId{1}, .segments = {"list"}}))
              .leaf()
              .id();
      const auto start = SteadyClock::now();
      std::size_t seen = 0;
      std::string after;
      for (bool more = true; more;) {
        const Page page = Must(engine_->tree().List(*view, folder, after, page_size));
        seen += page.entries.size();
        if (!page.entries.empty()) after = page.entries.back().key;
        more = page.more;
      }
      const double elapsed = Seconds(SteadyClock::now() - start);
      std::printf("  %7zu  %10.0f  %10.2f\n", page_size, static_cast<double>(seen) / elapsed,
                  elapsed * 1e6 / static_cast<double>(seen));
    }
  }

 private:
  static Result<void> Discard(const Result<WriteOutcome>& outcome) {
    if (outcome.has_error()) return outcome.error();
    return {};
  }

  SystemClock clock_;
  SystemRandom random_;
  OpenAccess access_;
  OpenQuota quota_;
  versions::NoVersions versions_;
  trash::NoTrash trash_;
  Caller caller_;
  std::unique_ptr<Engine> engine_;
};

int Main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path parent = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path();
  const fs::path directory = parent / ("cairn-engine-bench-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  std::printf("directory %s, fdatasync p50 %.3f ms\n\n", directory.c_str(), SyncMedian(directory));
  {
    Bench bench(directory / "data");
    bench.MakeSpaces();
    std::printf(
        "durable commits, six ancestors each\n  writers   commits/s      p50 ms      p99 ms\n");
    for (const int writers : {1, 8, 32}) bench.Commits(writers);
    std::printf("\nlisting of %d entries\n     page   records/s   us/record\n", kListed);
    bench.Listing();
  }
  fs::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace cairn::storage

int main(int argc, char** argv) { return cairn::storage::Main(argc, argv); }
