// What a mount is called where its name is taken: "name (2).ext", the first number that is free.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/function_ref.h"

namespace cairn::shares {

struct FreeName {
  std::string name;
  std::string key;  // its NFC form
};

// `taken(key)` says whether something else stands there. kInvalidName; kConflict: ten thousand are
// taken.
Result<FreeName> FindFreeName(std::string_view wanted,
                              FunctionRef<Result<bool>(const std::string& key)> taken);

}  // namespace cairn::shares
