#include "server/cli.h"

#include "auth/password_hash.h"
#include "server/cli_main.h"
#include "storage/commit.h"
#include "storage/records.h"
#include "tests/server/cli_case.h"

namespace cairn::server {
namespace {

class CliTest : public CliCase {
 protected:
  std::optional<storage::User> Record(std::string_view name) {
    return *users_.FindByName(*engine_.kv().Published(), name);
  }
  bool PasswordIs(std::string_view name, std::string_view password) {
    return auth::VerifyPassword(Record(name)->password_hash(), password);
  }
};

// Jobs without a scheduler.
class TestJobs final : public JobControl {
 public:
  std::vector<JobStatus> List() const override {
    JobStatus job;
    job.name = "purge";
    job.period = std::chrono::seconds(15);
    job.last_run = 1'700'000'000'000;
    job.next_run = 1'700'000'015'000;
    job.last_done = 3;
    return {job};
  }
  Result<std::uint64_t> Run(std::string_view name) override {
    if (name == "purge") return std::uint64_t{3};
    if (name == "broken") return Fail(ErrorCode::kIo, "the disk said no");
    return Fail(ErrorCode::kNotFound, "no such job");
  }
};

TEST_F(CliTest, EveryRowHasAFunctionAndADescription) {
  for (const CommandRow& row : Commands()) {
    EXPECT_FALSE(row.description.empty()) << row.name;
    const bool runs = row.place == CommandPlace::kEngine || row.place == CommandPlace::kFsck;
    EXPECT_EQ(row.declare != nullptr, runs) << row.name;
    EXPECT_EQ(FindCommand(row.name), &row);
    EXPECT_NE(CommandList().find(std::string("  ") + std::string(row.name) + " "),
              std::string::npos);
    if (!runs) continue;
    const Said help = Run({std::string(row.name), "--help"});
    EXPECT_EQ(help.exit, 0) << row.name;
    EXPECT_NE(help.out.find(row.description), std::string::npos) << row.name;
  }
}

TEST_F(CliTest, StatusCanDemandARunningServer) {
  EXPECT_EQ(Run({"status"}).exit, 0);
  EXPECT_EQ(Run({"status", "--require-running"}).exit, 1);
  TestJobs jobs;
  context_.jobs = &jobs;
  EXPECT_EQ(Run({"status", "--require-running"}).exit, 0);
}

TEST_F(CliTest, UnknownCommandsAndWrongUsageFail) {
  EXPECT_EQ(Run({}).exit, 1);
  EXPECT_EQ(Run({"user:explode"}).err, "Command \"user:explode\" is not defined.\n");
  EXPECT_EQ(Run({"serve"}).exit, 1);
  const Said missing = Run({"user:info"});
  EXPECT_EQ(missing.exit, 1);
  EXPECT_NE(missing.err.find("uid"), std::string::npos);
  EXPECT_EQ(missing.out, "");
  EXPECT_EQ(Run({"user:list", "--output=yaml"}).exit, 1);
  EXPECT_EQ(Run({"user:list", "--limit=many"}).exit, 1);
}

TEST_F(CliTest, UserAddSaysWhatItDid) {
  CommandInput input;
  input.env["OC_PASS"] = "from the environment";
  const Said said = Run({"user:add", "--password-from-env", "--display-name=Alice L.", "--group",
                         "staff", "-g", "admin", "--email=alice@example.org", "alice"},
                        input);
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(said.out,
            "The user \"alice\" was created successfully\n"
            "Display name set to \"Alice L.\"\n"
            "Email address set to \"alice@example.org\"\n"
            "User \"alice\" added to group \"staff\"\n"
            "User \"alice\" added to group \"admin\"\n");
  EXPECT_TRUE(PasswordIs("alice", "from the environment"));
  EXPECT_TRUE(Record("alice")->admin());
}

TEST_F(CliTest, UserAddTakesThePasswordOnlyFromInputOrEnvironment) {
  EXPECT_EQ(RunWithPassword({"user:add", "alice"}, "secret\nmore\n").exit, 0);
  EXPECT_TRUE(PasswordIs("alice", "secret"));
  EXPECT_EQ(Run({"user:add", "bob"}).err,
            "Interactive input or --password-from-env is needed for entering a password!\n");
  EXPECT_EQ(Run({"user:add", "--password-from-env", "bob"}).err,
            "--password-from-env given, but NC_PASS/OC_PASS is empty!\n");
  EXPECT_EQ(RunWithPassword({"user:add", "bob"}, "\n").err, "Password cannot be empty!\n");
  EXPECT_EQ(RunWithPassword({"user:add", "bob", "secret"}, "x").exit, 1);  // never in argv
  EXPECT_FALSE(Record("bob"));
}

TEST_F(CliTest, UserAddRefusesTakenAndBadNames) {
  AddUser("alice");
  const Said taken = RunWithPassword({"user:add", "ALICE"}, "x");
  EXPECT_EQ(taken.exit, 1);
  EXPECT_EQ(taken.err, "The user \"ALICE\" already exists.\n");
  const Said bad = RunWithPassword({"user:add", "a/b"}, "x");
  EXPECT_EQ(bad.exit, 1);
  EXPECT_EQ(bad.err, "Only these characters are allowed in a user name: a-z, A-Z, 0-9 and _.@-\n");
}

TEST_F(CliTest, UserListInThreeFormats) {
  AddUser("bob");
  AddUser("alice");
  ASSERT_EQ(Run({"user:setting", "alice", "settings", "display_name", "Alice \"L.\""}).exit, 0);
  EXPECT_EQ(Run({"user:list"}).out, "  - alice: Alice \"L.\"\n  - bob: bob\n");
  EXPECT_EQ(Run({"user:list", "--output=json"}).out,
            "{\"alice\":\"Alice \\\"L.\\\"\",\"bob\":\"bob\"}\n");
  EXPECT_EQ(Run({"user:list", "--output", "json_pretty"}).out,
            "{\n    \"alice\": \"Alice \\\"L.\\\"\",\n    \"bob\": \"bob\"\n}\n");
  EXPECT_EQ(Run({"user:list", "--limit=1"}).out, "  - alice: Alice \"L.\"\n");
  EXPECT_EQ(Run({"user:list", "--offset=1"}).out, "  - bob: bob\n");
  EXPECT_EQ(Run({"user:list", "--offset=2", "--output=json"}).out, "{}\n");
}

TEST_F(CliTest, UserInfo) {
  AddUser("alice");
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "10 MB"}).exit, 0);
  EXPECT_EQ(Run({"user:info", "Alice"}).out,
            "  - user_id: alice\n"
            "  - display_name: alice\n"
            "  - email: \n"
            "  - enabled: true\n"
            "  - groups:\n"
            "  - quota: 10 MB\n"
            "  - storage:\n"
            "    - free: 10485760\n"
            "    - used: 0\n"
            "    - total: 10485760\n"
            "    - quota: 10485760\n"
            "  - created: 2023-11-14T22:13:20+00:00\n"
            "  - last_seen: 1970-01-01T00:00:00+00:00\n"
            "  - backend: Cairn\n");
  const Said missing = Run({"user:info", "nobody"});
  EXPECT_EQ(missing.exit, 1);
  EXPECT_EQ(missing.err, "User does not exist\n");
}

TEST_F(CliTest, UserDisableEnableDelete) {
  AddUser("alice");
  EXPECT_EQ(Run({"user:disable", "alice"}).out, "The specified user is disabled\n");
  EXPECT_TRUE(Record("alice")->disabled());
  EXPECT_EQ(Run({"user:enable", "alice"}).out, "The specified user is enabled\n");
  EXPECT_FALSE(Record("alice")->disabled());
  EXPECT_EQ(Run({"user:delete", "alice"}).out, "The specified user was deleted\n");
  EXPECT_FALSE(Record("alice"));
  const Said again = Run({"user:delete", "alice"});
  EXPECT_EQ(again.exit, 1);
  EXPECT_EQ(again.err, "User does not exist\n");
}

TEST_F(CliTest, ResetPassword) {
  AddUser("alice");
  const Said said = RunWithPassword({"user:resetpassword", "alice"}, "another\r\n");
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.out, "Successfully reset password for alice\n");
  EXPECT_TRUE(PasswordIs("alice", "another"));
  EXPECT_EQ(RunWithPassword({"user:resetpassword", "nobody"}, "x").exit, 1);
}

TEST_F(CliTest, SettingsAreSetShownAndDeleted) {
  AddUser("alice");
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "10 MB"}).exit, 0);
  ASSERT_EQ(Run({"user:setting", "alice", "core", "lang", "de"}).exit, 0);
  ASSERT_EQ(Run({"user:setting", "alice", "settings", "email", "alice@example.org"}).exit, 0);
  EXPECT_EQ(Run({"user:setting", "alice"}).out,
            "  - core:\n    - lang: de\n  - files:\n    - quota: 10 MB\n  - settings:\n    - "
            "email: alice@example.org\n");
  EXPECT_EQ(Run({"user:setting", "alice", "core"}).out, "  - core:\n    - lang: de\n");
  EXPECT_EQ(Run({"user:setting", "alice", "files", "quota"}).out, "10 MB\n");
  EXPECT_EQ(Run({"user:setting", "alice", "core", "lang", "--output=json"}).out, "\"de\"\n");
  ASSERT_EQ(Run({"user:setting", "alice", "core", "lang", "--delete"}).exit, 0);
  const Said gone = Run({"user:setting", "alice", "core", "lang"});
  EXPECT_EQ(gone.exit, 1);
  EXPECT_EQ(gone.err, "The setting does not exist for user \"alice\".\n");
  EXPECT_EQ(Run({"user:setting", "alice", "core", "lang", "--default-value=en"}).out, "en\n");
  EXPECT_EQ(Run({"user:setting", "alice", "core", "lang", "fr", "--update-only"}).exit, 1);
  EXPECT_EQ(
      Run({"user:setting", "alice", "core", "lang", "--delete", "--error-if-not-exists"}).exit, 1);
  EXPECT_EQ(Run({"user:setting", "alice", "core", "lang", "fr", "--delete"}).exit, 1);
}

TEST_F(CliTest, BadQuotaChangesNothing) {
  AddUser("alice");
  ASSERT_EQ(Run({"user:setting", "alice", "files", "quota", "1 GB"}).exit, 0);
  const Said bad = Run({"user:setting", "alice", "files", "quota", "lots"});
  EXPECT_EQ(bad.exit, 1);
  EXPECT_EQ(bad.err, "a quota is \"none\", \"default\" or a size as \"10 GB\"\n");
  EXPECT_EQ(Run({"user:setting", "alice", "files", "quota"}).out, "1 GB\n");
}

TEST_F(CliTest, AppPasswords) {
  AddUser("alice");
  const Said made = Run({"user:auth-tokens:add", "--name=phone", "alice"});
  EXPECT_EQ(made.exit, 0);
  EXPECT_EQ(made.out.substr(0, 14), "app password:\n");
  EXPECT_EQ(made.out.size(), 14u + 29 + 1);
  EXPECT_EQ(Run({"user:auth-tokens:list", "alice"}).out,
            "+----+-------+--------------+---------------------------+---------+------------+\n"
            "| id | name  | lastActivity | created                   | expires | scope      |\n"
            "+----+-------+--------------+---------------------------+---------+------------+\n"
            "| 1  | phone |              | 2023-11-14T22:13:20+00:00 |         | filesystem |\n"
            "+----+-------+--------------+---------------------------+---------+------------+\n");
  EXPECT_EQ(Run({"user:auth-tokens:list", "alice", "--output=json"}).out,
            "[{\"id\":1,\"name\":\"phone\",\"lastActivity\":null,\"created\":\"2023-11-14T22:13:20+"
            "00:00\","
            "\"expires\":null,\"scope\":\"filesystem\"}]\n");
  EXPECT_EQ(Run({"user:auth-tokens:delete", "alice", "7"}).err, "Token does not exist\n");
  EXPECT_EQ(Run({"user:auth-tokens:delete", "alice", "one"}).exit, 1);
  EXPECT_EQ(Run({"user:auth-tokens:delete", "alice"}).exit, 1);
  EXPECT_EQ(Run({"user:auth-tokens:delete", "alice", "1"}).exit, 0);
  EXPECT_EQ(Run({"user:auth-tokens:list", "alice", "--output=json"}).out, "[]\n");
}

TEST_F(CliTest, UnusedAppPasswordsAreDeletedByDate) {
  AddUser("alice");
  ASSERT_EQ(Run({"user:auth-tokens:add", "alice"}).exit, 0);
  EXPECT_EQ(Run({"user:auth-tokens:delete", "alice", "--last-used-before=soon"}).exit, 1);
  ASSERT_EQ(Run({"user:auth-tokens:delete", "alice", "--last-used-before=2023-11-14"}).exit, 0);
  EXPECT_NE(Run({"user:auth-tokens:list", "alice", "--output=json"}).out, "[]\n");
  ASSERT_EQ(Run({"user:auth-tokens:delete", "alice", "--last-used-before=2023-11-15"}).exit, 0);
  EXPECT_EQ(Run({"user:auth-tokens:list", "alice", "--output=json"}).out, "[]\n");
}

TEST_F(CliTest, OAuthClients) {
  EXPECT_EQ(Run({"oauth2:list", "--output=json"}).out, "[]\n");
  const Said made = Run({"oauth2:add-client", "OpenProject", "https://op.example/callback"});
  EXPECT_EQ(made.exit, 0);
  EXPECT_TRUE(
      made.out.starts_with("  - id: 1\n  - name: OpenProject\n"
                           "  - redirectUri: https://op.example/callback\n"
                           "  - clientId: "))
      << made.out;
  EXPECT_NE(made.out.find("\n  - clientSecret: "), std::string::npos);
  const Said second = Run({"oauth2:add-client", "App", "org.example.app:/back", "--output=json"});
  EXPECT_NE(second.out.find("\"clientSecret\":\""), std::string::npos);
  const std::size_t at = second.out.find("\"clientId\":\"") + 12;
  const std::string identifier = second.out.substr(at, 64);
  const Said listed = Run({"oauth2:list", "--output=json"});
  EXPECT_EQ(listed.out.find("ecret"), std::string::npos);
  EXPECT_NE(listed.out.find("{\"id\":2,\"name\":\"App\",\"redirectUri\":\"org.example.app:/back\","
                            "\"clientId\":\"" +
                            identifier + "\",\"created\":\"2023-11-14T22:13:20+00:00\"}"),
            std::string::npos)
      << listed.out;
  EXPECT_EQ(Run({"oauth2:remove", "7"}).err, "Client does not exist\n");
  EXPECT_EQ(Run({"oauth2:remove", "1"}).exit, 0);
  EXPECT_EQ(Run({"oauth2:remove", identifier}).exit, 0);
  EXPECT_EQ(Run({"oauth2:list", "--output=json"}).out, "[]\n");
}

TEST_F(CliTest, OAuthClientsHaveSafeAddresses) {
  EXPECT_EQ(Run({"oauth2:add-client", "x", "javascript:/alert"}).err,
            "the redirect URI has a scheme that is not allowed\n");
  EXPECT_EQ(Run({"oauth2:add-client", "x", "https://op.example/#a"}).exit, 1);
  EXPECT_EQ(Run({"oauth2:add-client", "\x1b[2J", "https://op.example/"}).exit, 1);
  EXPECT_EQ(Run({"oauth2:add-client", "x"}).exit, 1);
}

TEST_F(CliTest, NamesDoNotDriveTheTerminal) {
  AddUser("alice");
  EXPECT_EQ(Run({"user:setting", "alice", "settings", "display_name", "\x1b[2J"}).exit, 1);
  EXPECT_EQ(Run({"user:auth-tokens:add", "--name=\x1b[2J", "alice"}).exit, 1);
  ASSERT_EQ(Run({"user:setting", "alice", "core", "x", "a\x1b[2J"}).exit, 0);
  EXPECT_EQ(Run({"user:setting", "alice", "core"}).out, "  - core:\n    - x: a?[2J\n");
}

TEST_F(CliTest, Groups) {
  AddUser("alice");
  EXPECT_EQ(Run({"group:add", "staff"}).out, "Created group \"staff\"\n");
  EXPECT_EQ(Run({"group:add", "staff"}).err, "Group \"staff\" already exists.\n");
  EXPECT_EQ(Run({"group:adduser", "staff", "alice"}).exit, 0);
  EXPECT_EQ(Run({"group:adduser", "nobody", "alice"}).err, "group not found\n");
  EXPECT_EQ(Run({"group:list", "--output=json"}).out, "{\"admin\":[],\"staff\":[\"alice\"]}\n");
  EXPECT_EQ(Run({"group:list"}).out, "  - admin:\n  - staff:\n    - alice\n");
  EXPECT_EQ(Run({"group:removeuser", "staff", "alice"}).exit, 0);
  EXPECT_EQ(Run({"group:delete", "staff"}).out, "Group \"staff\" was removed\n");
  EXPECT_EQ(Run({"group:delete", "staff"}).err, "Group \"staff\" does not exist.\n");
  EXPECT_EQ(Run({"group:delete", "admin"}).exit, 1);
}

TEST_F(CliTest, GroupInfo) {
  ASSERT_EQ(Run({"group:add", "staff"}).exit, 0);
  EXPECT_EQ(Run({"group:info", "staff"}).out,
            "  - groupID: staff\n  - displayName: staff\n  - backends:\n    - Database\n");
  EXPECT_EQ(Run({"group:info", "staff", "--output=json"}).out,
            "{\"groupID\":\"staff\",\"displayName\":\"staff\",\"backends\":[\"Database\"]}\n");
  EXPECT_EQ(Run({"group:info", "nobody"}).err, "Group \"nobody\" does not exist.\n");
}

TEST_F(CliTest, UserReport) {
  AddUser("alice");
  AddUser("bob");
  ASSERT_EQ(Run({"user:disable", "bob"}).exit, 0);
  EXPECT_EQ(Run({"user:report"}).out,
            "+----------------+---+\n"
            "| User Report    |   |\n"
            "+----------------+---+\n"
            "| Database       | 2 |\n"
            "| total users    | 2 |\n"
            "| active users   | 1 |\n"
            "| disabled users | 1 |\n"
            "+----------------+---+\n");
  EXPECT_EQ(Run({"user:report", "--output=json"}).out,
            "{\"Database\":2,\"total users\":2,\"active users\":1,\"disabled users\":1}\n");
}

TEST_F(CliTest, UserLastSeen) {
  AddUser("alice");
  AddUser("bob");
  auto set_time = [&](storage::KvTxn& txn) -> Result<void> {
    storage::User user = *Record("alice");
    user.set_last_login(1'700'000'000);
    storage::WriteRecord(txn, storage::Table::kUsers, storage::keys::User(UserId{user.id()}), user);
    return {};
  };
  ASSERT_TRUE(
      storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, set_time).has_value());
  EXPECT_EQ(Run({"user:lastseen", "alice"}).out, "alice's last login: 2023-11-14 22:13:20 UTC\n");
  EXPECT_EQ(Run({"user:lastseen", "bob"}).out, "bob has never logged in.\n");
  EXPECT_EQ(Run({"user:lastseen", "--all"}).out,
            "alice's last login: 2023-11-14 22:13:20 UTC\nbob has never logged in.\n");
  EXPECT_EQ(Run({"user:lastseen"}).exit, 1);
  EXPECT_EQ(Run({"user:lastseen", "nobody"}).err, "User does not exist\n");
}

TEST_F(CliTest, StatusIsWhatOccSays) {
  const Said said = Run({"status"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.out.substr(0, said.out.find("  - cairnversion")),
            "  - installed: true\n"
            "  - version: 32.0.6.1\n"
            "  - versionstring: 32.0.6\n"
            "  - edition: \n"
            "  - maintenance: false\n"
            "  - needsDbUpgrade: false\n"
            "  - productname: Cairn\n"
            "  - extendedSupport: false\n");
}

TEST_F(CliTest, JobsNeedAServer) {
  EXPECT_EQ(Run({"background:job:list"}).exit, 1);
  EXPECT_EQ(Run({"background:job:run", "purge"}).exit, 1);
  TestJobs jobs;
  context_.jobs = &jobs;
  EXPECT_EQ(Run({"background:job:list", "--output=json"}).out,
            "[{\"name\":\"purge\",\"period\":15,\"running\":false,\"last_run\":\"2023-11-14T22:13:"
            "20+00:00\","
            "\"next_run\":\"2023-11-14T22:13:35+00:00\",\"last_done\":3,\"last_error\":\"\"}]\n");
  EXPECT_EQ(Run({"background:job:run", "purge"}).out, "Job \"purge\" was run: 3 done\n");
  EXPECT_EQ(Run({"background:job:run", "nap"}).err, "Job \"nap\" does not exist.\n");
  EXPECT_EQ(Run({"background:job:run", "broken"}).err, "the disk said no\n");
}

TEST_F(CliTest, FsckOfASoundDirectoryIsClean) {
  AddUser("alice");
  const Said said = Run({"fsck", "--read-data"});
  EXPECT_EQ(said.exit, 0);
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(
      said.out,
      "Checked 1 spaces, 1 nodes, 0 contents, 0 blobs, 0 bytes read\n0 findings, 0 harmless\n");
}

TEST_F(CliTest, FsckIsCleanWhileADeletedUserIsPurged) {
  AddUser("alice");
  ASSERT_EQ(Run({"user:auth-tokens:add", "alice"}).exit, 0);
  ASSERT_EQ(Run({"user:delete", "alice"}).exit, 0);
  EXPECT_EQ(Run({"fsck"}).exit, 0);
  while (users_.PurgeStep(10).value() > 0) EXPECT_EQ(Run({"fsck"}).exit, 0);
  EXPECT_EQ(
      Run({"fsck"}).out,
      "Checked 0 spaces, 0 nodes, 0 contents, 0 blobs, 0 bytes read\n0 findings, 0 harmless\n");
}

TEST_F(CliTest, FsckFindingsChangeTheExitCode) {
  AddUser("alice");
  auto orphan = [](storage::KvTxn& txn) -> Result<void> {
    txn.Erase(storage::Table::kUsers, storage::keys::User(UserId{1}));
    txn.Put(storage::Table::kUsers, storage::keys::User(UserId{1}), "\xff");
    return {};
  };
  ASSERT_TRUE(storage::CommitBlocking(engine_.kv(), {storage::DirectoryKey()}, orphan).has_value());
  const Said said = Run({"fsck"});
  EXPECT_EQ(said.exit, 1);
  EXPECT_EQ(said.out.find("  - "), 0u);
}

TEST(GlobalOptions, StandBeforeOrAfterTheCommand) {
  const auto split = [](std::vector<std::string> args) {
    return SplitGlobalOptions(args, {{"CAIRN_CONFIG", "/from/env.yaml"}});
  };
  using Args = std::vector<std::string>;
  EXPECT_EQ(split({"status"})->settings.file, "/from/env.yaml");
  EXPECT_EQ(split({"status", "--config", "/f"})->settings.file, "/f");
  EXPECT_TRUE(split({"status"})->settings.overrides.empty());
  for (const Args& args :
       {Args{"--data-dir", "/d", "user:info", "alice"}, Args{"user:info", "--data-dir=/d", "alice"},
        Args{"user:info", "alice", "--data-dir", "/d"}}) {
    const auto line = split(args);
    ASSERT_TRUE(line.has_value());
    ASSERT_EQ(line->settings.overrides.size(), 1u);
    EXPECT_EQ(line->settings.overrides[0].first, "data_dir");
    EXPECT_EQ(line->settings.overrides[0].second, "/d");
    EXPECT_EQ(line->args, (Args{"user:info", "alice"}));
  }
  EXPECT_EQ(split({"user:setting", "a", "b", "c", "--", "--data-dir"})->args.size(), 6u);
  EXPECT_TRUE(split({"status", "--data-dir"}).has_error());
  EXPECT_TRUE(split({"status", "--data-dir="}).has_error());
}

}  // namespace
}  // namespace cairn::server
