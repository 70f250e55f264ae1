#include "storage/same_bytes.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cairn::storage {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

// Equal sums of other algorithms prove nothing against somebody who wants them equal.
constexpr std::array<HashKind, 3> kProofs = {HashKind::kSha1, HashKind::kSha256,
                                             HashKind::kSha3_256};

// The value of one algorithm in "SHA1:... MD5:..."; empty: not there.
std::string_view SumOf(std::string_view checksums, std::string_view algorithm) {
  while (!checksums.empty()) {
    const std::size_t end = std::min(checksums.find(' '), checksums.size());
    const std::string_view one = checksums.substr(0, end);
    const std::size_t colon = one.find(':');
    if (colon != std::string_view::npos && EqualsIgnoreCase(one.substr(0, colon), algorithm))
      return one.substr(colon + 1);
    checksums.remove_prefix(std::min(end + 1, checksums.size()));
  }
  return {};
}

// nullopt: no algorithm that proves anything is in both.
std::optional<bool> SameByChecksums(std::string_view a, std::string_view b) {
  for (const HashKind kind : kProofs) {
    const std::string_view first = SumOf(a, Name(kind));
    const std::string_view second = SumOf(b, Name(kind));
    if (!first.empty() && !second.empty()) return EqualsIgnoreCase(first, second);
  }
  return std::nullopt;
}

}  // namespace

Result<bool> SameBytes(const KvView& view, const Node& node, const NewContent& content,
                       const PutOptions& options) {
  const ContentId now = ContentOf(node);
  if (node.size() != content.size()) return false;
  if (now == content.id || (!now.empty() && now == options.same_as)) return true;
  if (const auto told = SameByChecksums(node.checksums(), options.checksums)) return *told;
  if (content.record.kind() != CONTENT_INLINE || content.inline_bytes.empty()) return false;
  ASSIGN_OR_RETURN(const auto bytes, view.Get(Table::kInline, keys::Content(now)));
  return bytes.has_value() && *bytes == content.inline_bytes;
}

Result<bool> BlobHasBytesOf(ContentStore& contents, const KvView& view, const Node& node,
                            const NewContent& content) {
  if (!content.blob.has_value() || node.size() != content.size()) return false;
  ASSIGN_OR_RETURN(const auto old, contents.Open(view, ContentOf(node)));
  ASSIGN_OR_RETURN(const auto fresh, contents.blobs().Open(*content.blob));
  std::string a;
  std::string b;
  for (std::uint64_t at = 0; at < content.size(); at += a.size()) {
    RETURN_IF_ERROR(old->Read(at, kPiece, a));
    RETURN_IF_ERROR(fresh->Read(at, kPiece, b));
    if (a.empty() || a != b) return false;
  }
  return true;
}

}  // namespace cairn::storage
