#include <gmock/gmock.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "server/tls_certificates.h"
#include "tests/server/test_server.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_client.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

class TlsTest : public ServerTest {
 protected:
  TlsTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as `cairn serve` does: OpenSSL writes with write(2)
    files_ = *SelfSigned(directory_.path(), {"cloud.example", "127.0.0.1"});
    certificates_ = *TlsCertificates::Load(files_);
    options_.certificates = certificates_.get();
  }
  ~TlsTest() override { server_.reset(); }

  const TempDirectory directory_;
  CertificateFiles files_;
  std::unique_ptr<TlsCertificates> certificates_;
};

TEST_F(TlsTest, CarriesRequestsInBothDirections) {
  Start("https://127.0.0.1:0");
  TlsClient client(port_);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.protocol(), "TLSv1.3");
  EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello");
  std::string body(5'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  const RawResponse echo = client.Exchange(Put("/echo", body));
  EXPECT_TRUE(echo.complete);
  EXPECT_TRUE(echo.body == body);
  EXPECT_EQ(client.Exchange(Get("/hello")).body, "hello") << "the connection goes on";
}

TEST_F(TlsTest, OldVersionsAreRefused) {
  Start("https://127.0.0.1:0");
  TlsClient tls12(port_, TLS1_2_VERSION);
  ASSERT_TRUE(tls12.connected());
  EXPECT_THAT(
      tls12.cipher(),
      testing::AllOf(HasSubstr("ECDHE"), testing::AnyOf(HasSubstr("GCM"), HasSubstr("CHACHA20"))));
  EXPECT_EQ(tls12.Exchange(Get("/hello")).status, 200);
  EXPECT_FALSE(TlsClient(port_, TLS1_1_VERSION).connected());
  EXPECT_FALSE(TlsClient(port_, TLS1_VERSION).connected());
}

TEST_F(TlsTest, PlainHttpOnATlsPortEnds) {
  Start("https://127.0.0.1:0");
  RawClient client(port_);
  EXPECT_EQ(client.Exchange(Get("/hello")).status, 0);
  EXPECT_TRUE(router_.seen().empty());
  TlsClient next(port_);
  EXPECT_EQ(next.Exchange(Get("/hello")).status, 200);
}

TEST_F(TlsTest, ClosingSaysGoodbye) {
  Start("https://127.0.0.1:0");
  TlsClient client(port_);
  EXPECT_EQ(client.Exchange(Get("/hello", "Connection: close\r\n")).status, 200);
  client.ReceiveAll();
  EXPECT_TRUE(client.SawGoodbye());
}

TEST_F(TlsTest, AStalledHandshakeEnds) {
  options_.limits.head = std::chrono::milliseconds(200);
  Start("https://127.0.0.1:0");
  RawClient client(port_);
  client.Send("\x16\x03\x01");  // the beginning of a client hello
  EXPECT_TRUE(client.SeesEnd());
}

TEST_F(TlsTest, StrictTransportSecurityIsSentOverTlsOnly) {
  edge_.hsts = std::chrono::hours(1);
  Start("https://127.0.0.1:0");
  EXPECT_EQ(TlsClient(port_).Exchange(Get("/hello")).Header("Strict-Transport-Security"),
            "max-age=3600; includeSubDomains");
  server_.reset();
  Start();
  EXPECT_FALSE(RawClient(port_).Exchange(Get("/hello")).Has("Strict-Transport-Security"));
}

TEST_F(TlsTest, ANewCertificateIsTakenUpForNewConnections) {
  Start("https://127.0.0.1:0");
  TlsClient before(port_);
  const std::string first = before.Certificate();
  EXPECT_EQ(TlsClient(port_).Certificate(), first);
  EXPECT_EQ(certificates_->ReloadIfChanged().value(), false);

  const TempDirectory elsewhere;
  const auto other = *SelfSigned(elsewhere.path(), {"other.example"});
  std::filesystem::rename(other.key, files_.key);
  std::filesystem::rename(other.certificate, files_.certificate);
  EXPECT_EQ(certificates_->ReloadIfChanged().value(), true);
  EXPECT_NE(TlsClient(port_).Certificate(), first);
  EXPECT_EQ(before.Exchange(Get("/hello")).status, 200) << "running connections go on";
}

TEST_F(TlsTest, ABadCertificateLeavesTheOldOne) {
  Start("https://127.0.0.1:0");
  const std::string first = TlsClient(port_).Certificate();
  std::ofstream(files_.certificate) << "nonsense";
  EXPECT_TRUE(certificates_->Reload().has_error());
  EXPECT_EQ(TlsClient(port_).Certificate(), first);
}

TEST_F(TlsTest, ListeningWithoutACertificateIsRefused) {
  options_.certificates = nullptr;
  HttpServer server(options_, router_, random_, clock_);
  EXPECT_TRUE(server.Listen(*conf::ParseListen("https://127.0.0.1:0")).has_error());
}

TEST(TlsFiles, SelfSignedOnesAreKeptAndPrivate) {
  const TempDirectory directory;
  const auto files = *SelfSigned(directory.path(), {"cloud.example", "::1"});
  struct stat status {};
  ASSERT_EQ(::stat(files.key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto made = std::filesystem::last_write_time(files.certificate);
  const auto again = *SelfSigned(directory.path(), {"cloud.example"});
  EXPECT_EQ(again.certificate, files.certificate);
  EXPECT_EQ(std::filesystem::last_write_time(files.certificate), made);
}

TEST(TlsFiles, WhatDoesNotFitIsRefusedWithItsName) {
  const TempDirectory one, two;
  const auto first = *SelfSigned(one.path(), {"a.example"});
  const auto second = *SelfSigned(two.path(), {"b.example"});
  const auto refusal = [](const CertificateFiles& files) {
    const auto loaded = TlsCertificates::Load(files);
    return loaded.has_error() ? loaded.error().message : "accepted";
  };
  EXPECT_EQ(refusal(first), "accepted");
  EXPECT_THAT(refusal({first.certificate, second.key}), HasSubstr(second.key.string()));
  EXPECT_THAT(refusal({"/nonexistent.pem", first.key}), HasSubstr("/nonexistent.pem"));
  EXPECT_THAT(refusal({first.certificate, "/nonexistent.pem"}), HasSubstr("no such file"));
  ::chmod(first.key.c_str(), 0644);
  EXPECT_THAT(refusal(first), HasSubstr("everybody may read this key"));
}

}  // namespace
}  // namespace cairn::server
