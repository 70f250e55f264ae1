// Property: a query says the same after it was written anew, and lists of names come out of it
// whole or are refused.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/query_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckQuery({reinterpret_cast<const char*>(data), size});
  return 0;
}
