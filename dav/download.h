// Sending the bytes of a file, whatever it is a file of: the tree, the trash, a version. GET and
// HEAD with conditionals and ranges (RFC 9110 sections 9.3, 13, 14).
//
//   auto look = [&](const KvView& view) { return OpenDownload(ctx, view, offer); };   // ReadHot
//   co_return co_await SendDownload(ctx, download);
//
// A bad blob is a 500 when it is found before the answer has begun, a broken connection after that:
// never a complete answer with wrong bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dav/context.h"
#include "http/conditional.h"
#include "http/range.h"
#include "storage/content_store.h"

namespace cairn::dav {

// kForbidden: the caller may see what the chain leads to, but not have its bytes.
Result<void> MayHaveBytes(const Ctx& ctx, const storage::KvView& view, const storage::Chain& chain);

// What is sent, and what is told about it.
struct Offer {
  FileId id{};             // of the node that holds the content
  std::string name;        // decides the media type
  std::string shown_name;  // of the attachment
  std::string etag;        // without quotes
  bool quoted = true;      // trash and versions show theirs without quotes, as recorded
  std::int64_t mtime = 0;  // seconds
  std::uint64_t size = 0;
  std::string content;    // as the record names it; empty for an empty file
  bool tells_id = true;   // OC-FileId
  std::string checksums;  // as OC-Checksum; empty: none

  std::string EtagHeader() const { return quoted ? "\"" + etag + "\"" : etag; }
};

// What a first look found out.
struct Download {
  Offer offer;
  http::Precondition verdict = http::Precondition::kProceed;
  http::RangeSelection selection;
  std::unique_ptr<storage::ContentReader> reader;  // null for HEAD and when nothing is to be read
  std::optional<std::string> bytes;                // a short answer's body
};

// Evaluates the request's headers and opens the content; short answers are read at once. For
// storage::ReadHot.
Result<Download> OpenDownload(Ctx& ctx, const storage::KvView& view, Offer offer);
// Answers. `download` is a named local of the caller.
Outcome SendDownload(Ctx& ctx, Download& download);
// What GET of a folder says, and of the dav root.
http::Response FolderResponse();

}  // namespace cairn::dav
