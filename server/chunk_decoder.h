// Decodes a chunked request body. Boost.Beast parses; what it is lenient about is refused here
// (T-40): a line feed without carriage return or a control character anywhere in the framing,
// folded trailer lines, a line that ends inside a quote, chunk extensions over 4 KiB, trailers over
// 8 KiB. Trailer fields are dropped.
//
// Not thread-safe. Never blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/error.h"

namespace cairn::server {

class ChunkDecoder {
 public:
  static constexpr std::size_t kMaxExtension = 4 * 1024;
  static constexpr std::size_t kMaxTrailers = 8 * 1024;

  struct Step {
    std::size_t consumed = 0;  // bytes of the input that are used up, those of `body` included
    std::string_view body;     // the end of the consumed bytes; empty unless body bytes came
    bool done = false;         // the body is complete
  };

  ChunkDecoder();
  ~ChunkDecoder();

  // `input` starts where the last step stopped consuming. A step without body that is not done
  // wants more input. kInvalidArgument: broken framing; the decoder is of no use then.
  Result<Step> Decode(std::string_view input);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace cairn::server
