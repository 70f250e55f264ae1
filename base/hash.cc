#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>

#include "base/error.h"

namespace cairn {
namespace {

struct KindRow {
  HashKind kind;
  std::string_view name;
  const EVP_MD* (*digest)();
};
constexpr std::array<KindRow, 5> kKinds{{
    {HashKind::kSha1, "SHA1", &EVP_sha1},
    {HashKind::kMd5, "MD5", &EVP_md5},
    {HashKind::kSha256, "SHA256", &EVP_sha256},
    {HashKind::kSha3_256, "SHA3-256", &EVP_sha3_256},
    {HashKind::kAdler32, "ADLER32", nullptr},
}};

const KindRow& RowOf(HashKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view Name(HashKind kind) { return RowOf(kind).name; }

std::optional<HashKind> HashKindFromName(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (EqualsIgnoreCase(name, row.name)) return row.kind;
  }
  return std::nullopt;
}

struct Hasher::State {
  EVP_MD_CTX* context = nullptr;
  uLong adler = adler32(0, nullptr, 0);
  ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher(HashKind kind) : kind_(kind), state_(std::make_unique<State>()) {
  if (kind == HashKind::kAdler32) return;
  state_->context = EVP_MD_CTX_new();
  CAIRN_CHECK(state_->context != nullptr &&
              EVP_DigestInit_ex(state_->context, RowOf(kind).digest(), nullptr) == 1);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::Update(Bytes data) {
  if (kind_ == HashKind::kAdler32) {
    state_->adler =
        adler32_z(state_->adler, reinterpret_cast<const Bytef*>(data.data()), data.size());
    return;
  }
  CAIRN_CHECK(EVP_DigestUpdate(state_->context, data.data(), data.size()) == 1);
}

Checksum Hasher::Current() const {
  if (kind_ == HashKind::kAdler32) {
    std::string raw;
    for (int shift = 24; shift >= 0; shift -= 8)
      raw.push_back(static_cast<char>(state_->adler >> shift));
    return {kind_, ToHex(raw)};
  }
  EVP_MD_CTX* copy = EVP_MD_CTX_new();
  std::string raw(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  CAIRN_CHECK(copy != nullptr && EVP_MD_CTX_copy_ex(copy, state_->context) == 1 &&
              EVP_DigestFinal_ex(copy, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1);
  EVP_MD_CTX_free(copy);
  raw.resize(size);
  return {kind_, ToHex(raw)};
}

Checksum HashOf(HashKind kind, std::string_view data) {
  Hasher hasher(kind);
  hasher.Update(AsBytes(data));
  return hasher.Current();
}

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string out(32, '\0');
  unsigned int size = 0;
  CAIRN_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                   reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                   reinterpret_cast<unsigned char*>(out.data()), &size) != nullptr);
  return out;
}

std::string Sha256(std::string_view data) { return *FromHex(HashOf(HashKind::kSha256, data).hex); }

std::uint64_t Xxh3(Bytes data, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

struct Xxh3Stream::State {
  XXH3_state_t xxh;
};

Xxh3Stream::Xxh3Stream(std::uint64_t seed) : state_(std::make_unique<State>()) {
  XXH3_INITSTATE(&state_->xxh);
  XXH3_64bits_reset_withSeed(&state_->xxh, seed);
}
Xxh3Stream::~Xxh3Stream() = default;
Xxh3Stream::Xxh3Stream(Xxh3Stream&&) noexcept = default;
Xxh3Stream& Xxh3Stream::operator=(Xxh3Stream&&) noexcept = default;

void Xxh3Stream::Update(Bytes data) { XXH3_64bits_update(&state_->xxh, data.data(), data.size()); }
std::uint64_t Xxh3Stream::Current() const { return XXH3_64bits_digest(&state_->xxh); }

}  // namespace cairn
