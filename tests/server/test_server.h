// A real listener on a free port of the loopback, in front of handlers that are lambdas.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "server/http_server.h"
#include "tests/support/raw_client.h"

namespace cairn::server {

class LambdaHandler final : public http::Handler {
 public:
  using Function = std::function<net::awaitable<void>(http::Exchange&)>;
  explicit LambdaHandler(Function function) : function_(std::move(function)) {}
  net::awaitable<void> Handle(http::Exchange& exchange) override { co_await function_(exchange); }

 private:
  Function function_;
};

class TestRouter final : public RequestRouter {
 public:
  void On(const std::string& path, LambdaHandler::Function function) {
    handlers_[path] = std::make_unique<LambdaHandler>(std::move(function));
  }
  http::Handler& Route(http::Request& request) override {
    {
      const std::lock_guard lock(mu_);
      seen_.push_back(request.method + " " + request.path);
    }
    const auto found = handlers_.find(request.path);
    return found == handlers_.end() ? *handlers_.at("") : *found->second;
  }
  // "GET /hello": what reached a handler.
  std::vector<std::string> seen() {
    const std::lock_guard lock(mu_);
    return seen_;
  }

 private:
  std::map<std::string, std::unique_ptr<LambdaHandler>> handlers_;
  std::mutex mu_;
  std::vector<std::string> seen_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    options_.limits.head = options_.limits.idle = std::chrono::milliseconds(5'000);
    options_.log = [this](const AccessRecord& record) {
      const std::lock_guard lock(mu_);
      log_.push_back(FormatAccess(record));
    };
    router_.On("", [](http::Exchange& exchange) -> net::awaitable<void> {
      http::Response response(404);
      std::ignore = co_await exchange.Send(std::move(response));
    });
    router_.On("/hello", [](http::Exchange& exchange) -> net::awaitable<void> {
      http::Response response;
      response.body = "hello";
      std::ignore = co_await exchange.Send(std::move(response));
    });
    router_.On("/echo", [](http::Exchange& exchange) -> net::awaitable<void> {
      auto body = co_await http::ReadWholeBody(exchange, 64 << 20);
      if (body.has_error()) co_return;
      http::Response response;
      response.body = std::move(*body);
      std::ignore = co_await exchange.Send(std::move(response));
    });
    router_.On("/refuse", [](http::Exchange& exchange) -> net::awaitable<void> {
      http::Response response(403);
      std::ignore = co_await exchange.Send(std::move(response));
    });
  }

  void Start(const std::string& address = "127.0.0.1:0") {
    server_ = std::make_unique<HttpServer>(options_, router_, random_, clock_);
    server_->SetEdge(edge_);
    auto listening = server_->Listen(*conf::ParseListen(address));
    ASSERT_TRUE(listening.has_value());
    port_ = listening->front().port;
    server_->Start();
  }
  void TearDown() override { server_.reset(); }

  std::vector<std::string> log() {
    const std::lock_guard lock(mu_);
    return log_;
  }

  FakeClock clock_;
  SeededRandom random_{7};
  TestRouter router_;
  HttpServerOptions options_;
  EdgeSettings edge_;
  std::uint16_t port_ = 0;
  std::mutex mu_;
  std::vector<std::string> log_;  // guarded by mu_
  std::unique_ptr<HttpServer> server_;
};

inline std::string Get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
inline std::string Put(const std::string& path, const std::string& body,
                       const std::string& fields = "") {
  return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + fields + "\r\n" + body;
}

}  // namespace cairn::server
