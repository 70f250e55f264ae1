// What must hold for any payload of a blob, and for whatever happens to its file.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "base/random.h"
#include "storage/blob_format.h"
#include "storage/blob_store.h"
#include "storage/memory_blob_store.h"

namespace cairn::fuzz {

// An input is 4 bytes that say what happens and the rest, which is the payload.
enum class Damage { kNone, kFlip, kCut, kGrow, kSwap, kForeign, kCount };

inline bool IsRefusal(const Error& error) {
  return Is(error, ErrorCode::kCorruption) || Is(error, ErrorCode::kUnsupported);
}

// Reads all of it in pieces. False: it was refused; until then each byte was right.
inline bool ReadsBack(storage::MemoryBlobStore& blobs, const BlobId& id, std::string_view payload,
                      std::size_t piece) {
  auto opened = blobs.Open(id);
  if (opened.has_error()) {
    CAIRN_CHECK(IsRefusal(opened.error()));
    return false;
  }
  CAIRN_CHECK((*opened)->length() == payload.size());
  std::string out;
  for (std::uint64_t at = 0; at < payload.size(); at += piece) {
    const auto read = (*opened)->Read(at, piece, out);
    if (read.has_error()) {
      CAIRN_CHECK(IsRefusal(read.error()) && out.empty());
      return false;
    }
    CAIRN_CHECK(out == payload.substr(at, piece));
  }
  CAIRN_CHECK((*opened)->Read(payload.size(), piece, out).has_value() && out.empty());
  return true;
}

// The file after the damage; nullopt where this one does no harm.
inline std::optional<std::string> Damaged(std::string file, Damage damage, std::size_t place) {
  const std::size_t at = place % file.size();
  constexpr std::size_t kChunk = storage::kBlobChunk;
  switch (damage) {
    case Damage::kFlip:
      file[at] = static_cast<char>(file[at] ^ (1 << (place % 8)));
      return file;
    case Damage::kCut:
      return file.substr(0, at);
    case Damage::kGrow:
      return file.insert(at, 1, static_cast<char>(place >> 8));
    case Damage::kSwap:
      if (file.size() < 2 * kChunk || file.compare(0, kChunk, file, kChunk, kChunk) == 0)
        return std::nullopt;
      return file.substr(kChunk, kChunk) + file.substr(0, kChunk) + file.substr(2 * kChunk);
    default:
      return std::nullopt;
  }
}

inline void CheckBlob(std::string_view input) {
  if (input.size() < 4) return;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(input[i]); };
  const auto damage = static_cast<Damage>(byte(0) % static_cast<int>(Damage::kCount));
  std::string payload(input.substr(4));
  // Several chunks long, now and then: the payload, at the end of full ones.
  for (int chunk = 0; chunk < byte(3) % 4; ++chunk)
    payload.insert(0, storage::kBlobChunk, static_cast<char>('a' + chunk));

  SeededRandom random(1);
  storage::MemoryBlobStore blobs(random);
  const ContentId content = random.NewContentId(1'700'000'000'000);
  auto writer = std::move(blobs.Create(content)).value();
  const BlobId id = writer->id();
  if (damage == Damage::kForeign) {
    // Any bytes as a file: read or refused.
    blobs.SetFileBytes(id, payload);
    if (auto opened = blobs.Open(id); opened.has_value()) {
      std::string out;
      const auto read = (*opened)->Read(0, payload.size(), out);
      CAIRN_CHECK(read.has_value() ? out.size() == (*opened)->length() : IsRefusal(read.error()));
    }
    return;
  }
  CAIRN_CHECK(writer->Append(AsBytes(payload)).has_value() && writer->Finish().has_value());
  const std::size_t piece = 1 + (byte(3) >> 2) * std::size_t{3001};
  CAIRN_CHECK(ReadsBack(blobs, id, payload, piece));
  const std::string file = blobs.FileBytes(id);
  // Low and high places alike: the tail is what a parser reads.
  std::size_t place = byte(1) * std::size_t{256} + byte(2);
  if (byte(1) >= 128) place = file.size() - 1 - byte(2) % file.size();
  if (const auto changed = Damaged(file, damage, place); changed && *changed != file) {
    blobs.SetFileBytes(id, *changed);
    CAIRN_CHECK(!ReadsBack(blobs, id, payload, piece));
  }
  // It is nobody else's.
  const BlobId other = random.NewBlobId();
  blobs.SetFileBytes(other, file);
  CAIRN_CHECK(blobs.Open(other).has_error());
}

}  // namespace cairn::fuzz
