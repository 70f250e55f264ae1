// Sends ranges of a content in pages of 256 KiB. A page that the system has in memory is read where
// the connection runs; else the next page is read on the data pool while the last one is being
// written.
//
//   ContentPump pump(ctx, std::move(reader));
//   pump.Plan({first, length}); ...                          // every range, in order
//   auto ready = co_await pump.Prime();                      // reads the first page: an error can
//   still be answered
//   ... Begin ...
//   auto sent = co_await pump.SendNext();                    // one range
//
// Used by one connection's coroutine. An object may end while a page is still being read: the
// page's buffer and the reader live until that is done.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "dav/context.h"
#include "storage/content_store.h"

namespace cairn::dav {

class ContentPump {
 public:
  static constexpr std::size_t kPageBytes = 256 * 1024;

  ContentPump(Ctx& ctx, std::unique_ptr<storage::ContentReader> reader);
  ~ContentPump();

  // `length` bytes from `offset`, within the content.
  void Plan(std::uint64_t offset, std::uint64_t length);
  Outcome Prime();
  // Writes the next planned range. kCorruption, kIo: the content cannot be read.
  Outcome SendNext();

 private:
  struct Shared;
  struct Piece {
    std::uint64_t offset = 0;
    std::size_t length = 0;
    bool ends_range = false;
  };

  void Fetch();  // starts reading the next piece, if there is one
  net::awaitable<Result<std::string>> TakePage();

  Ctx& ctx_;
  std::shared_ptr<Shared> shared_;
  std::deque<std::pair<std::uint64_t, std::uint64_t>> ranges_;  // offset, bytes left to fetch
  std::deque<Piece> fetched_;  // pieces being read or read, not yet written
};

}  // namespace cairn::dav
