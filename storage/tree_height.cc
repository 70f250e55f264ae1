#include "storage/tree_height.h"

#include <algorithm>
#include <vector>

namespace cairn::storage {
namespace {

constexpr std::size_t kMostLooks = 10'000;

Error WouldBeTooDeep() {
  return Fail(ErrorCode::kInvalidArgument,
              "what is below would be deeper than " + std::to_string(kMaxDepth) + " levels");
}

// A collection whose bound is above the levels that there is room for.
struct Suspect {
  FileId id;
  std::size_t room;
};

}  // namespace

std::uint64_t HeightBound(const Node& node) {
  if (node.height() != 0) return node.height();
  const Aggregates& below = node.below();
  const bool any = below.files() + below.folders() > 0;
  return any ? std::min<std::uint64_t>(below.folders() + 1, kMaxDepth) : 0;
}

Result<void> CheckHeight(const KvView& view, const Node& node, std::size_t depth) {
  if (!node.collection()) return {};
  if (depth > kMaxDepth) return WouldBeTooDeep();
  std::vector<Suspect> suspects;
  if (HeightBound(node) > kMaxDepth - depth)
    suspects.push_back({FileId{node.id()}, kMaxDepth - depth});
  std::size_t looks = 0;
  while (!suspects.empty()) {
    const Suspect suspect = suspects.back();
    suspects.pop_back();
    bool fits = true;
    const auto visit = [&](std::string_view, std::string_view value) {
      Node child;
      fits = suspect.room > 0 && ++looks <= kMostLooks && ParseInto(value, child);
      if (fits && HeightBound(child) > suspect.room - 1)
        suspects.push_back({FileId{child.id()}, suspect.room - 1});
      return fits;
    };
    RETURN_IF_ERROR(view.Scan(Table::kEntries, keys::EntryPrefix(suspect.id), {}, visit));
    if (!fits) return WouldBeTooDeep();
  }
  return {};
}

}  // namespace cairn::storage
