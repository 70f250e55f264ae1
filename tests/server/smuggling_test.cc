// Heads and bodies that two parsers may read differently (T-40): refused, the connection closed,
// and what follows them never taken for a request.
#include <gmock/gmock.h>

#include "tests/server/test_server.h"

namespace cairn::server {
namespace {

using testing::Contains;
using testing::Not;

struct Vector {
  const char* name;
  std::string bytes;
  int status;  // of the only answer
};

std::ostream& operator<<(std::ostream& out, const Vector& vector) { return out << vector.name; }

constexpr const char* kMarker = "GET /marker HTTP/1.1\r\nHost: h\r\n\r\n";

std::string Head(const std::string& fields) {
  return "PUT /echo HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string Chunks(const std::string& chunks) {
  return Head("Transfer-Encoding: chunked\r\n") + chunks;
}

class SmugglingTest : public ServerTest, public testing::WithParamInterface<Vector> {};

TEST_P(SmugglingTest, IsRefusedAndClosed) {
  Start();
  RawClient client(port_);
  client.Send(GetParam().bytes + kMarker);
  const auto response = client.Receive();
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.Header("Connection"), "close");
  EXPECT_TRUE(client.SeesEnd());
  EXPECT_THAT(router_.seen(), Not(Contains("GET /marker")));
}

INSTANTIATE_TEST_SUITE_P(
    Heads, SmugglingTest,
    testing::Values(
        Vector{"length and chunked",
               Head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        Vector{"xchunked", Head("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n", 501},
        Vector{"identity", Head("Transfer-Encoding: identity\r\n"), 501},
        Vector{"chunked, identity", Head("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n",
               501},
        Vector{"gzip, chunked", Head("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 501},
        Vector{"two lengths", Head("Content-Length: 5\r\nContent-Length: 6\r\n") + "abcdef", 400},
        Vector{"signed length", Head("Content-Length: +5\r\n") + "abcde", 400},
        Vector{"list of lengths", Head("Content-Length: 5, 6\r\n") + "abcde", 400},
        Vector{"folded field", Head("X: a\r\n b\r\n"), 400},
        Vector{"space before colon", Head("Content-Length : 5\r\n") + "abcde", 400},
        Vector{"no host", "GET /echo HTTP/1.1\r\n\r\n", 400},
        Vector{"two hosts", "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Vector{"host with space", "GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        Vector{"raw non-ASCII target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Vector{"bare line feeds", "GET /echo HTTP/1.1\nHost: h\n\n", 400},
        Vector{"control character", Head(std::string("X: a\0b\r\n", 8)), 400}));

INSTANTIATE_TEST_SUITE_P(
    Bodies, SmugglingTest,
    testing::Values(
        Vector{"line feed ends chunk size", Chunks("3\nabc\r\n0\r\n\r\n"), 400},
        Vector{"line feed in extension", Chunks("3;a\nb\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"line feed in quoted extension", Chunks("3;a=\"\n\"\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"line feed after data", Chunks("3\r\nabc\n0\r\n\r\n"), 400},
        Vector{"line feed ends trailer", Chunks("0\r\nA: b\nC: d\r\n\r\n"), 400},
        Vector{"folded trailer", Chunks("0\r\nA: b\r\n c\r\n\r\n"), 400},
        Vector{"data longer than said", Chunks("3\r\nabcd\r\n0\r\n\r\n"), 400},
        Vector{"prefix 0x", Chunks("0x3\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"sign", Chunks("+3\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"negative", Chunks("-3\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"space before size", Chunks(" 3\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"no size", Chunks("\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"size over 64 bits", Chunks("10000000000000003\r\nabc\r\n0\r\n\r\n"), 400},
        Vector{"long extension", Chunks("3;a=" + std::string(5'000, 'b') + "\r\nabc\r\n0\r\n\r\n"),
               400},
        Vector{"long trailers", Chunks("0\r\nA: " + std::string(9'000, 'b') + "\r\n\r\n"), 400}));

}  // namespace
}  // namespace cairn::server
