// A form that comes as the body of a request, and its file as the body of a PUT. Used by one
// coroutine; nothing is kept but a piece.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/exchange.h"
#include "http/multipart.h"

namespace cairn::dav {

class FormReader {
 public:
  FormReader(http::Exchange& exchange, http::Multipart parser)
      : exchange_(exchange), parser_(std::move(parser)) {}

  // The next event that is not kMore. Errors of ReadBody and of the parser; malformed() tells them
  // apart.
  net::awaitable<Result<http::Multipart::Event>> Next();
  // Content of the part that has begun, at most 64 KiB; empty at its end, and after that.
  net::awaitable<Result<Bytes>> ReadPart();
  // A field's value. kTooLarge.
  net::awaitable<Result<std::string>> ReadField(std::size_t limit);
  // The rest of the part.
  net::awaitable<Result<void>> SkipPart();

  const http::PartHead& part() const { return parser_.part(); }
  // The body cannot be read on, because it is no form: it can still be answered.
  bool malformed() const { return malformed_; }
  bool failed() const { return error_.has_value(); }
  // Of the first Next that failed.
  const Error& error() const { return *error_; }

 private:
  http::Exchange& exchange_;
  http::Multipart parser_;
  std::string_view rest_;  // of the parser's last data
  bool in_part_ = false;
  bool malformed_ = false;
  std::optional<Error> error_;
};

// The file that `form` is at, as the body of a PUT of its own. What it answers stays here.
class PartExchange final : public http::Exchange {
 public:
  PartExchange(FormReader& form, http::Request request)
      : form_(form), request_(std::move(request)) {}

  const http::Request& request() const override { return request_; }
  net::awaitable<Result<Bytes>> ReadBody() override { return form_.ReadPart(); }
  net::awaitable<Result<void>> Send(http::Response response) override {
    status_ = response.status;
    co_return Result<void>();
  }
  net::awaitable<Result<void>> Begin(http::Response head, std::optional<std::uint64_t>) override {
    status_ = head.status;
    co_return Result<void>();
  }
  net::awaitable<Result<void>> Write(Bytes) override { co_return Result<void>(); }
  net::awaitable<Result<void>> End() override { co_return Result<void>(); }
  void Abort() override {}
  void SetUser(std::string_view) override {}
  bool answered() const override { return status_ != 0; }
  int status() const { return status_; }

 private:
  FormReader& form_;
  const http::Request request_;
  int status_ = 0;
};

}  // namespace cairn::dav
