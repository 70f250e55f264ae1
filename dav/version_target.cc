#include "dav/version_target.h"

namespace cairn::dav {

VersionTarget VersionTargetOf(const Ctx& ctx) {
  VersionTarget target;
  if (ctx.segments.empty()) {
    target.level = VersionLevel::kHome;
    return target;
  }
  if (ctx.segments.front() == "restore" && ctx.segments.size() == 1)
    target.level = VersionLevel::kRestore;
  if (ctx.segments.front() != "versions" || ctx.segments.size() > 3) return target;
  target.level = VersionLevel::kRoot;
  if (ctx.segments.size() == 1) return target;
  const auto file = ParseUint(ctx.segments[1]);
  target.level = file.has_value() ? VersionLevel::kFile : VersionLevel::kNowhere;
  target.file = FileId{file.value_or(0)};
  if (ctx.segments.size() == 2) return target;
  const auto stamp = ParseInt(ctx.segments[2]);
  if (file.has_value())
    target.level = stamp.has_value() ? VersionLevel::kVersion : VersionLevel::kNowhere;
  target.stamp = stamp.value_or(0);
  return target;
}

std::vector<FileContent> ContentsOf(const versions::History& history) {
  std::vector<FileContent> contents;
  contents.reserve(history.versions.size() + 1);
  const storage::Node& node = history.chain.leaf().node;
  FileContent& current = contents.emplace_back();
  current.is_current = true;
  current.stamp = history.CurrentStamp();
  current.content = node.content();
  current.size = node.size();
  current.author = UserId{node.author()};
  if (node.has_label()) current.label = node.label();
  for (auto row = history.versions.rbegin(); row != history.versions.rend(); ++row) {
    const storage::Version& version = row->version;
    FileContent& old = contents.emplace_back();
    old.stamp = version.stamp();
    old.content = version.content();
    old.size = version.size();
    old.author = UserId{version.author()};
    if (version.has_label()) old.label = version.label();
  }
  return contents;
}

Result<FoundContent> FindContent(const Ctx& ctx, const storage::KvView& view,
                                 const VersionTarget& target) {
  FoundContent found;
  ASSIGN_OR_RETURN(found.history, versions::ReadHistory(ctx.services.engine.tree(), view,
                                                        ctx.principal.caller, target.file));
  for (FileContent& content : ContentsOf(found.history)) {
    if (content.stamp != target.stamp) continue;
    found.content = std::move(content);
    return found;
  }
  return Fail(ErrorCode::kNotFound, "no such version");
}

Result<void> CheckVersionCollection(const Ctx& ctx, const storage::KvView& view,
                                    const VersionTarget& target) {
  if (target.level == VersionLevel::kNowhere)
    return Fail(ErrorCode::kNotFound, "no such collection");
  if (target.level != VersionLevel::kFile) return {};
  auto history =
      versions::ReadHistory(ctx.services.engine.tree(), view, ctx.principal.caller, target.file);
  return history.has_error() ? Result<void>(std::move(history).error()) : Result<void>();
}

}  // namespace cairn::dav
