// A node and the way to it.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "storage/ids.h"
#include "storage/records.pb.h"

namespace cairn::storage {

// The content that a file's record names; empty for an empty file, and when the id is broken.
inline ContentId ContentOf(const Node& node) {
  return ContentId::FromBytes(node.content()).value_or(ContentId{});
}

// A node record with its place.
struct Entry {
  FileId parent{};
  std::string key;  // the entry key's name part (NFC)
  Node node;

  FileId id() const { return FileId{node.id()}; }
  bool is_collection() const { return node.collection(); }
  const std::string& name() const { return node.name(); }
  Etag etag() const { return {node.etag_start(), node.etag_count()}; }
  // Plain bytes of the file, or of everything below.
  std::uint64_t recursive_size() const {
    return node.collection() ? node.below().bytes() : node.size();
  }
};

// From a space's root to a node, both included. Never empty.
struct Chain {
  std::vector<Entry> entries;
  // The entry at which the caller's way into it began: 0, his own root, or the place of a mount.
  // What he may do follows from there.
  std::size_t start = 0;
  std::string mount = {};  // as TreePath::mount
  const Entry& root() const { return entries.front(); }
  const Entry& leaf() const { return entries.back(); }
  Entry& leaf() { return entries.back(); }
  SpaceId space() const { return SpaceId{entries.front().node.space()}; }
  std::size_t depth() const { return entries.size() - 1; }
};

}  // namespace cairn::storage
