#include "dav/content_pump.h"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

namespace cairn::dav {

// What a page being read in the background needs, also when the download is over before it.
struct ContentPump::Shared : std::enable_shared_from_this<ContentPump::Shared> {
  Shared(Services& in_services, std::unique_ptr<storage::ContentReader> in_reader)
      : services(in_services), reader(std::move(in_reader)) {}
  ~Shared() {
    if (holds_budget) services.read_ahead.GiveBack(kPageBytes);
  }

  Services& services;
  const std::unique_ptr<storage::ContentReader> reader;
  bool holds_budget = false;  // a second page may be held
  bool reading = false;
  bool waited = true;  // the last page was not in memory
  Result<void> outcome;
  std::string page;
  std::string spare;  // the buffer of a page that is written, for the next one
  std::unique_ptr<net::steady_timer> done;  // never expires: cancelled when the page is there
};

namespace {

// Reads one page on the data pool; everything else happens on the connection's strand.
template <class Shared>
net::awaitable<void> ReadPage(std::shared_ptr<Shared> shared, std::uint64_t offset,
                              std::size_t length) {
  std::string page = std::move(shared->spare);
  auto work = [&]() -> Result<void> { return shared->reader->Read(offset, length, page); };
  auto read = co_await shared->services.pools.data.Run(work);
  if (read.has_value() && page.size() != length)
    read = Fail(ErrorCode::kCorruption, "a content is shorter than its size");
  shared->page = std::move(page);
  shared->outcome = std::move(read);
  shared->reading = false;
  if (shared->done) shared->done->cancel();
}

}  // namespace

ContentPump::ContentPump(Ctx& ctx, std::unique_ptr<storage::ContentReader> reader)
    : ctx_(ctx), shared_(std::make_shared<Shared>(ctx.services, std::move(reader))) {
  shared_->holds_budget = ctx.services.read_ahead.TryTake(kPageBytes);
}

ContentPump::~ContentPump() = default;

void ContentPump::Plan(std::uint64_t offset, std::uint64_t length) {
  ranges_.emplace_back(offset, length);
}

void ContentPump::Fetch() {
  if (ranges_.empty()) return;
  auto& [offset, left] = ranges_.front();
  Piece piece;
  piece.offset = offset;
  piece.length = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPageBytes));
  offset += piece.length;
  left -= piece.length;
  piece.ends_range = left == 0;
  if (piece.ends_range) ranges_.pop_front();
  fetched_.push_back(piece);
  shared_->page = std::move(shared_->spare);
  shared_->waited = !shared_->reader->ReadNow(piece.offset, piece.length, shared_->page);
  if (!shared_->waited) return;
  shared_->spare = std::move(shared_->page);
  shared_->reading = true;
  auto reading = ReadPage(shared_, piece.offset, piece.length);
  net::co_spawn(shared_->done->get_executor(), std::move(reading), net::detached);
}

net::awaitable<Result<std::string>> ContentPump::TakePage() {
  if (fetched_.empty()) Fetch();
  while (shared_->reading) {
    boost::system::error_code ignored;
    auto token = net::redirect_error(net::use_awaitable, ignored);
    shared_->done->expires_at(net::steady_timer::time_point::max());
    co_await shared_->done->async_wait(token);
  }
  if (shared_->outcome.has_error()) co_return shared_->outcome.error();
  co_return std::exchange(shared_->page, {});
}

Outcome ContentPump::Prime() {
  if (!shared_->done) {
    const auto executor = co_await net::this_coro::executor;
    shared_->done = std::make_unique<net::steady_timer>(executor);
  }
  auto page = co_await TakePage();
  if (page.has_error()) co_return std::move(page).error();
  shared_->page = std::move(*page);
  co_return Result<void>();
}

Outcome ContentPump::SendNext() {
  while (true) {
    auto page = co_await TakePage();
    if (page.has_error()) co_return std::move(page).error();
    const Piece piece = fetched_.front();
    fetched_.pop_front();
    if (shared_->holds_budget && shared_->waited) Fetch();
    auto written = co_await ctx_.exchange.Write(AsBytes(*page));
    CO_RETURN_IF_ERROR(written);
    shared_->spare = std::move(*page);
    if (piece.ends_range) co_return Result<void>();
    // A client as fast as the memory must not keep the others of this thread waiting.
    if (!shared_->waited) {
      const auto executor = co_await net::this_coro::executor;
      co_await net::post(executor, net::use_awaitable);
    }
  }
}

}  // namespace cairn::dav
