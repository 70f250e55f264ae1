// What `cairn doctor` looks at. Each check says one thing: that it is good, or what is wrong and
// what to do about it.
//
// Blocks; the round trip takes some seconds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "conf/load.h"
#include "server/http_client.h"
#include "server/probe.h"
#include "storage/faults.h"

namespace cairn::server {

enum class Verdict { kGood, kSkipped, kHint, kProblem };
std::string_view Name(Verdict verdict);

struct Finding {
  std::string check;  // "proxy.address": a word of this program, for scripts
  Verdict verdict = Verdict::kGood;
  std::string text;
};
using Findings = std::vector<Finding>;

// Settings, data directory, disk, certificate, clock.
void CheckSettings(const conf::Loaded& settings, Findings& out);
void CheckDataDirectory(const conf::Config& config, Findings& out);
void CheckDisk(storage::Faults& faults, const conf::Config& config, Findings& out);
void CheckCertificate(const conf::Config& config, Findings& out);
void CheckClock(const conf::Config& config, const Clock& clock, Findings& out);

// PUBLIC_URL and back to this very process, through whatever proxy is in between. `base`: without a
// slash at its end.
void CheckRoundTrip(HttpClient& client, ProbeBoard& board, const conf::Config& config,
                    const std::string& base, Findings& out);

}  // namespace cairn::server
