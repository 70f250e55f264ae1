#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"

namespace cairn {

std::string Random::Bytes(std::size_t size) {
  std::string out(size, '\0');
  Fill(out.data(), out.size());
  return out;
}

std::uint64_t Random::Uint64() {
  std::uint64_t value = 0;
  Fill(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

std::string Random::Text(std::size_t length, std::string_view alphabet) {
  CAIRN_CHECK(!alphabet.empty() && alphabet.size() <= 256);
  const std::size_t limit = 256 - 256 % alphabet.size();  // reject above: no bias
  std::string out;
  while (out.size() < length) {
    for (char c : Bytes(length - out.size() + 8)) {
      const auto value = static_cast<unsigned char>(c);
      if (value < limit && out.size() < length) out.push_back(alphabet[value % alphabet.size()]);
    }
  }
  return out;
}

BlobId Random::NewBlobId() {
  BlobId id;
  Fill(id.bytes.data(), id.bytes.size());
  return id;
}

ContentId Random::NewContentId(std::int64_t now_millis) {
  ContentId id;
  Fill(id.bytes.data(), id.bytes.size());
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<char>(now_millis >> (40 - 8 * static_cast<int>(i)));
  }
  return id;
}

void SystemRandom::Fill(char* out, std::size_t size) {
  while (size > 0) {
    const ssize_t got = ::getrandom(out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    CAIRN_CHECK(got > 0);
    out += got;
    size -= static_cast<std::size_t>(got);
  }
}

void SeededRandom::Fill(char* out, std::size_t size) {
  std::lock_guard lock(mu_);
  while (size > 0) {
    const std::uint64_t value = engine_();
    const std::size_t step = std::min(size, sizeof value);
    std::memcpy(out, &value, step);
    out += step;
    size -= step;
  }
}

}  // namespace cairn
