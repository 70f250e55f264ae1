// What must hold for any bytes that follow the head of a chunked request.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "base/error.h"
#include "server/chunk_decoder.h"

namespace cairn::fuzz {

// A whole body, read by RFC 9112 section 7.1 to the letter.
class StrictChunks {
 public:
  explicit StrictChunks(std::string_view text) : text_(text) {}

  // False: not (yet) a whole body.
  bool Read() {
    for (;;) {
      const auto size = Size();
      if (!size || !Extensions() || !Line()) return false;
      if (*size == 0) return Trailers();
      if (*size > text_.size() - at_) return false;
      body_.append(text_.substr(at_, *size));
      at_ += *size;
      if (!Line()) return false;
    }
  }
  const std::string& body() const { return body_; }
  std::size_t used() const { return at_; }
  // No extension, no trailer: what every sender writes.
  bool plain() const { return plain_; }

 private:
  char Here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Line() { return Take('\r') && Take('\n'); }
  std::optional<std::uint64_t> Size() {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::uint64_t size = 0;
    const std::size_t from = at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      const auto digit = kHex.find(c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c);
      if (digit == std::string_view::npos) break;
      if (size >> 60 != 0) return std::nullopt;
      size = size * 16 + digit;
    }
    if (at_ == from) return std::nullopt;
    return size;
  }
  void Blanks() {
    while (Here() == ' ' || Here() == '\t') ++at_;
  }
  bool Token() {
    constexpr std::string_view kSpecial = "!#$%&'*+-.^_`|~";
    const std::size_t from = at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      const bool letter =
          (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && kSpecial.find(c) == std::string_view::npos) break;
    }
    return at_ > from;
  }
  static bool IsText(char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  bool Quoted() {
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\') ++at_;
      if (!IsText(Here())) return false;
    }
    return Take('"');
  }
  bool Extensions() {
    for (;;) {
      const std::size_t from = at_;
      Blanks();
      if (Here() != ';') return at_ == from;
      plain_ = false;
      ++at_;
      Blanks();
      if (!Token()) return false;
      const std::size_t after = at_;
      Blanks();
      if (Here() != '=') {
        at_ = after;
        continue;
      }
      ++at_;
      Blanks();
      if (!(Here() == '"' ? Quoted() : Token())) return false;
    }
  }
  bool Trailers() {
    while (Here() != '\r') {
      plain_ = false;
      if (!Token() || !Take(':')) return false;
      while (at_ < text_.size() && IsText(text_[at_])) ++at_;
      if (!Line()) return false;
    }
    return Line();
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::string body_;
  bool plain_ = true;
};

struct ChunkOutcome {
  bool refused = false;
  bool done = false;
  std::string body;
  std::size_t used = 0;
  bool operator==(const ChunkOutcome&) const = default;
};

// As a connection feeds the decoder: `piece` bytes more whenever it wants more.
inline ChunkOutcome DecodeInPieces(std::string_view input, std::size_t piece) {
  server::ChunkDecoder decoder;
  ChunkOutcome out;
  std::size_t received = 0;
  for (;;) {
    const auto step = decoder.Decode(input.substr(out.used, received - out.used));
    if (step.has_error()) {
      CAIRN_CHECK(Is(step.error(), ErrorCode::kInvalidArgument));
      return {true, false, {}, 0};
    }
    CAIRN_CHECK(step->consumed <= received - out.used);
    CAIRN_CHECK(step->body.size() <= step->consumed);
    out.used += step->consumed;
    out.body.append(step->body);
    out.done = step->done;
    if (out.done || (step->body.empty() && received == input.size())) return out;
    if (step->body.empty()) received = std::min(input.size(), received + piece);
  }
}

inline void CheckChunkedBody(std::string_view input) {
  input = input.substr(0, server::ChunkDecoder::kMaxExtension);  // limits depend on the cuts
  const ChunkOutcome whole = DecodeInPieces(input, std::max<std::size_t>(1, input.size()));
  for (const std::size_t piece : {1U, 2U, 5U}) {
    const ChunkOutcome cut = DecodeInPieces(input, piece);
    CAIRN_CHECK(cut.refused == whole.refused && cut.done == whole.done);
    CAIRN_CHECK(!whole.done || cut == whole);
  }
  StrictChunks strict(input);
  const bool right = strict.Read();
  if (whole.done) {
    CAIRN_CHECK(right && strict.used() == whole.used && strict.body() == whole.body);
  }
  if (right && strict.plain()) CAIRN_CHECK(whole.done);
}

}  // namespace cairn::fuzz
