#include "storage/upload_totals.h"

#include "storage/records.h"

namespace cairn::storage {

Result<UploadTotals> CountUploads(const KvView& view) {
  UploadTotals totals;
  const auto visit = [&](std::string_view, std::string_view value) {
    UploadSession record;
    if (ParseInto(value, record)) {
      ++totals.sessions;
      totals.bytes += record.chunk_bytes();
    }
    return true;
  };
  RETURN_IF_ERROR(view.Scan(Table::kUploads, {}, {}, visit));
  return totals;
}

}  // namespace cairn::storage
