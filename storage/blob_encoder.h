// Turns appended bytes into a blob file's bytes: payload chunks as they fill, table and footer at
// the end. What both blob stores write. Not thread-safe; does no I/O but through `sink`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "base/function_ref.h"
#include "storage/blob_format.h"

namespace cairn::storage {

class BlobEncoder {
 public:
  // Takes the file's next bytes.
  using Sink = FunctionRef<Result<void>(std::string_view bytes)>;

  BlobEncoder(const BlobId& blob, const ContentId& content);

  // Once the sink has failed, or after Finish, every further call fails with kIo.
  Result<void> Append(Bytes data, Sink sink);
  Result<void> Finish(Sink sink);

  const BlobId& blob() const { return footer_.blob; }
  std::uint64_t length() const { return footer_.length; }

 private:
  Result<void> FlushChunk(bool final, Sink sink);
  Result<void> WriteTail(Sink sink);

  BlobFooter footer_;
  std::vector<std::uint64_t> sums_;
  std::string pending_;  // the last chunk: held back until it is known whether it is the final one
  bool over_ = false;
};

}  // namespace cairn::storage
