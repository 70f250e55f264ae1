#include "tests/support/fake_exchange.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace cairn::support {
namespace {

class FakeExchange final : public http::Exchange {
 public:
  FakeExchange(http::Request request, std::string body)
      : request_(std::move(request)), body_(std::move(body)) {}

  const http::Request& request() const override { return request_; }
  net::awaitable<Result<Bytes>> ReadBody() override {
    if (std::exchange(read_, true)) co_return Bytes();
    co_return AsBytes(body_);
  }
  net::awaitable<Result<void>> Send(http::Response response) override {
    CAIRN_CHECK(!answered());
    answer.status = response.status;
    answer.headers = response.headers;
    answer.body = std::move(response.body);
    co_return Result<void>();
  }
  net::awaitable<Result<void>> Begin(http::Response head, std::optional<std::uint64_t>) override {
    return Send(std::move(head));
  }
  net::awaitable<Result<void>> Write(Bytes data) override {
    answer.body.append(AsString(data));
    co_return Result<void>();
  }
  net::awaitable<Result<void>> End() override { co_return Result<void>(); }
  void Abort() override { CAIRN_CHECK(false); }
  void SetUser(std::string_view name) override { answer.user = name; }
  bool answered() const override { return answer.status != 0; }

  WholeAnswer answer;

 private:
  const http::Request request_;
  const std::string body_;
  bool read_ = false;
};

}  // namespace

http::Request MakeRequest(std::string_view method, std::string_view target,
                          const HeaderList& headers) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.path = target.substr(0, target.find('?'));
  if (const auto at = target.find('?'); at != std::string_view::npos)
    request.query = target.substr(at + 1);
  request.id = "test";
  request.headers.Add("Host", "cloud.example");
  for (const auto& [name, value] : headers) request.headers.Set(name, value);
  return request;
}

WholeAnswer Ask(net::io_context& context, http::Handler& handler, http::Request request,
                std::string body) {
  FakeExchange exchange(std::move(request), std::move(body));
  auto handled = handler.Handle(exchange);
  boost::asio::co_spawn(context, std::move(handled), boost::asio::detached);
  context.run();
  return std::move(exchange.answer);
}

}  // namespace cairn::support
