// A multipart/form-data body (RFC 7578) as it comes in: pieces go in, parts come out, nothing is
// kept but a piece and the head of one part.
//
//   ASSIGN_OR_RETURN(auto parser, Multipart::Open(request.headers.Get("Content-Type")));
//   for (;;) {
//     ASSIGN_OR_RETURN(const Multipart::Event event, parser.Next());
//     kMore: read a piece; empty: RETURN_IF_ERROR(parser.Finish()), else parser.Feed(piece)
//   }
//
// Events: kPart, any number of kData, kPartEnd, and so on for each part, kEnd. How the body was cut
// makes no difference to what they say together. Not thread-safe, does not block.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::http {

// What a part is called: its Content-Disposition as browsers write it, with %22, %0D and %0A for
// what would end a name there. A backslash is a character like any other.
struct PartHead {
  std::string name;                      // of the form's field
  std::optional<std::string> file = {};  // the file's name, or path, as sent; absent: no file
};

class Multipart {
 public:
  static constexpr std::size_t kMaxBoundary = 70;  // bytes (RFC 2046 section 5.1.1)
  static constexpr std::size_t kMaxHead = 8 * 1024;
  static constexpr std::size_t kMaxParts = 1000;

  enum class Kind { kMore, kPart, kData, kPartEnd, kEnd };
  struct Event {
    Kind kind = Kind::kMore;
    std::string_view data = {};  // kData: not empty; valid until the next call
  };

  // kInvalidArgument: it announces no form of this kind, or no boundary that may be one.
  static Result<Multipart> Open(std::string_view content_type);

  // More of the body, after kMore or at first.
  void Feed(std::string_view piece);
  // kInvalidArgument: this is no such body, or a part has no name; kTooLarge: a head or the number
  // of parts is beyond the bounds. After an error or kEnd the parser is of no use; what follows the
  // last boundary means nothing.
  Result<Event> Next();
  // The body is over. kInvalidArgument: too early.
  Result<void> Finish() const;

  // Of the part that began last.
  const PartHead& part() const { return part_; }

 private:
  enum class State { kStart, kBoundary, kHead, kData, kEnd };
  explicit Multipart(std::string_view boundary) : delimiter_("\r\n--") { delimiter_ += boundary; }
  std::string_view Rest() const { return std::string_view(buffer_).substr(at_); }
  Result<Event> ReadBoundary();
  Result<Event> ReadHead();
  Result<Event> ReadData();

  std::string delimiter_;
  std::string buffer_ = "\r\n";  // the first boundary stands at the start of a line like the others
  std::size_t at_ = 0;           // what is before was given out
  State state_ = State::kStart;
  std::size_t parts_ = 0;
  PartHead part_;
};

}  // namespace cairn::http
