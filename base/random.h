// Randomness as a dependency. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include "base/ids.h"

namespace cairn {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(char* out, std::size_t size) = 0;

  std::string Bytes(std::size_t size);
  std::uint64_t Uint64();
  // `length` characters out of `alphabet` (at most 256 of them), without bias.
  std::string Text(std::size_t length, std::string_view alphabet);
  BlobId NewBlobId();
  // 48 bits of `now_millis`, then random bits: later contents sort after earlier ones.
  ContentId NewContentId(std::int64_t now_millis);
};

// The operating system's generator: for ids and secrets.
class SystemRandom final : public Random {
 public:
  void Fill(char* out, std::size_t size) override;
};

// Repeatable, for tests: equal seeds give equal bytes.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void Fill(char* out, std::size_t size) override;

 private:
  std::mutex mu_;
  std::mt19937_64 engine_;  // guarded by mu_
};

}  // namespace cairn
