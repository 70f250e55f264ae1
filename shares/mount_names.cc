#include "shares/mount_names.h"

#include "storage/tree_types.h"

namespace cairn::shares {
namespace {

constexpr int kMostNumbers = 10'000;

}  // namespace

Result<FreeName> FindFreeName(std::string_view wanted,
                              FunctionRef<Result<bool>(const std::string& key)> taken) {
  for (int number = 1; number <= kMostNumbers; ++number) {
    FreeName free{number == 1
                      ? std::string(wanted)
                      : storage::WithMark(wanted, " (" + std::to_string(number) + ")", false),
                  {}};
    ASSIGN_OR_RETURN(free.key, storage::CheckName(free.name));
    ASSIGN_OR_RETURN(const bool used, taken(free.key));
    if (!used) return free;
  }
  return Fail(ErrorCode::kConflict, "no free name for a mount");
}

}  // namespace cairn::shares
