// Media types by file name, as Nextcloud clients know them, and how a file may be shown.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace cairn::http {

// The media type of a file by its suffix (any letter case); "application/octet-stream" for others.
// Never depends on the content or on what the uploader said. This is d:getcontenttype.
std::string_view ContentTypeOf(std::string_view file_name);

// The Content-Type header of a GET: text types carry ";charset=UTF-8", without a blank, as
// recorded; HTML, SVG and others that a browser could run are delivered as plain text.
std::string ContentTypeHeader(std::string_view file_name);

// True for the few types that a browser may show in place (promise T-51): png, jpeg, gif, webp, mp4
// and plain text. Everything else is an attachment.
bool IsSafeInline(std::string_view content_type);

// `attachment; filename*=UTF-8''n; filename="n"` as recorded: both forms percent-encoded, so that
// no name can break out of the header. `inline` for callers that have asked IsSafeInline.
std::string AttachmentDisposition(std::string_view file_name);
std::string InlineDisposition(std::string_view file_name);

}  // namespace cairn::http
