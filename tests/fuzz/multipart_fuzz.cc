// Property: however a form's body is cut on its way, its parts are the same, and those that a
// reader of the whole body finds.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/multipart_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckMultipart({reinterpret_cast<const char*>(data), size});
  return 0;
}
