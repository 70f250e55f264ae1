// The strict request-head validator (promises T-40 to T-43, T-55): bytes in, a `Request` or a
// refusal out.
//
// It accepts one reading of a head only, so that no proxy in front can read another one: RFC 9112
// without its leniencies. Thread-safe, does not block. After a refusal the connection must be
// closed.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace cairn::http {

inline constexpr std::size_t kMaxHeadBytes = 64 * 1024;
inline constexpr std::size_t kMaxTargetBytes = 8 * 1024;
inline constexpr std::size_t kMaxFields = 100;

// Why a head is refused: 400, 405, 413, 414, 417, 431, 501 or 505. The text is for the log.
struct HeadError {
  int status = 400;
  std::string why;
};
[[noreturn]] void throw_exception_from_error(const HeadError& error,
                                             const boost::source_location& where);

using HeadResult = boost::system::result<Request, HeadError>;

// The number of bytes up to and including the first empty line; nullopt when it has not arrived
// yet. An empty line of bare LFs counts too: ParseRequestHead refuses it at once instead of waiting
// for more. A head that is still incomplete at kMaxHeadBytes is to be refused with 431.
std::optional<std::size_t> FindHeadEnd(std::string_view received);

// `raw_head`: the bytes up to and including the empty line; one CRLF before the request line is
// skipped (RFC 9112 section 2.2). In the result `target` is in origin form (or "*"), whatever form
// was received.
HeadResult ParseRequestHead(std::string_view raw_head);

// uri-host [":" port] of RFC 9110 section 7.2: a name, an IPv4 address or a bracketed IPv6 address;
// no user information, no percent escapes.
bool IsValidHost(std::string_view host);

}  // namespace cairn::http
