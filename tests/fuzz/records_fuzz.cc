// Property: bytes are refused as a record, or are one whose bytes do not change any more.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/records_property.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cairn::fuzz::CheckRecords({reinterpret_cast<const char*>(data), size});
  return 0;
}
