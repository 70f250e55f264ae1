// An exchange without a socket: feeds a request's body and keeps the whole answer.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "http/exchange.h"

namespace cairn::dav {

struct Answer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string user;                        // SetUser
  std::optional<std::uint64_t> announced;  // length given to Begin
  bool streamed = false;                   // Begin was called
  bool ended = false;                      // Send or End
  bool aborted = false;
  std::size_t largest_write = 0;

  std::map<std::string, std::string> HeaderMap() const {
    std::map<std::string, std::string> map;
    for (const auto& [name, value] : headers.fields()) map[name] = value;
    return map;
  }
  std::string Header(std::string_view name) const { return std::string(headers.Get(name)); }
};

class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(http::Request request, std::string body)
      : request_(std::move(request)), body_(std::move(body)) {}

  const http::Request& request() const override { return request_; }
  net::awaitable<Result<Bytes>> ReadBody() override {
    const std::size_t size = std::min<std::size_t>(body_.size() - read_, 64 * 1024);
    const Bytes piece = AsBytes(std::string_view(body_).substr(read_, size));
    read_ += size;
    co_return piece;
  }
  bool BodyIsHere() const override { return body_is_here; }
  net::awaitable<Result<void>> Send(http::Response response) override {
    CAIRN_CHECK(!answered());
    Start(response);
    answer.body = std::move(response.body);
    answer.ended = true;
    co_return Result<void>();
  }
  net::awaitable<Result<void>> Begin(http::Response head,
                                     std::optional<std::uint64_t> length) override {
    CAIRN_CHECK(!answered());
    Start(head);
    answer.streamed = true;
    answer.announced = length;
    co_return Result<void>();
  }
  net::awaitable<Result<void>> Write(Bytes data) override {
    CAIRN_CHECK(answer.streamed && !answer.ended && !answer.aborted);
    if (client_leaves_after && answer.body.size() >= *client_leaves_after) {
      co_return Fail(ErrorCode::kCancelled, "the client went away");
    }
    answer.body.append(AsString(data));
    answer.largest_write = std::max(answer.largest_write, data.size());
    if (on_write) on_write();
    co_return Result<void>();
  }
  net::awaitable<Result<void>> End() override {
    CAIRN_CHECK(answer.streamed && !answer.ended && !answer.aborted);
    CAIRN_CHECK(!answer.announced || *answer.announced == answer.body.size());
    answer.ended = true;
    co_return Result<void>();
  }
  void Abort() override { answer.aborted = true; }
  void SetUser(std::string_view name) override { answer.user = name; }
  bool answered() const override { return answer.status != 0; }

  Answer answer;
  bool body_is_here = true;                        // false: it comes while it is read
  std::function<void()> on_write;                  // between two writes: for faults in mid-stream
  std::optional<std::size_t> client_leaves_after;  // bytes

 private:
  void Start(const http::Response& response) {
    answer.status = response.status;
    answer.headers = response.headers;
  }

  const http::Request request_;
  const std::string body_;
  std::size_t read_ = 0;
};

}  // namespace cairn::dav
