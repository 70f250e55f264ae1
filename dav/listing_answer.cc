#include "dav/listing_answer.h"

#include "dav/multistatus_stream.h"
#include "dav/tree_listing.h"
#include "dav/xml_writer.h"
#include "http/dav_headers.h"

namespace cairn::dav {
namespace {

// Restricts the listing, and notes in `headers` what the client is told.
void Paginate(TreeListing& listing, const http::PageRequest& page, http::Headers& headers) {
  const std::string token = listing.self().etag().Text();  // changes when anything below does
  const auto total = listing.Total();
  if (!total || (!page.token.empty() && page.token != token)) return;
  listing.Limit(page.offset, page.count);
  headers.Set("X-NC-Paginate", "true");
  headers.Set("X-NC-Paginate-Total", std::to_string(*total));
  headers.Set("X-NC-Paginate-Token", token);
}

// The multistatus of one resource, if all of it is in memory: no hop.
std::optional<Result<std::string>> FromMemory(const Ctx& ctx, PropertySet& set) {
  const auto view = ctx.kv().PublishedInMemory();
  std::string xml(kMultistatusOpen);
  TreeListing listing(ctx, set, view, 0);
  auto filled = listing.Open();
  if (filled.has_value()) filled = listing.Fill(xml);
  if (view->missed()) return std::nullopt;
  if (filled.has_error()) return Result<std::string>(std::move(filled).error());
  xml += kMultistatusClose;
  return Result<std::string>(std::move(xml));
}

}  // namespace

Outcome SendListing(Ctx& ctx, PropertySet& set, std::uint32_t depth) {
  const auto page = http::ParsePaginate(ctx.request().headers);
  if (depth == 0 && !page) {
    if (auto one = FromMemory(ctx, set)) {
      CO_ASSIGN_OR_RETURN(std::string xml, std::move(*one));
      co_return co_await SendMultistatus(ctx, std::move(xml));
    }
  }
  TreeListing listing(ctx, set, ctx.kv().Published(), depth);
  http::Headers headers;
  bool opened = false;
  auto produce = [&](std::string& out) -> Result<bool> {
    if (!opened) {
      RETURN_IF_ERROR(listing.Open());
      if (page) Paginate(listing, *page, headers);
      opened = true;
    }
    RETURN_IF_ERROR(listing.Fill(out));
    return !listing.done();
  };
  co_return co_await StreamMultistatus(ctx, produce, &headers);
}

}  // namespace cairn::dav
