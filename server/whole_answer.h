// A handler whose answer is made in one piece. Derived classes say what to answer; a failed send is
// nobody's concern.
#pragma once

#include <string>
#include <string_view>

#include "http/handler.h"

namespace cairn::server {

class WholeAnswer : public http::Handler {
 public:
  net::awaitable<void> Handle(http::Exchange& exchange) final;

 private:
  virtual net::awaitable<http::Response> Answer(http::Exchange& exchange) = 0;
};

http::Response TextAnswer(int status, std::string text);
// 405.
http::Response OnlyToRead();
// GET or HEAD.
bool IsReading(const http::Request& request);

}  // namespace cairn::server
