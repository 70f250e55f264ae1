// What the doctor says, with a proxy in the way that does one thing wrong.
#include "server/doctor.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "server/router.h"
#include "server/tls_certificates.h"
#include "tests/server/test_server.h"
#include "tests/support/temp_directory.h"

namespace cairn::server {
namespace {

using testing::HasSubstr;

// A client behind a bad proxy: what it sends is changed before it gets out.
class Through final : public HttpClient {
 public:
  using Change = std::function<std::optional<int>(OutgoingRequest&)>;
  explicit Through(Change change) : change_(std::move(change)) {}
  Result<OutgoingAnswer> Send(const OutgoingRequest& request) override {
    OutgoingRequest changed = request;
    if (const auto status = change_(changed)) {
      OutgoingAnswer answer;
      answer.status = *status;
      answer.headers.Add("Location", "https://elsewhere.example/");
      return answer;
    }
    return client_->Send(changed);
  }

 private:
  const Change change_;
  const std::unique_ptr<HttpClient> client_ = MakeHttpClient({});
};

class RoundTripTest : public ServerTest {
 protected:
  void SetUp() override {
    server_ = std::make_unique<HttpServer>(options_, probes_, random_, clock_);
    const auto listening = server_->Listen(*conf::ParseListen("127.0.0.1:0"));
    ASSERT_TRUE(listening.has_value());
    board_.SetListening(*listening);
    base_ = conf::ListenText(listening->front());
    server_->Start();
  }
  void Trust(const std::string& network) {
    config_.trusted_proxies = {*conf::ParseNetwork(network)};
    edge_.trusted_proxies = config_.trusted_proxies;
    server_->SetEdge(edge_);
  }
  void Look(Through::Change change = [](OutgoingRequest&) { return std::nullopt; }) {
    Through client(std::move(change));
    findings_.clear();
    CheckRoundTrip(client, board_, config_, base_, findings_);
  }
  // "problem: The proxy ...".
  std::string Said(const std::string& check) const {
    for (const Finding& finding : findings_) {
      if (finding.check == "proxy." + check)
        return std::string(Name(finding.verdict)) + ": " + finding.text;
    }
    return "nothing";
  }
  static void Forward(OutgoingRequest& request, const std::string& address) {
    request.headers.Set("X-Forwarded-For", address);
    request.headers.Set("X-Forwarded-Proto", "http");
  }

  ProbeBoard board_{random_};
  Router probes_{{{kProbePath, Match::kPrefix, false, &board_}}, ""};
  conf::Config config_;
  std::string base_;
  Findings findings_;
};

TEST_F(RoundTripTest, WithoutAProxyEverythingIsGood) {
  Look();
  EXPECT_THAT(Said("reach"), HasSubstr("without a proxy"));
  for (const char* check : {"reach", "https", "methods", "headers", "names", "bodies", "chunked"})
    EXPECT_THAT(Said(check), testing::StartsWith("good: ")) << check;
  EXPECT_THAT(Said("address"), testing::StartsWith("skipped: "));
}

TEST_F(RoundTripTest, AGoodProxyIsGood) {
  Trust("127.0.0.1");
  Look([](OutgoingRequest& request) {
    Forward(request, "198.51.100.4");
    return std::nullopt;
  });
  EXPECT_THAT(Said("reach"), HasSubstr("through a reverse proxy"));
  EXPECT_THAT(Said("address"), testing::StartsWith("good: "));
}

TEST_F(RoundTripTest, AProxyThatIsNotTrustedIsNamed) {
  Look([](OutgoingRequest& request) {
    Forward(request, "198.51.100.4");
    return std::nullopt;
  });
  EXPECT_THAT(Said("address"), HasSubstr("trusted_proxies --value=127.0.0.1"));
}

TEST_F(RoundTripTest, AProxyThatPassesClaimsOnIsFound) {
  Trust("127.0.0.1");
  Look([](OutgoingRequest& request) {
    request.headers.Set("Via", "1.1 proxy");
    return std::nullopt;
  });
  EXPECT_THAT(Said("address"), HasSubstr("claim to be anybody"));
}

TEST_F(RoundTripTest, AProxyThatKeepsTheAddressIsFound) {
  Trust("127.0.0.1");
  Look([](OutgoingRequest& request) {
    request.headers.Remove("X-Forwarded-For");
    return std::nullopt;
  });
  EXPECT_THAT(Said("address"), HasSubstr("let it set X-Forwarded-For"));
}

TEST_F(RoundTripTest, HttpsThatIsNotToldOrNotBelievedIsFound) {
  const std::string there = base_;
  base_ = "https" + base_.substr(4);
  const auto to_plain = [&](OutgoingRequest& request) {
    request.url = there + request.url.substr(base_.size());
    return std::optional<int>();
  };
  Look(to_plain);
  EXPECT_THAT(Said("https"), HasSubstr("let it set X-Forwarded-Proto"));
  const auto told = [&](OutgoingRequest& request) {
    request.headers.Set("X-Forwarded-Proto", "https");
    return to_plain(request);
  };
  Look(told);
  EXPECT_THAT(Said("https"), HasSubstr("trusted_proxies"));
  Trust("127.0.0.1");
  Look(told);
  EXPECT_THAT(Said("https"), testing::StartsWith("good: "));
}

TEST_F(RoundTripTest, MethodsThatDoNotPassAreListed) {
  Look([](OutgoingRequest& request) {
    const bool stopped = request.method == "LOCK" || request.method == "MOVE";
    return stopped ? std::optional<int>(405) : std::nullopt;
  });
  EXPECT_THAT(Said("methods"), HasSubstr("do not pass: MOVE, LOCK."));
}

TEST_F(RoundTripTest, ShortLimitsAreFound) {
  Look([](OutgoingRequest& request) -> std::optional<int> {
    if (request.headers.Get("X-Probe").size() > 4'000) return 400;
    if (request.body_length.value_or(0) > (1 << 20)) return 413;
    if (request.url.find('%') != std::string::npos) request.url.erase(request.url.find("%23"), 3);
    return std::nullopt;
  });
  EXPECT_THAT(Said("headers"), HasSubstr("problem: A header of 7000 bytes does not pass"));
  EXPECT_THAT(Said("names"), HasSubstr("problem: A name with special characters"));
  EXPECT_THAT(Said("bodies"), HasSubstr("status 413"));
}

TEST_F(RoundTripTest, AProxyThatKeepsUploadsIsFound) {
  Look([](OutgoingRequest& request) {
    if (request.body) {
      // All of the body is taken before the first byte goes on.
      auto whole = std::make_shared<std::string>();
      std::string room(1 << 16, '\0');
      while (const std::size_t size = request.body(room)) whole->append(room, 0, size);
      request.body = [whole, at = std::size_t{0}](std::span<char> out) mutable {
        const std::size_t size = whole->copy(out.data(), out.size(), at);
        at += size;
        return size;
      };
    }
    return std::optional<int>();
  });
  EXPECT_THAT(Said("bodies"), HasSubstr("hint: The proxy keeps an upload"));
  EXPECT_THAT(Said("chunked"), testing::StartsWith("good: "));
}

TEST_F(RoundTripTest, WhatAnswersInsteadIsExplained) {
  const std::vector<std::pair<int, std::string>> cases = {
      {301, "redirect to https://elsewhere.example/"},
      {401, "login of its own"},
      {404, "another server or another Cairn"},
      {200, "another server or another Cairn"},
      {502, "does not reach Cairn"},
      {418, "answers 418"}};
  for (const auto& [status, text] : cases) {
    Look([status = status](OutgoingRequest&) { return std::optional<int>(status); });
    EXPECT_THAT(Said("reach"), HasSubstr(text)) << status;
    EXPECT_EQ(findings_.size(), 1u);
  }
  server_.reset();
  Look();
  EXPECT_THAT(Said("reach"), HasSubstr("cannot be reached from this machine"));
}

TEST_F(RoundTripTest, NothingIsThereForAnybodyElse) {
  RawClient client(static_cast<std::uint16_t>(std::stoi(base_.substr(base_.rfind(':') + 1))));
  EXPECT_EQ(
      client.Exchange(Get(std::string(kProbePath) + "/00112233445566778899aabbccddeeff")).status,
      404);
  EXPECT_EQ(client.Exchange(Get(std::string(kProbePath))).status, 404);
  std::string path;
  {
    const ProbeBoard::Probe probe(board_);
    path = probe.path();
    EXPECT_EQ(client.Exchange(Get(path)).body, probe.answer());
  }
  EXPECT_EQ(client.Exchange(Get(path)).status, 404);
}

class LocalChecksTest : public testing::Test {
 protected:
  LocalChecksTest() {
    config_.data_dir = directory_.path() / "data";
    std::filesystem::create_directory(config_.data_dir);
    ::chmod(config_.data_dir.c_str(), 0700);
    std::filesystem::create_directory(config_.data_dir / "meta");
  }
  Finding Last() const { return findings_.empty() ? Finding() : findings_.back(); }

  TempDirectory directory_;
  conf::Config config_;
  Findings findings_;
};

TEST_F(LocalChecksTest, APublicDataDirectoryIsAProblem) {
  ::chmod(config_.data_dir.c_str(), 0755);
  CheckDataDirectory(config_, findings_);
  EXPECT_EQ(findings_.front().verdict, Verdict::kProblem);
  EXPECT_THAT(findings_.front().text, HasSubstr("chmod 0700"));
  findings_.clear();
  config_.data_dir = directory_.path() / "none";
  CheckDataDirectory(config_, findings_);
  EXPECT_EQ(Last().verdict, Verdict::kProblem);
}

TEST_F(LocalChecksTest, AScarceDiskIsToldBeforeAndAtTheReserve) {
  const auto look = [&](std::uint64_t reserve) {
    config_.storage.reserve_bytes = reserve;
    storage::Faults faults(config_.data_dir.string(), reserve, nullptr);
    findings_.clear();
    CheckDisk(faults, config_, findings_);
    return Last().verdict;
  };
  EXPECT_EQ(look(0), Verdict::kGood);
  storage::Faults now(config_.data_dir.string(), 0, nullptr);
  EXPECT_EQ(look(now.free_bytes() / 2), Verdict::kHint);
  EXPECT_EQ(look(std::uint64_t{1} << 60), Verdict::kProblem);
}

TEST_F(LocalChecksTest, CertificatesAreRead) {
  CheckCertificate(config_, findings_);
  EXPECT_EQ(Last().verdict, Verdict::kSkipped);
  config_.listen = {*conf::ParseListen("https://127.0.0.1:8443")};
  config_.tls.self_signed = true;
  CheckCertificate(config_, findings_);
  EXPECT_THAT(Last().text, HasSubstr("holds no certificate"));
  ASSERT_TRUE(SelfSigned(config_.data_dir, {"cloud.example.org"}).has_value());
  config_.public_url = "https://cloud.example.org/files";
  findings_.clear();
  CheckCertificate(config_, findings_);
  ASSERT_EQ(findings_.size(), 1u);
  EXPECT_THAT(Last().text, HasSubstr("self-signed"));
  config_.public_url = "https://other.example.org";
  findings_.clear();
  CheckCertificate(config_, findings_);
  EXPECT_THAT(findings_.front().text, HasSubstr("is not for other.example.org"));
}

TEST_F(LocalChecksTest, AClockThatWasSetBackIsAProblem) {
  FakeClock clock;  // in 2023
  CheckClock(config_, clock, findings_);
  EXPECT_THAT(Last().text, HasSubstr("years behind"));
  const SystemClock system;
  CheckClock(config_, system, findings_);
  EXPECT_EQ(Last().verdict, Verdict::kGood);
  FakeClock behind(system.NowMillis() - 3'600'000);
  CheckClock(config_, behind, findings_);
  EXPECT_THAT(Last().text, HasSubstr("set back"));
}

TEST_F(LocalChecksTest, SettingsThatSurpriseAreHints) {
  conf::Loaded loaded;
  loaded.config = config_;
  loaded.warnings = {"the variable CAIRN_LISTN is no setting"};
  loaded.config.maintenance = true;
  CheckSettings(loaded, findings_);
  ASSERT_EQ(findings_.size(), 3u);
  loaded.config.public_url = "https://cloud.example.org";
  loaded.config.maintenance = false;
  loaded.warnings.clear();
  findings_.clear();
  CheckSettings(loaded, findings_);
  EXPECT_EQ(Last().verdict, Verdict::kGood);
}

}  // namespace
}  // namespace cairn::server
