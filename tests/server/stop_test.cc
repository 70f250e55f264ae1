// The graceful stop: what runs may end, what is idle closes, what is new is turned away.
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "base/offload.h"
#include "tests/server/test_server.h"

namespace cairn::server {
namespace {

using std::chrono::milliseconds;

// A handler that waits on a pool until it is let go.
class StopTest : public ServerTest {
 protected:
  StopTest() {
    router_.On("/wait", [this](http::Exchange& exchange) -> net::awaitable<void> {
      auto work = [this]() -> Result<void> {
        entered_.set_value();
        released_.get_future().wait();
        return {};
      };
      std::ignore = co_await pool_.Run(work);
      http::Response response;
      response.body = "done";
      std::ignore = co_await exchange.Send(std::move(response));
    });
  }

  Pool pool_{"test", 1, 8};
  std::promise<void> entered_;
  std::promise<void> released_;
};

TEST_F(StopTest, RunningRequestsEndIdleOnesClose) {
  Start();
  RawClient idle(port_);
  EXPECT_EQ(idle.Exchange(Get("/hello")).status, 200);
  RawClient fresh(port_);
  RawClient running(port_);
  running.Send(Get("/wait"));
  entered_.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { return server_->Stop(milliseconds(8'000)); });
  EXPECT_TRUE(idle.SeesEnd());
  EXPECT_TRUE(fresh.SeesEnd());
  released_.set_value();
  const auto response = running.Receive();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_TRUE(stopped.get());
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(StopTest, UploadThatRunsIsReceivedWhole) {
  Start();
  RawClient uploading(port_);
  uploading.Send(
      "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(uploading.Receive().status, 100);
  RawClient idle(port_);
  EXPECT_EQ(idle.Exchange(Get("/hello")).status, 200);
  auto stopped = std::async(std::launch::async, [&] { return server_->Stop(milliseconds(8'000)); });
  EXPECT_TRUE(idle.SeesEnd());
  uploading.Send("abcdef");
  EXPECT_EQ(uploading.Receive().body, "abcdef");
  EXPECT_TRUE(stopped.get());
}

TEST_F(StopTest, NewRequestOnAnOpenConnectionGets503) {
  Start();
  RawClient partial(port_);
  EXPECT_EQ(partial.Exchange(Get("/hello")).status, 200);
  partial.Send("GET /hello HTTP/1.1\r\nHost:");
  RawClient started(port_);
  started.Send(
      "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(started.Receive().status, 100);  // by now the half request has arrived, too
  RawClient idle(port_);
  EXPECT_EQ(idle.Exchange(Get("/hello")).status, 200);
  auto stopped = std::async(std::launch::async, [&] { return server_->Stop(milliseconds(8'000)); });
  EXPECT_TRUE(idle.SeesEnd());
  partial.Send(" h\r\n\r\n");
  const auto refused = partial.Receive();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.Header("Retry-After"), "10");
  EXPECT_EQ(refused.Header("Connection"), "close");
  started.Send("x");
  EXPECT_EQ(started.Receive().status, 200);
  EXPECT_TRUE(stopped.get());
}

TEST_F(StopTest, RequestThatTakesTooLongIsBroken) {
  Start();
  RawClient running(port_);
  running.Send(Get("/wait"));
  entered_.get_future().wait();
  EXPECT_FALSE(server_->Stop(milliseconds(30)));
  EXPECT_TRUE(running.SeesEnd());
  released_.set_value();
  pool_.Join();
  server_.reset();  // with the coroutine that never came to its end
}

TEST_F(StopTest, StalledUploadDoesNotHoldUpTheStop) {
  Start();
  std::vector<std::unique_ptr<RawClient>> uploads;
  for (int i = 0; i < 20; ++i) {
    uploads.push_back(std::make_unique<RawClient>(port_));
    uploads.back()->Send(
        "PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(uploads.back()->Receive().status, 100);
  }
  EXPECT_FALSE(server_->Stop(milliseconds(30)));
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(StopTest, FullConnectionTablePausesAccepting) {
  options_.max_connections = 2;
  Start();
  auto first = std::make_unique<RawClient>(port_);
  RawClient second(port_);
  EXPECT_EQ(first->Exchange(Get("/hello")).status, 200);
  EXPECT_EQ(second.Exchange(Get("/hello")).status, 200);
  RawClient third(port_);
  third.Send(Get("/hello"));
  EXPECT_EQ(server_->connections(), 2u);
  first.reset();
  EXPECT_EQ(third.Receive().status, 200);
}

TEST_F(StopTest, LackOfDescriptorsPausesAccepting) {
  Start();
  RawClient open(port_);
  EXPECT_EQ(open.Exchange(Get("/hello")).status, 200);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = dup(STDIN_FILENO);
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(next) + 8;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  // All are taken, also those that threads which just began hold for a moment.
  std::vector<int> taken{next};
  for (int round = 0; round < 5; ++round) {
    for (int fd = 0; (fd = dup(STDIN_FILENO)) >= 0;) taken.push_back(fd);
    std::this_thread::sleep_for(milliseconds(5));
  }
  close(taken.back());  // for the client's end; there is none for the server's
  taken.pop_back();
  RawClient client(port_);
  client.Send(Get("/hello"));
  // Open connections are served meanwhile, and accepting has failed by the end of this.
  for (int i = 0; i < 100; ++i) EXPECT_EQ(open.Exchange(Get("/hello")).status, 200);
  EXPECT_EQ(server_->connections(), 1u);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  for (const int fd : taken) close(fd);
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(StopTest, TakenPortIsAClearError) {
  Start();
  HttpServer other(options_, router_, random_, clock_);
  auto address = *conf::ParseListen("127.0.0.1:0");
  address.port = port_;
  const auto taken = other.Listen(address);
  ASSERT_TRUE(taken.has_error());
  EXPECT_NE(taken.error().message.find("cannot listen on http://127.0.0.1:"), std::string::npos);
  address.host = "example.org";
  EXPECT_TRUE(Is(other.Listen(address).error(), ErrorCode::kInvalidArgument));
}

}  // namespace
}  // namespace cairn::server
