// Property: whatever the fields of a request say, what is taken from them is within its bounds.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/header_fields_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckHeaderFields({reinterpret_cast<const char*>(data), size});
  return 0;
}
