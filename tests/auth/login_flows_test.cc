#include "auth/login_flows.h"

#include <thread>

#include "tests/auth/auth_case.h"

namespace cairn::auth {
namespace {

using namespace std::chrono_literals;

class LoginFlowsTest : public AuthCase {
 protected:
  StartedFlow Start() {
    auto started = flows_.Start("Phone");
    EXPECT_TRUE(started.has_value());
    return started.has_value() ? *started : StartedFlow();
  }
  bool Waits(std::string_view login_token) {
    return flows_.Find(*View(), login_token)->has_value();
  }
  Result<void> Grant(const StartedFlow& flow, std::string_view user) {
    return flows_.Grant(flow.login_token, UserId{Record(user)->id()}, Record(user)->version());
  }
  std::optional<FetchedLogin> Fetch(std::string_view poll_token) {
    auto fetched = flows_.Fetch(poll_token);
    EXPECT_TRUE(fetched.has_value());
    return fetched.has_value() ? *fetched : std::nullopt;
  }

  LoginFlows flows_{engine_.kv(), clock_, random_};
};

TEST_F(LoginFlowsTest, TheDeviceGetsAnAppPasswordOnce) {
  Add("Alice");
  const StartedFlow flow = Start();
  EXPECT_EQ(flow.poll_token.size(), LoginFlows::kPollTokenLength);
  EXPECT_NE(flow.poll_token, flow.login_token);
  EXPECT_TRUE(Waits(flow.login_token));
  EXPECT_FALSE(Fetch(flow.poll_token));
  ASSERT_TRUE(Grant(flow, "alice").has_value());
  EXPECT_EQ(Rows(storage::Table::kTokens), 0u);  // none lies in wait
  const auto fetched = Fetch(flow.poll_token);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->login_name, "Alice");
  EXPECT_TRUE(
      authenticator_.CheckSlow({Basic("alice", fetched->app_password)}, *View()).has_value());
  EXPECT_FALSE(Fetch(flow.poll_token));
  EXPECT_EQ(Rows(storage::Table::kTokens), 1u);
  EXPECT_EQ(Rows(storage::Table::kLoginFlows) + Rows(storage::Table::kLoginTokens), 0u);
}

TEST_F(LoginFlowsTest, NeitherTokenDoesTheOthersWork) {
  Add("alice");
  const StartedFlow flow = Start();
  EXPECT_FALSE(Waits(flow.poll_token));
  ASSERT_TRUE(Grant(flow, "alice").has_value());
  EXPECT_FALSE(Fetch(flow.login_token));
}

TEST_F(LoginFlowsTest, ParallelPollsGetItOnce) {
  Add("alice");
  const StartedFlow flow = Start();
  ASSERT_TRUE(Grant(flow, "alice").has_value());
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { got += flows_.Fetch(flow.poll_token)->has_value() ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(got, 1);
  EXPECT_EQ(Rows(storage::Table::kTokens), 1u);
}

TEST_F(LoginFlowsTest, IsGrantedOnce) {
  Add("alice");
  Add("bob");
  const StartedFlow flow = Start();
  ASSERT_TRUE(Grant(flow, "alice").has_value());
  EXPECT_FALSE(Waits(flow.login_token));
  EXPECT_EQ(CodeOf(Grant(flow, "bob")), ErrorCode::kNotFound);
  EXPECT_EQ(Fetch(flow.poll_token)->login_name, "alice");
}

TEST_F(LoginFlowsTest, IsOverAfterTwentyMinutes) {
  Add("alice");
  const StartedFlow early = Start();
  const StartedFlow granted = Start();
  ASSERT_TRUE(Grant(granted, "alice").has_value());
  clock_.Advance(20min - 1s);
  EXPECT_TRUE(Waits(early.login_token));
  EXPECT_TRUE(*flows_.IsKnown(*View(), early.poll_token));
  clock_.Advance(1s);
  EXPECT_FALSE(Waits(early.login_token));
  EXPECT_FALSE(*flows_.IsKnown(*View(), early.poll_token));
  EXPECT_EQ(CodeOf(Grant(early, "alice")), ErrorCode::kNotFound);
  EXPECT_FALSE(Fetch(granted.poll_token));
  EXPECT_EQ(*flows_.ExpireStep(1), 1u);
  EXPECT_EQ(*flows_.ExpireStep(10), 1u);
  EXPECT_EQ(Rows(storage::Table::kLoginFlows) + Rows(storage::Table::kLoginTokens), 0u);
}

TEST_F(LoginFlowsTest, AUserWhoChangedInBetweenGivesNothing) {
  const UserId alice = Add("alice");
  const std::uint64_t version = Record("alice")->version();
  const StartedFlow granted = Start();
  const StartedFlow waiting = Start();
  ASSERT_TRUE(Grant(granted, "alice").has_value());
  ASSERT_TRUE(users_.SetPassword(alice, "another one").has_value());
  EXPECT_FALSE(Fetch(granted.poll_token));
  EXPECT_EQ(CodeOf(flows_.Grant(waiting.login_token, alice, version)), ErrorCode::kUnauthenticated);
  ASSERT_TRUE(Grant(waiting, "alice").has_value());
  ASSERT_TRUE(users_.SetDisabled(alice, true).has_value());
  EXPECT_FALSE(Fetch(waiting.poll_token));
  EXPECT_EQ(Rows(storage::Table::kTokens), 0u);
}

TEST_F(LoginFlowsTest, TheStoreHasNoToken) {
  Add("alice");
  const StartedFlow flow = Start();
  for (const storage::Table table : {storage::Table::kLoginFlows, storage::Table::kLoginTokens}) {
    auto search = [&](std::string_view key, std::string_view value) {
      for (const std::string& secret : {flow.poll_token, flow.login_token}) {
        EXPECT_EQ(key.find(secret), std::string_view::npos);
        EXPECT_EQ(value.find(secret), std::string_view::npos);
      }
      return true;
    };
    ASSERT_TRUE(View()->Scan(table, {}, {}, search).has_value());
  }
}

}  // namespace
}  // namespace cairn::auth
