// security:bruteforce:*: what the login throttle counts, and its reset.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "auth/throttle.h"
#include "conf/network.h"
#include "server/cli.h"
#include "server/cli_lookup.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

struct Subject {
  std::string address;
  std::string uid;
  OutputFormat format = OutputFormat::kPlain;
};

void DeclareSubject(CLI::App& app, Subject& subject) {
  app.add_option("ipaddress", subject.address, "Address that guesses come from");
  app.add_option("--user", subject.uid, "Account that is guessed at");
}

// The rule and its subject; nullopt: the message is in run.err.
struct Counted {
  auth::ThrottleRule rule;
  std::string subject;
};
std::optional<Counted> CountedBy(const CommandRun& run, const Subject& subject) {
  if (subject.address.empty() == subject.uid.empty()) {
    run.Fail("Either an address or the option --user is needed.");
    return std::nullopt;
  }
  if (subject.uid.empty()) {
    if (!conf::ParseIp(subject.address)) {
      run.Fail("\"" + Printable(subject.address) + "\" is not a valid IP address");
      return std::nullopt;
    }
    return Counted{auth::ThrottleRule::kLogin, conf::SourceOf(subject.address)};
  }
  const auto user = NamedUser(run, subject.uid);
  if (!user) return std::nullopt;
  return Counted{auth::ThrottleRule::kAccount, auth::AccountSubject(UserId{user->id()})};
}

}  // namespace

CommandBody DeclareBruteforceAttempts(CLI::App& app) {
  auto subject = std::make_shared<Subject>();
  DeclareSubject(app, *subject);
  AddOutputOption(app, subject->format);
  return [subject](const CommandRun& run) -> int {
    const auto counted = CountedBy(run, *subject);
    if (!counted) return kExitFailed;
    const auto attempts = run.context.throttle.Attempts(counted->rule, counted->subject);
    if (attempts.has_error()) return run.Fail(attempts.error());
    Print(subject->format, json::object{{"attempts", *attempts}}, run.out);
    return kExitOk;
  };
}

CommandBody DeclareBruteforceReset(CLI::App& app) {
  auto subject = std::make_shared<Subject>();
  DeclareSubject(app, *subject);
  return [subject](const CommandRun& run) -> int {
    const auto counted = CountedBy(run, *subject);
    if (!counted) return kExitFailed;
    const auto done = run.context.throttle.Reset(counted->rule, counted->subject);
    return done.has_error() ? run.Fail(done.error()) : kExitOk;
  };
}

}  // namespace cairn::server
