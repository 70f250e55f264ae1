// The server's certificate, and the TLS settings that all connections share: TLS 1.2 and 1.3,
// forward secrecy and authenticated ciphers only, no renegotiation, no compression.
//
// Thread-safe. Reload reads the files again; running connections keep what they began with.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/error.h"
#include "server/tls_stream.h"

namespace cairn::server {

struct CertificateFiles {
  std::filesystem::path certificate;  // PEM: the server's, then the chain
  std::filesystem::path key;          // PEM, unencrypted
};

class TlsCertificates {
 public:
  // kInvalidArgument: not PEM, a key that does not fit, a key that everybody may read; kIo.
  static Result<std::unique_ptr<TlsCertificates>> Load(CertificateFiles files);

  // After an error the earlier certificate stays.
  Result<void> Reload();
  // Reload if a file has changed since it was read. False: it has not.
  Result<bool> ReloadIfChanged();

  TlsStream::Session NewSession() const;

 private:
  struct Freed {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  using Stamp = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  explicit TlsCertificates(CertificateFiles files) : files_(std::move(files)) {}
  Stamp StampOf() const;

  const CertificateFiles files_;
  mutable std::mutex mu_;
  std::unique_ptr<SSL_CTX, Freed> context_;  // guarded by mu_
  Stamp stamp_;                              // of what was read; guarded by mu_
};

// DIR/tls/certificate.pem and key.pem, made when they are not there: a P-256 key, self-signed for
// `names` (host names and IP addresses), valid for ten years. kIo.
Result<CertificateFiles> SelfSigned(const std::filesystem::path& data_dir,
                                    const std::vector<std::string>& names);

}  // namespace cairn::server
