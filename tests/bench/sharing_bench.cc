// What sharing costs on this machine's disk: making a share with a group of 10,000, a PUT inside it
// beside one elsewhere (time and bytes of the log), and the root PROPFIND of somebody with 200
// incoming shares: when all is known, and when something has just been shared.
//
//   sharing_bench [directory]      # default: the system's folder for temporary files
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "auth/authenticator.h"
#include "auth/groups.h"
#include "auth/records.h"
#include "base/bytes.h"
#include "dav/dispatcher.h"
#include "shares/access.h"
#include "storage/commit.h"
#include "storage/engine.h"
#include "tests/dav/fake_exchange.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr std::uint64_t kMembers = 10'000;
constexpr int kIncoming = 200;
constexpr int kRounds = 100;

template <class T>
T Must(Result<T> result) {
  if (result.has_value()) return std::move(*result);
  std::fprintf(stderr, "sharing_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}
void Must(const Result<void>& result) {
  if (result.has_value()) return;
  std::fprintf(stderr, "sharing_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

template <class Work>
double Millis(const Work& work) {
  const auto begun = SteadyClock::now();
  work();
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - begun).count();
}

void Print(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  std::printf("  %-52s p50 %8.3f ms  p99 %8.3f ms  most %8.3f ms\n", what, times[times.size() / 2],
              times[times.size() * 99 / 100], times.back());
}

storage::Backend Open(const std::filesystem::path& directory, Clock& clock, Random& random) {
  storage::EngineOptions options;
  options.directory = directory;
  options.on_broken = [](std::string_view what) {
    std::fprintf(stderr, "sharing_bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::_Exit(1);
  };
  return Must(storage::OpenDirectory(options, clock, random));
}

class Bench {
 public:
  explicit Bench(const std::filesystem::path& directory)
      : directory_(directory),
        engine_(Open(directory, clock_, random_),
                storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_) {
    for (const char* name : {"alice", "bob"}) {
      auth::NewUser user;
      user.name = name;
      user.password = std::string("the password of ") + name;
      Must(users_.Create(user));
    }
    alice_ = Caller("alice");
    bob_ = Caller("bob");
    auth::Groups groups(engine_.kv());
    Must(groups.Create("all"));
    auto members = [&](storage::KvTxn& txn) -> Result<void> {
      for (std::uint64_t id = 1000; id < 1000 + kMembers; ++id)
        txn.Put(storage::Table::kGroupMembers, auth::GroupRowKey("all", UserId{id}), {});
      return {};
    };
    Must(storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, members));
    Must(groups.AddMember("all", bob_.caller.user));
  }
  ~Bench() { pools_.Join(); }

  void MakeShares() {
    std::vector<double> times;
    for (int i = 0; i < kIncoming; ++i) {
      const std::string name = "shared " + std::to_string(i);
      const FileId node = Mkcol(name);
      shares::NewShare request;
      request.node = node;
      request.type = shares::ShareType::kGroup;
      request.group = "all";
      times.push_back(Millis([&] { Must(shares_.Create(alice_.caller, request)); }));
    }
    Print("share with a group of 10,000", std::move(times));
  }

  void Writes() {
    Mkcol("alone");
    for (const char* folder : {"alone", "shared 0"}) {
      Put(folder, 0);
      const std::uintmax_t before = LogBytes();
      std::vector<double> times;
      for (int i = 1; i <= kRounds; ++i) times.push_back(Millis([&] { Put(folder, i); }));
      std::printf("  %-52s %.1f bytes of the log each\n", folder,
                  static_cast<double>(LogBytes() - before) / kRounds);
      Print("  PUT by its owner", std::move(times));
    }
  }

  void Listings() {
    std::vector<double> known;
    std::vector<double> anew;
    Propfind();
    for (int i = 0; i < kRounds; ++i) known.push_back(Millis([&] { Propfind(); }));
    for (int i = 0; i < kRounds; ++i) {
      shares::NewShare request;
      request.node = Mkcol("later " + std::to_string(i));
      request.type = shares::ShareType::kLink;
      Must(shares_.Create(alice_.caller, request));
      anew.push_back(Millis([&] { Propfind(); }));
    }
    Print("root PROPFIND with 200 incoming", std::move(known));
    Print("root PROPFIND with 200 incoming, after a share", std::move(anew));
  }

 private:
  auth::Principal Caller(const std::string& name) {
    const std::string basic = "Basic " + ToBase64(name + ":the password of " + name);
    return Must(authenticator_.CheckSlow({basic}, *engine_.kv().Published()));
  }

  FileId Mkcol(const std::string& name) {
    const storage::TreePath path{.home = alice_.home, .segments = {name}};
    Must(engine_.tree().ReserveIds(path));
    const storage::WriteContext context{.caller = alice_.caller};
    auto make = [&](storage::KvTxn& txn) {
      return engine_.tree().MakeCollection(txn, context, path, {});
    };
    return Must(storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(path.home)}, make))
        .entry.id();
  }

  void Put(const std::string& folder, int number) {
    const storage::TreePath path{.home = alice_.home,
                                 .segments = {folder, "file " + std::to_string(number)}};
    Must(engine_.tree().ReserveIds(path));
    const storage::WriteContext context{.caller = alice_.caller};
    auto put = [&](storage::KvTxn& txn) {
      return engine_.tree().Put(txn, context, path, storage::NewContent{}, {});
    };
    Must(storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(path.home)}, put));
  }

  void Propfind() {
    http::Request request;
    request.method = "PROPFIND";
    request.target = request.path = "/remote.php/dav/files/bob/";
    request.id = "bench";
    request.headers.Add("Host", "cloud.example");
    request.headers.Add("Authorization", "Basic " + ToBase64("bob:the password of bob"));
    request.headers.Add("Depth", "1");
    request.framing = http::Framing::kNone;
    dav::FakeExchange exchange(std::move(request), {});
    net::io_context context;
    auto handled = dispatcher_.Handle(exchange);
    boost::asio::co_spawn(context, std::move(handled), boost::asio::detached);
    context.run();
    if (exchange.answer.status != 207) std::exit(1);
  }

  // Bytes of the write-ahead log on the disk.
  std::uintmax_t LogBytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_)) {
      if (file.path().extension() == ".log") bytes += file.file_size();
    }
    return bytes;
  }

  std::filesystem::path directory_;
  SystemClock clock_;
  SystemRandom random_;
  shares::Access access_{clock_};
  quota::SpaceQuota quota_;
  trash::NoTrash trash_;
  versions::NoVersions versions_;
  storage::Engine engine_;
  auth::Users users_{engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()};
  auth::AppPasswords app_passwords_{engine_.kv(), clock_, random_};
  auth::Throttle throttle_{engine_.kv(), clock_};
  auth::SecondFactors factors_{engine_.kv(), throttle_, clock_, random_};
  auth::Authenticator authenticator_{engine_.kv(), users_, app_passwords_, throttle_,
                                     factors_,     clock_, random_};
  shares::MountTable mounts_{clock_};
  shares::Shares shares_{engine_.kv(), engine_.tree(), mounts_, clock_, random_};
  shares::LinkDoor links_{engine_.kv(), throttle_, clock_, random_};
  Pools pools_{2, 2, 2, 1};
  dav::Services services_{engine_, pools_,  users_, authenticator_,
                          quota_,  shares_, links_, "https://cloud.example"};
  dav::Dispatcher dispatcher_{services_};
  auth::Principal alice_;
  auth::Principal bob_;
};

}  // namespace
}  // namespace cairn

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path parent = argc > 1 ? fs::path(argv[1]) : fs::temp_directory_path();
  const fs::path directory = parent / ("cairn-sharing-bench-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  {
    cairn::Bench bench(directory / "data");
    bench.MakeShares();
    bench.Writes();
    bench.Listings();
  }
  fs::remove_all(directory);
  return 0;
}
