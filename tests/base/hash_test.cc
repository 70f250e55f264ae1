#include "base/hash.h"

#include <gtest/gtest.h>

namespace cairn {
namespace {

TEST(Hash, MatchesKnownVectors) {
  EXPECT_EQ(HashOf(HashKind::kSha1, "abc").hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(HashOf(HashKind::kSha1, "").hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(HashOf(HashKind::kMd5, "abc").hex, "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(HashOf(HashKind::kSha256, "abc").hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashOf(HashKind::kSha3_256, "abc").hex,
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
  EXPECT_EQ(HashOf(HashKind::kAdler32, "Wikipedia").hex, "11e60398");
  EXPECT_EQ(HashOf(HashKind::kAdler32, "").hex, "00000001");
}

TEST(Hash, HasNamesThatClientsRead) {
  for (HashKind kind : {HashKind::kSha1, HashKind::kMd5, HashKind::kSha256, HashKind::kSha3_256,
                        HashKind::kAdler32}) {
    EXPECT_EQ(HashKindFromName(Name(kind)), kind);
  }
  EXPECT_EQ(HashKindFromName("sha1"), HashKind::kSha1);
  EXPECT_EQ(HashKindFromName("Adler32"), HashKind::kAdler32);
  EXPECT_EQ(HashKindFromName("CRC32"), std::nullopt);
  EXPECT_EQ(HashKindFromName(""), std::nullopt);
}

TEST(Hasher, StreamsAndGoesOnAfterCurrent) {
  for (HashKind kind : {HashKind::kSha1, HashKind::kMd5, HashKind::kSha256, HashKind::kSha3_256,
                        HashKind::kAdler32}) {
    Hasher hasher(kind);
    hasher.Update(AsBytes("hello "));
    EXPECT_EQ(hasher.Current(), HashOf(kind, "hello "));
    hasher.Update(AsBytes(""));
    hasher.Update(AsBytes("world"));
    Hasher moved = std::move(hasher);
    EXPECT_EQ(moved.Current(), HashOf(kind, "hello world"));
    EXPECT_EQ(moved.Current(), HashOf(kind, "hello world"));
  }
}

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(ToHex(HmacSha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Sha256, GivesRawBytes) {
  EXPECT_EQ(ToHex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Xxh3, MatchesKnownVectors) {
  EXPECT_EQ(Xxh3(AsBytes("")), 0x2d06800538d394c2U);
  EXPECT_NE(Xxh3(AsBytes("a"), 1), Xxh3(AsBytes("a"), 2));
  EXPECT_NE(Xxh3(AsBytes("a")), Xxh3(AsBytes("b")));
}

}  // namespace
}  // namespace cairn
