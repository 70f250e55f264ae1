// Whether bytes that are put are those that a file has already: then nothing is lost by them, and
// no version is kept. Blocking. Thread-safe.
#pragma once

#include "storage/content_store.h"
#include "storage/tree_types.h"

namespace cairn::storage {

// As far as it is known without reading blobs: by the contents' ids, `options` (same_as, checksums)
// and inline bytes.
Result<bool> SameBytes(const KvView& view, const Node& node, const NewContent& content,
                       const PutOptions& options);

// Compares a blob that no record names yet with the content of `node`. False, unread, when their
// sizes differ.
Result<bool> BlobHasBytesOf(ContentStore& contents, const KvView& view, const Node& node,
                            const NewContent& content);

}  // namespace cairn::storage
