#include "dav/multistatus_stream.h"

#include <algorithm>

#include "base/log.h"
#include "dav/xml_writer.h"

namespace cairn::dav {
namespace {

Outcome WriteAll(Ctx& ctx, const std::string& text) {
  for (std::size_t at = 0; at < text.size(); at += kFlushBytes) {
    const std::string_view piece = std::string_view(text).substr(at, kFlushBytes);
    auto written = co_await ctx.exchange.Write(AsBytes(piece));
    if (written.has_error()) co_return std::move(written).error();
  }
  co_return Result<void>();
}

}  // namespace

bool PrefersMinimal(const http::Headers& headers) {
  return EqualsIgnoreCase(headers.Get("Brief"), "t") ||
         ToLower(headers.Joined("Prefer")).find("return=minimal") != std::string::npos;
}

Outcome SendMultistatus(Ctx& ctx, std::string xml) {
  http::Response response(207);
  response.With("Content-Type", kXmlContentType);
  response.body = std::move(xml);
  co_return co_await ctx.exchange.Send(std::move(response));
}

Outcome StreamMultistatus(Ctx& ctx, FunctionRef<Result<bool>(std::string& out)> produce,
                          const http::Headers* headers) {
  Pool& pool = ctx.services.pools.read;
  http::Response head(207);
  head.With("Content-Type", kXmlContentType);
  std::string page(kMultistatusOpen);
  auto work = [&]() -> Result<bool> { return produce(page); };
  auto first = co_await pool.Run(work);
  CO_ASSIGN_OR_RETURN(bool more, first);
  if (headers != nullptr) {
    for (const auto& [name, value] : headers->fields()) head.With(name, value);
  }
  if (!more) {
    page += kMultistatusClose;
    head.body = std::move(page);
    co_return co_await ctx.exchange.Send(std::move(head));
  }
  auto begun = co_await ctx.exchange.Begin(std::move(head), std::nullopt);
  CO_RETURN_IF_ERROR(begun);
  while (true) {
    auto written = co_await WriteAll(ctx, page);
    CO_RETURN_IF_ERROR(written);
    if (!more) break;
    page.clear();
    auto next = co_await pool.Run(work);
    if (next.has_error()) {
      log::warn("request {}: listing broken off: {}", ctx.request().id, next.error().message);
      ctx.exchange.Abort();
      co_return Result<void>();
    }
    more = *next;
    if (!more) page += kMultistatusClose;
  }
  co_return co_await ctx.exchange.End();
}

}  // namespace cairn::dav
