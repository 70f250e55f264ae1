// Property: a blob reads back as it was written; one that was damaged anywhere is refused.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/blob_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckBlob({reinterpret_cast<const char*>(data), size});
  return 0;
}
