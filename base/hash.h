// Checksums: the door to libcrypto's digests, zlib's Adler-32 and XXH3.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cairn {

enum class HashKind { kSha1, kMd5, kSha256, kSha3_256, kAdler32 };

// "SHA1", "MD5", "SHA256", "SHA3-256", "ADLER32": the spelling that clients read.
std::string_view Name(HashKind kind);
// Any letter case; nullopt for an algorithm Cairn does not know.
std::optional<HashKind> HashKindFromName(std::string_view name);

// A checksum as OC-Checksum carries it: algorithm and lower-case hex.
struct Checksum {
  HashKind kind = HashKind::kSha1;
  std::string hex;
  bool operator==(const Checksum&) const = default;
};

// Streaming digest. Not thread-safe.
class Hasher {
 public:
  explicit Hasher(HashKind kind);
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;

  void Update(Bytes data);
  // The checksum of all bytes so far; the hasher goes on as if not asked.
  Checksum Current() const;
  HashKind kind() const { return kind_; }

 private:
  HashKind kind_;
  struct State;
  std::unique_ptr<State> state_;
};

Checksum HashOf(HashKind kind, std::string_view data);
std::string HmacSha256(std::string_view key, std::string_view data);  // 32 bytes
std::string Sha256(std::string_view data);                            // 32 bytes

std::uint64_t Xxh3(Bytes data, std::uint64_t seed = 0);

// The same over bytes that come in pieces. Not thread-safe.
class Xxh3Stream {
 public:
  explicit Xxh3Stream(std::uint64_t seed = 0);
  ~Xxh3Stream();
  Xxh3Stream(Xxh3Stream&&) noexcept;
  Xxh3Stream& operator=(Xxh3Stream&&) noexcept;

  void Update(Bytes data);
  std::uint64_t Current() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cairn
