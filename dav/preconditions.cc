#include "dav/preconditions.h"

#include <array>

#include "dav/destination.h"
#include "dav/locate.h"
#include "http/conditional.h"
#include "http/if_header.h"

namespace cairn::dav {

struct RequestPreconditions::Parsed {
  const Ctx& ctx;
  storage::TreePath target;
  std::optional<ShownState> shown;  // instead of what is at `target`
  std::optional<http::IfHeader> if_header = {};

  bool MatchesShown(const http::IfCondition& condition) const;
  bool Matches(const storage::KvView& view, std::string_view resource,
               const http::IfCondition& condition) const;
};

namespace {

// Evaluated one by one, so that the answer can name the one that failed (RFC 9110 section 13.2.2
// gives the order).
constexpr std::array<std::string_view, 3> kHeaders{"If-Match", "If-Unmodified-Since",
                                                   "If-None-Match"};

Result<void> CheckHeaders(const http::Request& request, const std::optional<ShownState>& shown,
                          const storage::Entry* target) {
  if (!http::HasPreconditions(request.headers)) return {};
  http::Validators current;
  current.exists = shown.has_value() || target != nullptr;
  if (shown.has_value()) {
    current.etag = shown->etag;
    current.mtime = shown->mtime;
  } else if (target != nullptr) {
    current.etag = target->etag().Text();
    current.mtime = target->node.mtime();
  }
  for (std::string_view name : kHeaders) {
    if (!request.headers.Has(name)) continue;
    if (name == "If-Unmodified-Since" && request.headers.Has("If-Match")) continue;
    http::Headers one;
    one.Add(name, request.headers.Joined(name));
    if (http::EvaluatePreconditions(request.method, one, current) == http::Precondition::kFailed) {
      return Fail(ErrorCode::kPreconditionFailed, std::string(name));
    }
  }
  return {};
}

// Whether a tag names the resource that the request is about.
bool NamesTheRequest(const Ctx& ctx, std::string_view resource) {
  const auto named = RouteDestination(ctx, resource);
  const auto asked = RouteOf(ctx.request().path);
  return named.has_value() && asked.has_value() && named->tree == asked->tree &&
         named->segments == asked->segments;
}

}  // namespace

// No lock covers what is not in the files tree.
bool RequestPreconditions::Parsed::MatchesShown(const http::IfCondition& condition) const {
  return condition.kind == http::IfCondition::Kind::kEntityTag && !condition.weak &&
         condition.value == shown->etag;
}

// A state token holds where the lock covers the resource; an entity tag where it is the resource's.
// A tag that names nothing of ours (the desktop writes one without the slash between root and path)
// is taken for the request's own.
bool RequestPreconditions::Parsed::Matches(const storage::KvView& view, std::string_view resource,
                                           const http::IfCondition& condition) const {
  if (shown.has_value() && (resource.empty() || NamesTheRequest(ctx, resource)))
    return MatchesShown(condition);
  storage::TreePath path = target;
  if (!resource.empty()) {
    auto tagged = ParseDestination(ctx, resource);
    if (tagged.has_value()) {
      auto located = LocateOn(view, ctx.services, ctx.principal, std::move(tagged->path.segments));
      if (located.has_error()) return false;
      path = std::move(*located);
    } else if (condition.kind == http::IfCondition::Kind::kEntityTag) {
      return false;
    }
  }
  storage::Engine& engine = ctx.services.engine;
  if (condition.kind == http::IfCondition::Kind::kEntityTag) {
    const auto chain = engine.tree().Resolve(view, path);
    return chain.has_value() && !condition.weak && chain->leaf().etag().Text() == condition.value;
  }
  const auto prefix = engine.tree().ResolvePrefix(view, path);
  if (prefix.has_error()) return false;
  const auto locks = engine.locks().Covering(view, *prefix);
  if (locks.has_error()) return false;
  for (const storage::HeldLock& held : *locks) {
    if (held.lock.token() == condition.value) return true;
  }
  return false;
}

RequestPreconditions::RequestPreconditions(std::unique_ptr<Parsed> parsed,
                                           std::vector<std::string> tokens)
    : parsed_(std::move(parsed)), tokens_(std::move(tokens)) {}
RequestPreconditions::RequestPreconditions(RequestPreconditions&&) noexcept = default;
RequestPreconditions::~RequestPreconditions() = default;

Result<RequestPreconditions> RequestPreconditions::Parse(const Ctx& ctx, storage::TreePath target) {
  return ParseIf(std::make_unique<Parsed>(Parsed{ctx, std::move(target), std::nullopt}));
}

Result<RequestPreconditions> RequestPreconditions::ParseShown(const Ctx& ctx, ShownState shown) {
  return ParseIf(std::make_unique<Parsed>(Parsed{ctx, {ctx.principal.home, {}}, std::move(shown)}));
}

Result<RequestPreconditions> RequestPreconditions::ParseIf(std::unique_ptr<Parsed> parsed) {
  const http::Headers& headers = parsed->ctx.request().headers;
  std::vector<std::string> tokens;
  if (headers.Has("If")) {
    ASSIGN_OR_RETURN(parsed->if_header, http::ParseIfHeader(headers.Joined("If")));
    tokens = http::SubmittedTokens(*parsed->if_header);
  }
  return RequestPreconditions(std::move(parsed), std::move(tokens));
}

Result<void> RequestPreconditions::Check(const storage::KvView& view,
                                         const storage::Entry* target) const {
  RETURN_IF_ERROR(CheckHeaders(parsed_->ctx.request(), parsed_->shown, target));
  if (!parsed_->if_header) return {};
  const auto matches = [&](std::string_view resource, const http::IfCondition& condition) {
    return parsed_->Matches(view, resource, condition);
  };
  if (!http::Holds(*parsed_->if_header, matches)) return Fail(ErrorCode::kPreconditionFailed, "If");
  return {};
}

}  // namespace cairn::dav
