// Requests to handlers, without a server. A streamed answer is put together.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/handler.h"

namespace cairn::support {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct WholeAnswer {
  int status = 0;
  http::Headers headers;
  std::string body;
  std::string user;  // as the log shows it

  std::string Header(std::string_view name) const { return std::string(headers.Get(name)); }
};

// `target`: path and query. Host is cloud.example unless `headers` say otherwise.
http::Request MakeRequest(std::string_view method, std::string_view target,
                          const HeaderList& headers);

// Gives the body in one piece and waits for the answer. `context` is used up; it must outlive the
// pools whose threads may still be in it.
WholeAnswer Ask(net::io_context& context, http::Handler& handler, http::Request request,
                std::string body);

}  // namespace cairn::support
