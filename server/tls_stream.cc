#include "server/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cairn::server {
namespace {

constexpr std::size_t kRecord = 16 * 1024;  // the most that a TLS record holds

std::string LastError() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
  return text.data();
}

}  // namespace

TlsStream::TlsStream(StreamSocket socket, Session session)
    : SocketStream(std::move(socket)), session_(std::move(session)) {
  SSL_set_fd(session_.get(), fd());
  SSL_set_accept_state(session_.get());
}

SocketStream::Attempt TlsStream::Failed(int code) {
  switch (SSL_get_error(session_.get(), code)) {
    case SSL_ERROR_WANT_READ:
      return {Outcome::kWantRead, 0, {}};
    case SSL_ERROR_WANT_WRITE:
      return {Outcome::kWantWrite, 0, {}};
    case SSL_ERROR_ZERO_RETURN:
      return {Outcome::kEnd, 0, {}};
    default:
      broken_ = true;
      return {Outcome::kFailed, 0, LastError()};
  }
}

SocketStream::Attempt TlsStream::TryRead(std::span<char> room) {
  ERR_clear_error();
  std::size_t size = 0;
  const int code = SSL_read_ex(session_.get(), room.data(), room.size(), &size);
  if (code == 1) return {Outcome::kDone, size, {}};
  return Failed(code);
}

SocketStream::Attempt TlsStream::TryWrite(std::span<const std::string_view> pieces) {
  // Small pieces share a record: a head and its short body go out together. (A repeated attempt
  // comes with the same pieces.)
  std::string_view bytes = pieces.front();
  if (bytes.size() < kRecord && pieces.size() > 1) {
    gathered_.clear();
    for (const std::string_view piece : pieces)
      gathered_.append(piece.substr(0, kRecord - gathered_.size()));
    bytes = gathered_;
  }
  ERR_clear_error();
  std::size_t size = 0;
  const int code = SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
  if (code == 1) return {Outcome::kDone, size, {}};
  return Failed(code);
}

void TlsStream::SayGoodbye() {
  if (broken_ || SSL_in_init(session_.get()) != 0) return;
  ERR_clear_error();
  SSL_shutdown(session_.get());  // what the socket does not take at once is not worth waiting for
}

}  // namespace cairn::server
