// Whether the time of a refused login tells that the user exists (promise G6): the processor time
// of a check, user there and not there, in turns, and the difference of the means as a share of one
// hash. 200 pairs at the cost of a real hash, 10,000 at the least cost; and 10,000 pairs of a known
// and an unknown app password given as bearer.
//
//   login_timing_bench
//
// In memory, so that no disk adds its noise.
#include <time.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "auth/access_control.h"
#include "auth/authenticator.h"
#include "base/bytes.h"
#include "base/log.h"
#include "quota/space_quota.h"
#include "storage/engine.h"
#include "trash/no_trash.h"
#include "versions/no_versions.h"

namespace cairn::auth {
namespace {

double CpuMicros() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <class T>
T Must(Result<T> result) {
  if (result.has_value()) return std::move(*result);
  std::fprintf(stderr, "login_timing_bench: %s\n", result.error().message.c_str());
  std::exit(1);
}

struct Sample {
  double sum = 0;
  double squares = 0;
  int count = 0;
  void Add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double error() const {  // of the mean
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()) / count);
  }
};

class Instance {
 public:
  explicit Instance(PasswordCost cost)
      : engine_(storage::OpenMemory(clock_, random_),
                storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_),
        users_(engine_.kv(), engine_.tree(), clock_, cost) {
    NewUser user;
    user.name = "alice";
    user.password = "the right password";
    id_ = UserId{Must(users_.Create(user)).id()};
    secret_ = Must(app_passwords_.Create(id_, "phone", {})).secret;
  }

  // Microseconds of one refused login. Each password is another one: nothing is remembered.
  double Refused(const std::string& name) {
    const std::string basic = "Basic " + ToBase64(name + ":wrong " + std::to_string(++tries_));
    const auto view = engine_.kv().Published();
    const double begun = CpuMicros();
    const auto checked = authenticator_.CheckSlow({basic}, *view);
    const double took = CpuMicros() - begun;
    if (checked.has_value() || !Is(checked.error(), ErrorCode::kUnauthenticated)) std::exit(1);
    // Otherwise the hundredth failure would close the account.
    if (tries_ % 50 == 0) {
      for (const std::string& subject : {AccountSubject(id_), AccountSubject("nobody")}) {
        if (throttle_.Reset(ThrottleRule::kAccount, subject).has_error()) std::exit(1);
      }
    }
    return took;
  }

  double Bearer(bool known) {
    std::string secret = secret_;
    if (!known) secret.replace(secret.size() - 5, 5, std::to_string(10'000 + ++tries_ % 90'000));
    const auto view = engine_.kv().Published();
    const double begun = CpuMicros();
    const auto checked = authenticator_.CheckFast({"Bearer " + secret}, *view);
    const double took = CpuMicros() - begun;
    if (known != (checked && checked->has_value())) std::exit(1);
    return took;
  }

 private:
  FakeClock clock_;
  SeededRandom random_{7};
  AccessControl access_{clock_};
  quota::SpaceQuota quota_;
  trash::NoTrash trash_;
  versions::NoVersions versions_;
  storage::Engine engine_;
  Users users_;
  AppPasswords app_passwords_{engine_.kv(), clock_, random_};
  Throttle throttle_{engine_.kv(), clock_};
  SecondFactors factors_{engine_.kv(), throttle_, clock_, random_};
  Authenticator authenticator_{engine_.kv(), users_, app_passwords_, throttle_,
                               factors_,     clock_, random_};
  UserId id_{};
  std::string secret_;
  int tries_ = 0;
};

double Pairs(const char* what, PasswordCost cost, int pairs) {
  Instance instance(cost);
  instance.Refused("nobody");  // the dummy hash is made once
  Sample there, absent;
  for (int i = 0; i < pairs; ++i) {
    there.Add(instance.Refused("alice"));
    absent.Add(instance.Refused("nobody"));
  }
  const double difference = there.mean() - absent.mean();
  std::printf(
      "%s, %d pairs: user there %.1f us (+- %.1f), not there %.1f us (+- %.1f), difference %.2f "
      "%%\n",
      what, pairs, there.mean(), there.error(), absent.mean(), absent.error(),
      100 * difference / there.mean());
  return there.mean();
}

void Run() {
  const double hash = Pairs("full cost", PasswordCost(), 200);
  Pairs("least cost", PasswordCost::Minimum(), 10'000);
  Instance instance(PasswordCost::Minimum());
  Sample known, unknown;
  for (int i = 0; i < 10'000; ++i) {
    known.Add(instance.Bearer(true));
    unknown.Add(instance.Bearer(false));
  }
  std::printf("bearer, 10000 pairs: known %.2f us, unknown %.2f us, difference %.4f %% of a hash\n",
              known.mean(), unknown.mean(), 100 * (known.mean() - unknown.mean()) / hash);
}

}  // namespace
}  // namespace cairn::auth

int main() {
  spdlog::set_level(spdlog::level::off);  // there would be a line for each refusal
  cairn::auth::Run();
  return 0;
}
