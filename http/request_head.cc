#include "http/request_head.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace cairn::http {
namespace {

HeadError Refuse(int status, std::string why) { return {status, std::move(why)}; }

constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> is_one{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    is_one[static_cast<unsigned char>(c)] = true;
  for (std::size_t c = 0; c < 128; ++c) is_one[c] |= IsAlphaNumeric(static_cast<char>(c));
  return is_one;
}();

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return kTokenCharacters[static_cast<unsigned char>(c)];
  });
}

// RFC 9110 section 5.5: visible characters, blanks, tabs and obs-text.
bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

// Cuts the next line off `rest`. nullopt: a CR or LF that is not part of a CRLF.
std::optional<std::string_view> CutLine(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const std::string_view line = rest.substr(0, end - 1);
  if (line.find('\r') != std::string_view::npos) return std::nullopt;
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<HeadError> ReadVersion(std::string_view text, Request& request) {
  if (text.size() != 8 || !text.starts_with("HTTP/") || !IsDigit(text[5]) || text[6] != '.' ||
      !IsDigit(text[7])) {
    return Refuse(400, "malformed HTTP version");
  }
  if (text[5] != '1' || text[7] > '1') return Refuse(505, "HTTP version not supported");
  request.version_minor = text[7] - '0';
  return std::nullopt;
}

std::optional<HeadError> ReadRequestLine(std::string_view line, Request& request) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last)
    return Refuse(400, "malformed request line");
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  if (!IsToken(method)) return Refuse(400, "malformed method");
  if (auto error = ReadVersion(line.substr(last + 1), request)) return error;
  if (method == "TRACE" || method == "CONNECT") return Refuse(405, "method not allowed");
  if (target.size() > kMaxTargetBytes) return Refuse(414, "request target too long");
  const bool visible_ascii = std::all_of(target.begin(), target.end(),
                                         [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (target.empty() || !visible_ascii) return Refuse(400, "malformed request target");
  request.method = method;
  request.target = target;
  return std::nullopt;
}

std::optional<HeadError> ReadFields(std::string_view rest, Request& request) {
  for (;;) {
    const auto line = CutLine(rest);
    if (!line) return Refuse(400, "bare CR or LF");
    if (line->empty()) break;
    if (line->front() == ' ' || line->front() == '\t') return Refuse(400, "folded field line");
    const auto colon = line->find(':');
    if (colon == std::string_view::npos) return Refuse(400, "field line without a colon");
    const std::string_view name = line->substr(0, colon);
    const std::string_view value = Trim(line->substr(colon + 1));
    if (!IsToken(name)) return Refuse(400, "malformed field name");
    if (!IsFieldValue(value)) return Refuse(400, "control character in a field value");
    if (request.headers.fields().size() == kMaxFields) return Refuse(400, "too many fields");
    request.headers.Add(name, value);
  }
  if (!rest.empty()) return Refuse(400, "bytes after the empty line");
  return std::nullopt;
}

std::vector<std::string_view> ValuesOf(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Headers::Field& field : request.headers.fields()) {
    if (EqualsIgnoreCase(field.first, name)) values.push_back(field.second);
  }
  return values;
}

std::optional<HeadError> CheckHost(const Request& request) {
  const auto hosts = ValuesOf(request, "Host");
  if (hosts.size() > 1) return Refuse(400, "several Host fields");
  if (hosts.empty()) {
    if (request.version_minor >= 1) return Refuse(400, "no Host field");
    return std::nullopt;
  }
  if (!IsValidHost(hosts.front())) return Refuse(400, "malformed Host field");
  return std::nullopt;
}

// Brings the target into origin form and splits it.
std::optional<HeadError> SplitTarget(Request& request) {
  std::string_view target = request.target;
  std::string origin(target);
  if (target != "*" && !target.starts_with('/')) {
    const auto scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos) return Refuse(400, "request target is not a path");
    const std::string_view scheme = target.substr(0, scheme_end);
    if (!EqualsIgnoreCase(scheme, "http") && !EqualsIgnoreCase(scheme, "https")) {
      return Refuse(400, "request target of another scheme");
    }
    target.remove_prefix(scheme_end + 3);
    const auto path_at = std::min(target.find_first_of("/?"), target.size());
    if (path_at == 0 || !EqualsIgnoreCase(target.substr(0, path_at), request.host())) {
      return Refuse(400, "request target names another host");
    }
    origin = target.substr(path_at);
    if (origin.empty() && request.method == "OPTIONS") origin = "*";
    if (!origin.starts_with('/') && origin != "*") origin.insert(origin.begin(), '/');
  }
  if (origin == "*" && request.method != "OPTIONS") return Refuse(400, "\"*\" without OPTIONS");
  const auto question = origin.find('?');
  request.path = origin.substr(0, question);
  if (question != std::string::npos) request.query = origin.substr(question + 1);
  request.target = std::move(origin);
  return std::nullopt;
}

std::optional<HeadError> ReadFraming(Request& request) {
  const auto lengths = ValuesOf(request, "Content-Length");
  const auto encodings = ValuesOf(request, "Transfer-Encoding");
  if (!encodings.empty()) {
    if (!lengths.empty()) return Refuse(400, "Content-Length and Transfer-Encoding");
    if (request.version_minor == 0) return Refuse(400, "Transfer-Encoding in HTTP/1.0");
    if (encodings.size() != 1 || !EqualsIgnoreCase(encodings.front(), "chunked")) {
      return Refuse(501, "transfer encoding not implemented");
    }
    request.framing = Framing::kChunked;
    return std::nullopt;
  }
  if (lengths.empty()) return std::nullopt;
  if (lengths.size() != 1) return Refuse(400, "several Content-Length fields");
  const auto length = ParseUint(lengths.front());
  if (!length) return Refuse(400, "malformed Content-Length");
  // Sizes are signed 64-bit numbers everywhere below.
  if (*length > static_cast<std::uint64_t>(INT64_MAX))
    return Refuse(413, "Content-Length too large");
  request.framing = Framing::kLength;
  request.content_length = *length;
  return std::nullopt;
}

std::optional<HeadError> ReadExpect(Request& request) {
  const auto expectations = ValuesOf(request, "Expect");
  if (expectations.empty()) return std::nullopt;
  if (expectations.size() != 1 || !EqualsIgnoreCase(expectations.front(), "100-continue")) {
    return Refuse(417, "unknown expectation");
  }
  // RFC 9110 section 10.1.1: ignored in HTTP/1.0 and for a request without a body.
  request.expects_continue = request.version_minor >= 1 && request.framing != Framing::kNone;
  return std::nullopt;
}

void ReadConnection(Request& request) {
  request.keep_alive = request.version_minor >= 1;
  const std::string joined = request.headers.Joined("Connection");
  std::string_view rest = joined;
  bool close = false;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view option = Trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (EqualsIgnoreCase(option, "close")) close = true;
    if (EqualsIgnoreCase(option, "keep-alive")) request.keep_alive = true;
  }
  if (close) request.keep_alive = false;
}

bool IsValidPort(std::string_view port) {
  if (port.empty()) return true;  // RFC 3986 section 3.2.3
  const auto number = ParseUint(port);
  return number && *number >= 1 && *number <= 65535 && port.size() <= 5;
}

}  // namespace

void throw_exception_from_error(const HeadError& error, const boost::source_location& where) {
  cairn::throw_exception_from_error(Error{ErrorCode::kInvalidArgument, error.why}, where);
}

bool IsValidHost(std::string_view host) {
  if (host.empty() || host.size() > 255) return false;
  if (host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = host.substr(1, end - 1);
    const std::string_view after = host.substr(end + 1);
    return address.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos &&
           address.find(':') != std::string_view::npos &&
           (after.empty() || (after.front() == ':' && IsValidPort(after.substr(1))));
  }
  const auto colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  if (name.empty()) return false;
  for (char c : name) {
    if (!IsAlphaNumeric(c) && c != '-' && c != '.' && c != '_' && c != '~') return false;
  }
  return colon == std::string_view::npos || IsValidPort(host.substr(colon + 1));
}

std::optional<std::size_t> FindHeadEnd(std::string_view received) {
  for (auto at = received.find('\n'); at != std::string_view::npos;
       at = received.find('\n', at + 1)) {
    const std::string_view after = received.substr(at + 1);
    if (after.starts_with('\n')) return at + 2;
    if (after.starts_with("\r\n")) return at + 3;
  }
  return std::nullopt;
}

HeadResult ParseRequestHead(std::string_view raw_head) {
  if (raw_head.size() > kMaxHeadBytes) return Refuse(431, "request head too large");
  if (raw_head.starts_with("\r\n")) raw_head.remove_prefix(2);
  Request request;
  const auto line = CutLine(raw_head);
  if (!line) return Refuse(400, "bare CR or LF in the request line");
  if (auto error = ReadRequestLine(*line, request)) return *std::move(error);
  if (auto error = ReadFields(raw_head, request)) return *std::move(error);
  if (auto error = CheckHost(request)) return *std::move(error);
  if (auto error = SplitTarget(request)) return *std::move(error);
  if (auto error = ReadFraming(request)) return *std::move(error);
  if (auto error = ReadExpect(request)) return *std::move(error);
  ReadConnection(request);
  return request;
}

}  // namespace cairn::http
