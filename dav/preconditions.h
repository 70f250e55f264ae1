// The conditional headers of a write, evaluated inside its transaction: If-Match, If-None-Match,
// If-Modified-Since, If-Unmodified-Since (RFC 9110 section 13) and If (RFC 4918 section 10.4) in
// full.
//
//   CO_ASSIGN_OR_RETURN(const RequestPreconditions conditions, RequestPreconditions::Parse(ctx,
//   path)); WriteContext context{ctx.principal.caller, &conditions, conditions.lock_tokens()};
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dav/context.h"
#include "storage/file_tree.h"

namespace cairn::dav {

// What a resource without a node of its own in the files tree shows of itself.
struct ShownState {
  std::string etag;        // without quotes
  std::int64_t mtime = 0;  // seconds
};

class RequestPreconditions final : public storage::Precondition {
 public:
  // `target`: what untagged lists and the RFC 9110 headers speak of. For the MOVE of a chunked
  // upload that is the destination. kInvalidArgument: a header that cannot be parsed.
  static Result<RequestPreconditions> Parse(const Ctx& ctx, storage::TreePath target);
  // For a member of the trash or a version, which is there when it is asked about.
  static Result<RequestPreconditions> ParseShown(const Ctx& ctx, ShownState shown);
  RequestPreconditions(RequestPreconditions&&) noexcept;
  ~RequestPreconditions() override;

  // kPreconditionFailed; the message names the header that failed.
  Result<void> Check(const storage::KvView& view, const storage::Entry* target) const override;

  // Every state token in the If header: what the request submits (RFC 4918 section 10.4.2).
  std::span<const std::string> lock_tokens() const { return tokens_; }

 private:
  struct Parsed;
  static Result<RequestPreconditions> ParseIf(std::unique_ptr<Parsed> parsed);
  explicit RequestPreconditions(std::unique_ptr<Parsed> parsed, std::vector<std::string> tokens);
  std::unique_ptr<Parsed> parsed_;
  std::vector<std::string> tokens_;
};

}  // namespace cairn::dav
