// Property: a chunked body ends where a strict reading of RFC 9112 says, with the same bytes,
// however it is cut on its way; everything else is refused.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/chunked_body_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckChunkedBody({reinterpret_cast<const char*>(data), size});
  return 0;
}
