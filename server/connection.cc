#include "server/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.h"
#include "http/request_head.h"
#include "http/status_map.h"
#include "server/body_reader.h"
#include "server/connection_set.h"
#include "server/forwarded.h"
#include "server/http_exchange.h"
#include "server/request_id.h"
#include "server/response_head.h"

namespace cairn::server {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxLinger =
    64 << 20;  // bytes thrown away while the peer still reads its answer

http::Response PlainText(int status) {
  http::Response response(status);
  response.With("Content-Type", "text/plain; charset=UTF-8");
  response.body = std::string(http::ReasonPhrase(status)) + "\n";
  return response;
}

std::chrono::microseconds Since(SteadyTime start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - start);
}

// Calls the handler; whatever it throws ends here.
net::awaitable<void> RunHandler(http::Handler& handler, HttpExchange& exchange) {
  try {
    co_await handler.Handle(exchange);
  } catch (const std::exception& exception) {
    log::error("request {} ended by an exception: {}", exchange.request().id, exception.what());
  } catch (...) {
    log::error("request {} ended by an exception", exchange.request().id);
  }
}

}  // namespace

Connection::Connection(std::shared_ptr<SocketStream> stream, ConnectionContext& context,
                       ConnectionSet& set)
    : context_(context), set_(set), stream_(std::move(stream)), input_(context.buffers) {}

Connection::~Connection() { set_.Remove(*this); }

void Connection::Start() {
  auto run = Run(shared_from_this());
  net::co_spawn(stream_->executor(), std::move(run), net::detached);
}

void Connection::CloseIfIdle() {
  net::post(stream_->executor(), [self = shared_from_this()] {
    self->closing_ = true;
    if (self->idle_) self->stream_->Close();
  });
}

void Connection::Break() {
  net::post(stream_->executor(), [self = shared_from_this()] {
    self->closing_ = true;
    self->stream_->Reset();
  });
}

net::awaitable<void> Connection::Run(std::shared_ptr<Connection> self) {
  Next next = co_await self->ServeOne(true);
  while (next == Next::kServe) next = co_await self->ServeOne(false);
  if (next == Next::kLinger) co_await self->Linger();
  if (next == Next::kReset) {
    self->stream_->Reset();
  } else {
    self->stream_->Close();
  }
}

// nullopt: the connection is over. A head longer than allowed is handed up incomplete, as
// kMaxHeadBytes bytes.
net::awaitable<std::optional<std::size_t>> Connection::ReceiveHead(bool first) {
  const auto now = steady_clock::now();
  SteadyTime deadline = now + context_.limits.head;
  idle_ = input_.unread().empty();
  if (idle_ && !first) deadline = now + context_.limits.idle;
  std::size_t searched = 0;
  for (;;) {
    const std::string_view unread = input_.unread();
    // An empty line may begin three bytes before what is new.
    const std::size_t from = searched > 3 ? searched - 3 : 0;
    if (const auto end = http::FindHeadEnd(unread.substr(from))) co_return from + *end;
    if (unread.size() >= http::kMaxHeadBytes) co_return http::kMaxHeadBytes;
    searched = unread.size();
    if (closing_ && idle_) co_return std::nullopt;
    if (input_.Room().empty()) input_.Enlarge();
    const auto room = input_.Room();
    const auto received = co_await stream_->ReadSome(room, deadline);
    if (received.has_error() || *received == 0) co_return std::nullopt;
    input_.Filled(*received);
    if (std::exchange(idle_, false) && !first)
      deadline = steady_clock::now() + context_.limits.head;
  }
}

net::awaitable<Connection::Next> Connection::ServeOne(bool first) {
  const auto head_size = co_await ReceiveHead(first);
  if (!head_size) co_return Next::kClose;
  idle_ = false;
  const std::string_view raw = input_.unread().substr(0, *head_size);
  if (!http::FindHeadEnd(raw)) {
    const Next next = co_await Refuse(431);
    co_return next;
  }
  auto parsed = http::ParseRequestHead(raw);
  if (parsed.has_error()) {
    log::debug("request head of {} refused: {}", stream_->remote(), parsed.error().why);
    const Next next = co_await Refuse(parsed.error().status);
    co_return next;
  }
  input_.Consume(*head_size);
  input_.Shrink();
  const Next next = co_await Answer(std::move(*parsed));
  co_return next;
}

// After a head that cannot be understood nobody knows where the next request begins: answer and
// close.
net::awaitable<Connection::Next> Connection::Refuse(int status) {
  const auto start = steady_clock::now();
  const http::Response response = PlainText(status);
  const std::string id = RequestId({}, context_.random);
  HeadParts parts;
  parts.length = response.body.size();
  parts.keep_alive = false;
  parts.request_id = id;
  parts.now_seconds = context_.clock.NowSeconds();
  const std::string head = SerializeHead(response, parts);
  const std::array<std::string_view, 2> pieces = {head, response.body};
  const auto sent = co_await stream_->Write(pieces, context_.limits.write);
  AccessRecord record;
  record.id = id;
  record.remote = stream_->remote();
  record.method = record.path = "-";
  record.status = status;
  record.complete = sent.has_value();
  record.bytes_out = head.size() + response.body.size();
  record.duration = Since(start);
  context_.stats.Note(record);
  if (context_.log && context_.edge.Now()->log_requests) context_.log(record);
  input_.Consume(input_.unread().size());
  co_return sent.has_value() ? Next::kLinger : Next::kClose;
}

net::awaitable<Connection::Next> Connection::Answer(http::Request request) {
  const auto start = steady_clock::now();
  request.id = RequestId(request.headers.Get("X-Request-Id"), context_.random);
  const auto edge = context_.edge.Now();
  Origin origin = OriginOf({stream_->remote(), stream_->secure()}, stream_->is_local(),
                           request.headers, edge->trusted_proxies);
  request.remote = std::move(origin.remote);
  request.secure = origin.secure;
  const std::string path = request.path;
  BodyReader body(*stream_, input_, request.framing, request.content_length);
  HttpExchange exchange(*stream_, body, request, context_.limits, context_.clock, context_.stopping,
                        edge->hsts);
  if (context_.stopping.load(std::memory_order_relaxed)) {
    http::Response response = PlainText(503);
    response.With("Retry-After", "10");
    const auto sent = co_await exchange.Send(std::move(response));
    if (sent.has_error()) co_return Next::kClose;
  } else {
    http::Handler& handler = context_.router.Route(request);
    co_await RunHandler(handler, exchange);
    if (!exchange.answered()) {
      http::Response response = PlainText(body.failed() ? 400 : 500);
      // A failed send shows as an incomplete exchange below.
      std::ignore = co_await exchange.Send(std::move(response));
    }
  }
  AccessRecord record;
  record.id = request.id;
  record.user = exchange.user();
  record.remote = request.remote;
  record.method = request.method;
  record.path = path;
  record.has_credentials = request.headers.Has("Authorization");
  record.status = exchange.status();
  record.complete = exchange.complete();
  record.bytes_in = body.received();
  record.bytes_out = exchange.bytes_out();
  record.duration = Since(start);
  context_.stats.Note(record);
  if (context_.log && edge->log_requests) context_.log(record);
  if (!exchange.complete()) co_return Next::kReset;
  if (!exchange.keep_alive())
    co_return body.finished() && input_.unread().empty() ? Next::kClose : Next::kLinger;
  const bool drained =
      co_await body.Drain(context_.limits.drain_bytes, steady_clock::now() + context_.limits.drain);
  input_.Shrink();
  co_return drained ? Next::kServe : Next::kLinger;
}

// Closing with unread bytes resets the connection, and the peer may lose the answer: read on for a
// moment.
net::awaitable<void> Connection::Linger() {
  stream_->ShutdownWrite();
  input_.Consume(input_.unread().size());
  const SteadyTime deadline = steady_clock::now() + context_.limits.drain;
  for (std::size_t dropped = 0; dropped < kMaxLinger;) {
    const auto received = co_await stream_->ReadSome(input_.Room(), deadline);
    if (received.has_error() || *received == 0) co_return;
    dropped += *received;
  }
}

}  // namespace cairn::server
