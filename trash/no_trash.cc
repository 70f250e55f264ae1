#include "trash/no_trash.h"

namespace cairn::trash {

Result<std::optional<std::string>> NoTrash::Take(storage::KvTxn&, const storage::Caller&,
                                                 const storage::Chain&, const storage::Removal&,
                                                 storage::Node&) {
  return std::optional<std::string>();
}

}  // namespace cairn::trash
