// What an administrator watches a running server by: metrics, health, the doctor, the log.
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "base/bytes.h"
#include "tests/integration/binary_case.h"
#include "tests/integration/live_server.h"
#include "tests/support/metrics_text.h"

namespace cairn {
namespace {

using testing::HasSubstr;
using testing::Not;

class OperationsTest : public BinaryCase {
 protected:
  // With a listener for metrics.
  std::unique_ptr<ChildProcess> ServeWith(std::vector<std::string> environment = {}) {
    environment.emplace_back("CAIRN_METRICS_LISTEN=127.0.0.1:0");
    auto server = Start({"serve", "--listen", "127.0.0.1:0"}, environment);
    port_ = AwaitPort(*server);
    const std::string line = server->LineWith("shows metrics on http://127.0.0.1:");
    EXPECT_NE(line, "");
    if (!line.empty())
      metrics_port_ = static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
    return server;
  }
  static std::string Plain(const std::string& method, const std::string& path) {
    return method + " " + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  std::string Scrape() const {
    const RawResponse answer = RawClient(metrics_port_).Exchange(Plain("GET", "/metrics"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.Header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    return answer.body;
  }
  int Exit(const std::vector<std::string>& args) const {
    const auto program = Start(args);
    program->Rest();
    return program->Wait();
  }
  std::string At(std::uint16_t port) const { return "http://127.0.0.1:" + std::to_string(port); }

  std::uint16_t metrics_port_ = 0;
};

TEST_F(OperationsTest, MetricsShowWhatRequestsDid) {
  AddUser();
  auto server = ServeWith();
  const std::string before = Scrape();
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(File("MKCOL", "/folder")).status, 201);
  EXPECT_EQ(client.Exchange(File("PUT", "/folder/a.bin", std::string(100'000, 'x'))).status, 201);
  EXPECT_EQ(client.Exchange(File("GET", "/folder/a.bin")).status, 200);
  EXPECT_EQ(client.Exchange(File("GET", "/folder/none")).status, 404);
  EXPECT_EQ(client.Exchange(File("BREW", "/folder")).status, 501);
  const std::string session = "/remote.php/dav/uploads/alice/session";
  EXPECT_EQ(client.Exchange(Request("MKCOL", session)).status, 201);
  EXPECT_EQ(client.Exchange(Request("PUT", session + "/1", std::string(70'000, 'y'))).status, 201);
  EXPECT_EQ(client.Exchange(BasicRequest("GET", "/remote.php/webdav/", "alice:wrong")).status, 401);
  // A request is counted before its connection takes the next one.
  EXPECT_EQ(client.Exchange(Plain("GET", "/204")).status, 204);
  const MetricsText metrics = ReadMetrics(Scrape());
  ASSERT_EQ(metrics.error, "");
  const MetricsText earlier = ReadMetrics(before);
  ASSERT_EQ(earlier.error, "");
  for (const auto& [series, value] : std::map<std::string, double>{
           {R"(cairn_http_requests_total{method="PUT",code="2xx"})", 2},
           {R"(cairn_http_requests_total{method="MKCOL",code="2xx"})", 2},
           {R"(cairn_http_requests_total{method="GET",code="4xx"})", 2},
           {R"(cairn_http_requests_total{method="other",code="5xx"})", 1},
           {R"(cairn_http_request_duration_seconds_count{method="PUT"})", 2},
           {R"(cairn_logins_total{result="accepted"})", 7},
           {R"(cairn_logins_total{result="refused"})", 1},
           {"cairn_http_received_bytes_total", 170'000},
           {"cairn_http_connections", 1},
           {"cairn_upload_sessions", 1},
           {"cairn_upload_session_bytes", 70'000},
           {R"(cairn_pool_queue{pool="read"})", 0},
           {R"(cairn_pool_refusals_total{pool="slow"})", 0},
           {R"(cairn_storage_fault{level="none"})", 1},
           {R"(cairn_storage_fault{level="full"})", 0},
           {R"(cairn_job_failures_total{job_name="collect-contents"})", 0},
           {R"(cairn_build_info{version=")" CAIRN_VERSION R"("})", 1},
           {"cairn_disk_reserve_bytes", 256 << 20},
           {"cairn_ready", 1},
           {"cairn_maintenance", 0},
           {"cairn_store_write_stopped", 0},
       })
    EXPECT_EQ(metrics.Value(series), value) << series;
  for (const char* series : {"cairn_http_sent_bytes_total", "cairn_store_commits_total",
                             "cairn_store_sync_duration_seconds_count"})
    EXPECT_GT(metrics.Value(series), earlier.Value(series)) << series;
  for (const char* series :
       {"cairn_store_memtable_bytes", "cairn_store_keys", "cairn_store_log_bytes",
        "cairn_disk_free_bytes", "process_resident_memory_bytes", "process_open_fds",
        "process_start_time_seconds"})
    EXPECT_GT(metrics.Value(series), 0) << series;
  // One cache for all of the store, of 64 MiB.
  EXPECT_LE(metrics.Value("cairn_store_block_cache_bytes"), 64 << 20);
}

TEST_F(OperationsTest, NobodyAndNothingIsNamedInMetrics) {
  Command({"user:add", "--password-from-env", "canaryname"}, {"OC_PASS=canary-Secret-1"});
  auto server = ServeWith();
  {
    RawClient client(port_);
    const std::string login = "canaryname:canary-Secret-1";
    const std::string folder = "/remote.php/dav/files/canaryname/canarypath";
    EXPECT_EQ(client.Exchange(BasicRequest("MKCOL", folder, login)).status, 201);
    EXPECT_EQ(
        client.Exchange(BasicRequest("PUT", folder + "/canaryfile", login, "canarytext")).status,
        201);
    EXPECT_EQ(client.Exchange(BasicRequest("CANARYMETHOD", folder, login)).status, 501);
    EXPECT_EQ(client.Exchange(BasicRequest("GET", folder + "?canaryquery", "canaryname:canarybad"))
                  .status,
              401);
    client.Exchange("GET /canary nonsense\r\n\r\n");
  }
  const std::string text = Scrape();
  EXPECT_THAT(ToLower(text), Not(HasSubstr("canary")));
  server->Signal(SIGTERM);
  const std::string log = server->Rest();
  EXPECT_EQ(server->Wait(), 0);
  // The log names users and paths, that is what it is for; secrets, queries and bodies it does not.
  EXPECT_THAT(log, HasSubstr("canarypath"));
  for (const char* secret : {"canary-Secret-1", "canarybad", "canaryquery", "canarytext"})
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  EXPECT_THAT(log, Not(HasSubstr(ToBase64("canaryname:canary-Secret-1"))));
}

TEST_F(OperationsTest, OnTheMainListenersMetricsAreForAdministrators) {
  AddUser();
  Command({"user:add", "--password-from-env", "--group", "admin", "root"},
          {"OC_PASS=Wonderland-1865"});
  auto server = Serve();
  const auto ask = [&](std::string_view login) {
    return RawClient(port_).Exchange(BasicRequest("GET", "/metrics", login)).status;
  };
  EXPECT_EQ(ask("root:Wonderland-1865"), 404);  // off unless switched on
  Command({"config:system:set", "metrics.admin", "--value=true"});
  EXPECT_EQ(ask(""), 401);
  EXPECT_EQ(ask("root:wrong"), 401);
  EXPECT_EQ(ask(kLogin), 403);
  EXPECT_EQ(ask("root:Wonderland-1865"), 200);
}

TEST_F(OperationsTest, WhoIsShownToOthersChangesAtOnce) {
  AddUser();
  Command({"user:add", "--password-from-env", "bob"}, {"OC_PASS=Wonderland-1865"});
  auto server = Serve();
  const auto search = [&](std::string_view text) {
    const std::string target =
        "/ocs/v2.php/apps/files_sharing/api/v1/sharees?itemType=file&search=";
    return RawClient(port_).Exchange(BasicRequest("GET", target + std::string(text), kLogin)).body;
  };
  EXPECT_THAT(search("bo"), HasSubstr("<shareWith>bob</shareWith>"));
  Command({"config:system:set", "sharing.search", "--value=exact"});
  EXPECT_THAT(search("bo"), Not(HasSubstr("bob")));
  EXPECT_THAT(search("bob"), HasSubstr("<shareWith>bob</shareWith>"));
  Command({"config:system:set", "sharing.min_search_length", "--value=4"});
  EXPECT_THAT(search("bob"), Not(HasSubstr("bob")));
}

TEST_F(OperationsTest, HealthIsToldWithoutReasons) {
  auto server = ServeWith();
  for (const std::uint16_t port : {port_, metrics_port_}) {
    RawClient client(port);
    for (const char* path : {"/healthz", "/readyz"}) {
      const RawResponse answer = client.Exchange(Plain("GET", path));
      EXPECT_EQ(answer.status, 200) << path;
      EXPECT_EQ(answer.body, "ok\n");
    }
    EXPECT_EQ(client.Exchange(Plain("DELETE", "/readyz")).status, 405);
  }
  EXPECT_EQ(RawClient(metrics_port_).Exchange(Plain("GET", "/status.php")).status, 404);
  Command({"maintenance:mode", "--on"});
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Plain("GET", "/healthz")).status, 200);
  const RawResponse closed = client.Exchange(Plain("GET", "/readyz"));
  EXPECT_EQ(closed.status, 503);
  EXPECT_EQ(closed.body, "not ready\n");
}

TEST_F(OperationsTest, HealthcheckCommandAsksOverHttp) {
  auto server = ServeWith();
  EXPECT_EQ(Exit({"healthcheck", "--url", At(port_)}), 0);
  Command({"maintenance:mode", "--on"});
  EXPECT_EQ(Exit({"healthcheck", "--url", At(port_)}), 1);
  EXPECT_EQ(Exit({"healthcheck", "--live", "--url", At(port_)}), 0);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
  EXPECT_EQ(Exit({"healthcheck", "--live", "--url", At(port_)}), 1);
}

TEST_F(OperationsTest, HealthcheckFindsTheListenerItself) {
  const std::string socket = "unix:" + (directory_.path() / "http.sock").string();
  const auto server = Start({"serve", "--listen", socket});
  EXPECT_NE(server->LineWith("is serving on"), "");
  const auto check = Start({"healthcheck"}, {"CAIRN_LISTEN=" + socket});
  EXPECT_EQ(check->Rest(), "ok\n");
  EXPECT_EQ(check->Wait(), 0);
}

TEST_F(OperationsTest, AFullDiskIsNotReadyAndComesBack) {
  LiveServer live(directory_.path());
  const auto ready = [&] {
    return RawClient(live.port()).Exchange(Plain("GET", "/readyz")).status;
  };
  EXPECT_EQ(ready(), 200);
  std::ignore = live.engine().faults().OnWriteError(ENOSPC, "a test");
  EXPECT_EQ(ready(), 503);
  live.engine().faults().Refresh();
  EXPECT_EQ(ready(), 200);
}

TEST_F(OperationsTest, DoctorFindsNothingWrongWithAFreshServer) {
  auto server = Serve();
  const auto doctor = Start({"doctor", "--output=json"});
  const std::string output = doctor->Rest();
  EXPECT_EQ(doctor->Wait(), 0) << output;
  std::map<std::string, std::string> verdicts;
  const auto findings = boost::json::parse(output).as_array();
  for (const auto& finding : findings)
    verdicts[finding.at("check").as_string().c_str()] = finding.at("verdict").as_string().c_str();
  EXPECT_EQ(verdicts["data_dir"], "good") << output;
  EXPECT_EQ(verdicts["certificate"], "skipped");
  EXPECT_EQ(verdicts["proxy.reach"], "good") << output;
  EXPECT_EQ(verdicts["proxy.bodies"], "good");
  EXPECT_EQ(verdicts["proxy.address"], "skipped");
}

TEST_F(OperationsTest, DoctorNamesAnotherServerAtThePublicUrl) {
  // Two instances: the second one's public_url leads to the first.
  auto first = Serve();
  const std::string other = directory_.path() / "other";
  const auto second = StartProgram(CAIRN_BINARY, {"cairn", "--data-dir", other, "serve", "--listen",
                                                  "127.0.0.1:0", "--public-url", At(port_)});
  EXPECT_NE(AwaitPort(*second), 0);
  const auto doctor = StartProgram(CAIRN_BINARY, {"cairn", "--data-dir", other, "doctor"});
  EXPECT_THAT(doctor->Rest(), HasSubstr("leads to another server or another Cairn"));
  EXPECT_EQ(doctor->Wait(), 1);
}

TEST_F(OperationsTest, DoctorWithoutAServerSkipsTheRoundTrip) {
  AddUser();
  EXPECT_THAT(Command({"doctor"}), HasSubstr("skipped  proxy.reach: No server runs"));
  EXPECT_THAT(Command({"doctor", "--offline"}), HasSubstr("Not asked for"));
}

// Hears what the server tells systemd: when a reload is over.
class NotifySocket {
 public:
  explicit NotifySocket(std::string path) : path_(std::move(path)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~NotifySocket() { ::close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  std::string variable() const { return "NOTIFY_SOCKET=" + path_; }
  // Messages up to this one.
  void Await(std::string_view message) {
    std::array<char, 256> text{};
    for (;;) {
      const long size = ::recv(fd_, text.data(), text.size(), 0);
      ASSERT_GT(size, 0);
      if (std::string_view(text.data(), static_cast<std::size_t>(size)).find(message) !=
          std::string_view::npos)
        return;
    }
  }

 private:
  const std::string path_;
  int fd_ = -1;
};

TEST_F(OperationsTest, ARotatedLogIsOpenedAnewAtAHangup) {
  NotifySocket notify(directory_.path() / "notify");
  const std::string log = directory_.path() / "cairn.log";
  const auto server = Start({"serve", "--listen", "127.0.0.1:0"},
                            {notify.variable(), "CAIRN_LOG_FILE=" + log, "CAIRN_LOG_FORMAT=json"});
  port_ = AwaitPort(*server);
  notify.Await("READY=1");
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Plain("GET", "/before")).status, 404);
  // Its line may come in either file; that of the one before is written by now.
  EXPECT_EQ(client.Exchange(Plain("GET", "/between")).status, 404);
  std::filesystem::rename(log, log + ".1");
  server->Signal(SIGHUP);
  notify.Await("RELOADING=1");
  notify.Await("READY=1");
  EXPECT_EQ(client.Exchange(Plain("GET", "/after")).status, 404);
  server->Signal(SIGTERM);
  EXPECT_EQ(server->Wait(), 0);
  const auto requests = [](const std::string& path) {
    std::ifstream in(path);
    std::vector<std::string> paths;
    for (std::string line; std::getline(in, line);) {
      const auto entry = boost::json::parse(line).as_object();
      EXPECT_TRUE(entry.contains("level") && entry.contains("time")) << line;
      if (!entry.contains("request")) continue;
      const auto& seen = entry.at("request").at("path").as_string();
      if (seen != "/between") paths.emplace_back(seen.c_str());
    }
    return paths;
  };
  EXPECT_THAT(requests(log + ".1"), testing::ElementsAre("/before"));
  EXPECT_THAT(requests(log), testing::ElementsAre("/after"));
}

}  // namespace
}  // namespace cairn
