#include "tests/support/crash_log.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/error.h"
#include "base/hash.h"

namespace cairn {
namespace {

constexpr CrashLog::File kDirectory = 0;

std::string ParentOf(const std::string& name) {
  const std::size_t slash = name.rfind('/');
  return slash == std::string::npos ? std::string() : name.substr(0, slash);
}

std::string ReadAll(const std::filesystem::path& path) {
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::ifstream in(path, std::ios::binary);
  CAIRN_CHECK(in.read(bytes.data(), static_cast<std::streamsize>(bytes.size())).good());
  return bytes;
}

}  // namespace

struct CrashLog::Event {
  enum class Op { kCreate, kWrite, kTruncate, kSync, kRename, kRemove, kSyncDirectory };
  Op op;
  File file = kDirectory;    // create (a directory: kDirectory), write, truncate, sync, rename
  std::string name{};        // create, rename (from), remove, sync of a directory
  std::string to{};          // rename
  std::string data{};        // write
  std::uint64_t offset = 0;  // write; truncate: the new size
  std::size_t up_to = 0;     // syncs: cover the events before this one

  bool TouchesNamesOf(const std::string& directory) const {
    return ParentOf(name) == directory || (op == Op::kRename && ParentOf(to) == directory);
  }
  void ApplyTo(std::string& content) const {
    if (op == Op::kTruncate) {
      content.resize(offset, '\0');
      return;
    }
    const std::size_t end = offset + data.size();
    if (content.size() < end) content.resize(end, '\0');
    content.replace(offset, data.size(), data);
  }
};

// What is safe and what is pending after some of the events.
class CrashLog::Replay {
 public:
  explicit Replay(const std::vector<std::shared_ptr<const Event>>& events) {
    for (std::size_t at = 0; at < events.size(); ++at) Take(at, *events[at]);
  }

  // Once only.
  DiskImage Crash(const CrashChoice& choice) {
    DiskImage image;
    CrashNames(choice, image);
    const File newest = Newest();
    for (const auto& [name, change] : names_) {
      const std::string parent = ParentOf(name);
      if (!change.file || (!parent.empty() && !image.directories.contains(parent))) continue;
      if (*change.file == kDirectory) {
        image.directories.insert(name);
      } else {
        image.files[name] =
            CrashFile(name, *change.file == newest, files_[*change.file], choice, image);
      }
    }
    return image;
  }

 private:
  using Op = Event::Op;
  using Pending = std::vector<std::pair<std::size_t, const Event*>>;  // with their places
  struct FileState {
    std::string safe;
    Pending pending;
  };
  // The last change of a name that is known to have survived: the order in which directories were
  // synced does not matter.
  struct NameState {
    std::size_t at = 0;
    std::optional<File> file;
  };

  void Take(std::size_t at, const Event& event) {
    switch (event.op) {
      case Op::kWrite:
      case Op::kTruncate:
        files_[event.file].pending.emplace_back(at, &event);
        return;
      case Op::kSync:
        return SyncFile(files_[event.file], event.up_to);
      case Op::kCreate:
      case Op::kRename:
      case Op::kRemove:
        pending_names_.emplace_back(at, &event);
        return;
      case Op::kSyncDirectory:
        return SyncNames(event.name, event.up_to);
    }
  }

  static void SyncFile(FileState& file, std::size_t up_to) {
    auto kept = file.pending.begin();
    for (; kept != file.pending.end() && kept->first < up_to; ++kept) {
      kept->second->ApplyTo(file.safe);
    }
    file.pending.erase(file.pending.begin(), kept);
  }

  void SyncNames(const std::string& directory, std::size_t up_to) {
    Pending kept;
    for (const auto& [at, change] : pending_names_) {
      if (at < up_to && change->TouchesNamesOf(directory)) {
        Survives(at, *change);
      } else {
        kept.emplace_back(at, change);
      }
    }
    pending_names_.swap(kept);
  }

  void Survives(std::size_t at, const Event& event) {
    const auto set = [&](const std::string& name, std::optional<File> file) {
      NameState& known = names_[name];
      if (known.at <= at) known = {at, file};
    };
    if (event.op == Op::kRename) {
      set(event.name, std::nullopt);
      set(event.to, event.file);
    } else {
      set(event.name, event.op == Op::kCreate ? std::optional(event.file) : std::nullopt);
    }
  }

  void CrashNames(const CrashChoice& choice, DiskImage& image) {
    std::map<std::string, std::size_t> counts;
    for (const auto& [at, event] : pending_names_) ++counts[ParentOf(event->name)];
    std::map<std::string, std::size_t> seen;
    std::vector<bool> survived;
    for (const auto& [at, event] : pending_names_) {
      const std::string parent = ParentOf(event->name);
      ++image.asked;
      survived.push_back(choice({event->name, true, seen[parent]++, counts[parent], true}));
      if (survived.back() && event->op == Op::kRename) KeepBefore(*event, survived);
    }
    for (std::size_t i = 0; i < survived.size(); ++i) {
      if (survived[i]) Survives(pending_names_[i].first, *pending_names_[i].second);
    }
  }

  // A rename does not overtake what was done to its directories before.
  void KeepBefore(const Event& rename, std::vector<bool>& survived) const {
    for (std::size_t i = 0; i < survived.size(); ++i) {
      const Event& earlier = *pending_names_[i].second;
      if (earlier.TouchesNamesOf(ParentOf(rename.name)) ||
          earlier.TouchesNamesOf(ParentOf(rename.to)))
        survived[i] = true;
    }
  }

  static std::string CrashFile(const std::string& name, bool newest, FileState& file,
                               const CrashChoice& choice, DiskImage& image) {
    std::string content = std::move(file.safe);
    for (std::size_t i = 0; i < file.pending.size(); ++i) {
      ++image.asked;
      if (choice({name, false, i, file.pending.size(), newest}))
        file.pending[i].second->ApplyTo(content);
    }
    return content;
  }

  File Newest() const {
    for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
      if (!file->second.pending.empty()) return file->first;
    }
    return kDirectory;
  }

  std::map<File, FileState> files_;
  std::map<std::string, NameState> names_;
  Pending pending_names_;
};

CrashLog::CrashLog(const std::filesystem::path& live) { Adopt(live); }

void CrashLog::Adopt(const std::filesystem::path& live) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(live)) {
    const std::string name = entry.path().lexically_relative(live).string();
    if (entry.is_directory()) {
      MadeDirectory(name);
    } else if (entry.is_regular_file()) {
      const File file = Created(name);
      Wrote(file, 0, ReadAll(entry.path()));
      Synced(file, step());
    } else {
      continue;
    }
    SyncedDirectory(ParentOf(name));
  }
}

void CrashLog::Record(Event event) {
  events_.push_back(std::make_shared<const Event>(std::move(event)));
}

std::size_t CrashLog::step() const {
  const std::lock_guard lock(mu_);
  return events_.size();
}

DiskImage CrashLog::ImageAt(std::size_t step, const CrashChoice& choice) const {
  std::vector<std::shared_ptr<const Event>> events;
  {
    const std::lock_guard lock(mu_);
    CAIRN_CHECK(step <= events_.size());
    events.assign(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(step));
  }
  return Replay(events).Crash(choice);
}

std::optional<CrashLog::File> CrashLog::Find(const std::string& name) const {
  const std::lock_guard lock(mu_);
  const auto found = names_.find(name);
  return found == names_.end() ? std::nullopt : std::optional(found->second);
}

CrashLog::File CrashLog::Created(const std::string& name) {
  const std::lock_guard lock(mu_);
  const File file = next_file_++;
  names_[name] = file;
  Record({.op = Event::Op::kCreate, .file = file, .name = name});
  return file;
}

void CrashLog::Wrote(File file, std::uint64_t offset, std::string_view data) {
  const std::lock_guard lock(mu_);
  Record({.op = Event::Op::kWrite, .file = file, .data = std::string(data), .offset = offset});
}

void CrashLog::Truncated(File file, std::uint64_t size) {
  const std::lock_guard lock(mu_);
  Record({.op = Event::Op::kTruncate, .file = file, .offset = size});
}

void CrashLog::Renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mu_);
  const auto moved = names_.extract(from);
  CAIRN_CHECK(!moved.empty());
  names_[to] = moved.mapped();
  Record({.op = Event::Op::kRename, .file = moved.mapped(), .name = from, .to = to});
}

void CrashLog::Removed(const std::string& name) {
  const std::lock_guard lock(mu_);
  names_.erase(name);
  Record({.op = Event::Op::kRemove, .name = name});
}

void CrashLog::MadeDirectory(const std::string& name) {
  const std::lock_guard lock(mu_);
  Record({.op = Event::Op::kCreate, .name = name});
}

void CrashLog::Synced(File file, std::size_t up_to) {
  const std::lock_guard lock(mu_);
  Record({.op = Event::Op::kSync, .file = file, .up_to = up_to});
}

void CrashLog::SyncedDirectory(const std::string& name) {
  const std::lock_guard lock(mu_);
  Record({.op = Event::Op::kSyncDirectory, .name = name, .up_to = events_.size()});
}

void DiskImage::Write(const std::filesystem::path& directory) const {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  std::filesystem::permissions(directory, std::filesystem::perms::owner_all);
  for (const std::string& name : directories) std::filesystem::create_directory(directory / name);
  for (const auto& [name, content] : files) {
    std::ofstream out(directory / name, std::ios::binary);
    out << content;
    CAIRN_CHECK(out.good());
  }
}

std::uint64_t DiskImage::Digest() const {
  Xxh3Stream stream;
  const auto add = [&](std::string_view text) {
    stream.Update(AsBytes(Big64(text.size())));
    stream.Update(AsBytes(text));
  };
  for (const std::string& name : directories) add(name);
  for (const auto& [name, content] : files) {
    add(name);
    add(content);
  }
  return stream.Current();
}

}  // namespace cairn
