// An exchange that adds what every DAV answer carries, whichever handler makes it.
#pragma once

#include <string>
#include <utility>

#include "http/exchange.h"

namespace cairn::dav {

class DavExchange final : public http::Exchange {
 public:
  explicit DavExchange(http::Exchange& inner) : inner_(inner) {}

  const http::Request& request() const override { return inner_.request(); }
  net::awaitable<Result<Bytes>> ReadBody() override { return inner_.ReadBody(); }
  bool BodyIsHere() const override { return inner_.BodyIsHere(); }
  net::awaitable<Result<void>> Send(http::Response response) override {
    Complete(response);
    return inner_.Send(std::move(response));
  }
  net::awaitable<Result<void>> Begin(http::Response head,
                                     std::optional<std::uint64_t> length) override {
    Complete(head);
    return inner_.Begin(std::move(head), length);
  }
  net::awaitable<Result<void>> Write(Bytes data) override { return inner_.Write(data); }
  net::awaitable<Result<void>> End() override { return inner_.End(); }
  void Abort() override { inner_.Abort(); }
  void SetUser(std::string_view name) override { inner_.SetUser(name); }
  // The request is let in; `user` is empty when by a link.
  void Admit(std::string_view user) {
    admitted_ = true;
    user_ = user;
    if (!user.empty()) inner_.SetUser(user);
  }
  bool answered() const override { return inner_.answered(); }

 private:
  void Complete(http::Response& response) const;

  http::Exchange& inner_;
  bool admitted_ = false;
  std::string user_;  // for X-User-Id; empty: there is none
};

}  // namespace cairn::dav
