// What a tree should be: a map from paths to items, with the refusals that its rules demand.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "storage/ids.h"

namespace cairn::support {

// Paths are "/a/b"; the root is "". Members sort right after their folder's own path plus '/'.
class TreeModel {
 public:
  using Code = std::optional<ErrorCode>;  // nullopt: done

  struct Item {
    bool folder = false;
    std::string text{};  // of a file
    std::map<std::string, std::string> properties{};
    // As a reply said; 0 and an empty one where none did.
    std::uint64_t id = 0;
    storage::Etag etag{};
    std::int64_t mtime = 0;
  };

  // With nothing but this root.
  explicit TreeModel(Item root) { items_[""] = std::move(root); }

  std::map<std::string, Item>& items() { return items_; }
  const std::map<std::string, Item>& items() const { return items_; }
  bool Has(const std::string& path) const { return items_.contains(path); }
  bool IsFolder(const std::string& path) const { return Has(path) && items_.at(path).folder; }
  static std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }
  static bool Below(const std::string& path, const std::string& top) {
    return path.starts_with(top + "/");
  }

  Code Mkdir(const std::string& path);
  Code Put(const std::string& path, const std::string& text);
  Code Remove(const std::string& path);
  // What is copied keeps id, etag and time of its source here: the caller knows better.
  Code Transfer(const std::string& from, const std::string& to, bool overwrite, bool move);

 private:
  // Why nothing can be put at `path`.
  Code NoPlace(const std::string& path) const;
  void Erase(const std::string& top);
  std::map<std::string, Item> items_;
};

}  // namespace cairn::support
