// The body of one request, piece by piece, out of the connection's bytes. Stops exactly at its end:
// what follows is the next request.
//
// Not thread-safe: the connection's coroutine only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "http/exchange.h"
#include "server/byte_stream.h"
#include "server/chunk_decoder.h"
#include "server/input_buffer.h"

namespace cairn::server {

class BodyReader {
 public:
  BodyReader(ByteStream& stream, InputBuffer& input, http::Framing framing,
             std::uint64_t content_length);

  // The next piece, at most 64 KiB, empty at the end; valid until the next call. kCancelled: the
  // peer closed, broke off or sent nothing for `stall`; kInvalidArgument: broken framing. An error
  // stays.
  net::awaitable<Result<Bytes>> Next(std::chrono::milliseconds stall);

  // Reads and drops the rest, for the connection to go on. False: it is longer than `limit`, not
  // there by `deadline`, or broken.
  net::awaitable<bool> Drain(std::size_t limit, SteadyTime deadline);

  bool finished() const { return finished_; }
  bool failed() const { return error_.has_value(); }
  // True before anything of a body has been received: the client may be waiting for 100 Continue.
  bool untouched() const { return !finished_ && received_ == 0 && input_.unread().empty(); }
  // Bytes of the body handed out so far.
  std::uint64_t received() const { return received_; }
  // All of it stands in the connection's buffer; never said of a chunked body.
  bool is_here() const { return finished_ || (!chunks_ && input_.unread().size() >= remaining_); }
  // What is known to be missing; 0 for a chunked body.
  std::uint64_t remaining() const { return remaining_; }

 private:
  net::awaitable<Result<Bytes>> NextUntil(SteadyTime deadline);
  net::awaitable<Result<Bytes>> NextOfLength(SteadyTime deadline);
  net::awaitable<Result<Bytes>> NextChunk(SteadyTime deadline);
  net::awaitable<Result<void>> Receive(SteadyTime deadline);

  ByteStream& stream_;
  InputBuffer& input_;
  std::uint64_t remaining_;
  std::optional<ChunkDecoder> chunks_;
  std::size_t handed_out_ = 0;  // bytes at the front of the input that the last piece keeps alive
  std::uint64_t received_ = 0;
  bool finished_;
  std::optional<Error> error_;
};

}  // namespace cairn::server
