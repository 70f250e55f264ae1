#include "server/chunk_decoder.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <functional>
#include <string>

namespace cairn::server {
namespace {

namespace beast = boost::beast;

constexpr std::size_t kShortestBody = 5;  // "0", two line ends

constexpr std::string_view kHead =
    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";

bool IsStrayControl(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

// Line ends of the framing, which the bytes between two pieces of body are.
class FramingCheck {
 public:
  bool Accepts(std::string_view framing) {
    for (const char c : framing) {
      if (c == '\n' && !after_cr_) return false;
      if (c != '\n' && after_cr_) return false;
      if (after_line_ && (c == ' ' || c == '\t')) return false;
      if (IsStrayControl(c)) return false;
      after_line_ = c == '\n';
      after_cr_ = c == '\r';
    }
    return true;
  }
  void PassBody() { after_line_ = after_cr_ = false; }

 private:
  bool after_cr_ = false;
  bool after_line_ = false;
};

// A chunk's line is over, and a quote in it is still open: Beast waits for its other end.
bool HasOpenQuote(std::string_view framing) {
  constexpr std::string_view kLineEnd = "\r\n";
  if (framing.starts_with(kLineEnd)) framing.remove_prefix(kLineEnd.size());
  const std::size_t end = framing.find(kLineEnd);
  if (end == std::string_view::npos) return false;
  bool open = false;
  for (std::size_t at = 0; at < end; ++at) {
    if (framing[at] == '"') open = !open;
    if (framing[at] == '\\' && open) ++at;
  }
  return open;
}

}  // namespace

struct ChunkDecoder::Parser {
  beast::http::request_parser<beast::http::buffer_body> beast_parser;
  FramingCheck framing;
  std::string_view body;
  bool begun = false;

  Parser() {
    beast_parser.body_limit(boost::none);
    beast_parser.eager(false);
    beast_parser.on_chunk_header(on_header);
    beast_parser.on_chunk_body(on_body);
    boost::system::error_code error;
    std::string_view head = kHead;
    while (!head.empty() && !error) head.remove_prefix(beast_parser.put(net_buffer(head), error));
    CAIRN_CHECK(!error && beast_parser.is_header_done());
  }

  static boost::asio::const_buffer net_buffer(std::string_view text) {
    return {text.data(), text.size()};
  }

  // Beast keeps references to both.
  std::function<void(std::uint64_t, beast::string_view, boost::system::error_code&)> on_header =
      [](std::uint64_t, beast::string_view extension, boost::system::error_code& error) {
        if (extension.size() <= kMaxExtension) return;
        error = beast::http::error::bad_chunk_extension;
      };
  std::function<std::size_t(std::uint64_t, beast::string_view, boost::system::error_code&)>
      on_body = [this](std::uint64_t, beast::string_view piece, boost::system::error_code&) {
        body = {piece.data(), piece.size()};
        return piece.size();
      };
};

ChunkDecoder::ChunkDecoder() : parser_(std::make_unique<Parser>()) {}
ChunkDecoder::~ChunkDecoder() = default;

Result<ChunkDecoder::Step> ChunkDecoder::Decode(std::string_view input) {
  Step step;
  while (step.consumed < input.size()) {
    const std::string_view rest = input.substr(step.consumed);
    // Beast asserts that a last chunk that is the first one comes in one piece.
    if (!parser_->begun && rest.size() < kShortestBody) return step;
    parser_->begun = true;
    parser_->body = {};
    boost::system::error_code error;
    const std::size_t used = parser_->beast_parser.put(Parser::net_buffer(rest), error);
    const bool needs_more = error == beast::http::error::need_more;
    if (error && !needs_more)
      return Fail(ErrorCode::kInvalidArgument, "broken chunk: " + error.message());
    const std::string_view framing = rest.substr(0, used - parser_->body.size());
    if (!parser_->framing.Accepts(framing) || framing.size() > kMaxTrailers + kMaxExtension) {
      return Fail(ErrorCode::kInvalidArgument, "broken chunk framing");
    }
    step.consumed += used;
    if (!parser_->body.empty()) {
      parser_->framing.PassBody();
      step.body = parser_->body;
      return step;
    }
    if (parser_->beast_parser.is_done()) {
      if (framing.size() > kMaxTrailers)
        return Fail(ErrorCode::kInvalidArgument, "the trailers are too long");
      step.done = true;
      return step;
    }
    if (needs_more || used == 0) {
      if (rest.size() - used > kMaxTrailers)
        return Fail(ErrorCode::kInvalidArgument, "a chunk header is too long");
      if (HasOpenQuote(rest.substr(used)))
        return Fail(ErrorCode::kInvalidArgument, "a line ends inside a quote");
      return step;
    }
  }
  return step;
}

}  // namespace cairn::server
