// Property: whatever the bytes, a head is refused with a 4xx or 5xx status or yields exactly one
// request, whose framing follows from the one Content-Length or Transfer-Encoding field it has.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/request_head_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckRequestHead({reinterpret_cast<const char*>(data), size});
  return 0;
}
