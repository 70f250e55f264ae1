// doctor: looks at everything that is usually wrong with an installation, and says what to do.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>

#include "server/cli.h"
#include "server/cli_output.h"
#include "server/doctor.h"
#include "server/live_config.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

struct DoctorOptions {
  OutputFormat format = OutputFormat::kPlain;
  bool offline = false;
};

// Where to send probes: public_url, else the first address that can be connected to.
std::string BaseOf(const conf::Config& config, const ProbeBoard& board) {
  if (!config.public_url.empty()) return config.public_url;
  for (const conf::ListenAddress& address : board.listening()) {
    if (address.kind == conf::ListenAddress::Kind::kTcp) return conf::ReachText(address);
  }
  return {};
}

void CheckOutside(const CommandRun& run, const conf::Config& config, bool offline, Findings& out) {
  const auto skip = [&](std::string why) {
    out.push_back({"proxy.reach", Verdict::kSkipped, std::move(why)});
  };
  if (offline) return skip("Not asked for (--offline).");
  if (run.context.probes == nullptr)
    return skip("No server runs on this data directory: start it, then ask again.");
  const std::string base = BaseOf(config, *run.context.probes);
  if (base.empty()) return skip("public_url is not set, and no listener has an address.");
  HttpClientOptions options;
  // Whoever made his own certificate has told his clients to trust it.
  if (config.tls.self_signed) options.authorities = config.data_dir / "tls" / "certificate.pem";
  const auto client = MakeHttpClient(std::move(options));
  CheckRoundTrip(*client, *run.context.probes, config, base, out);
}

void PrintFindings(OutputFormat format, const Findings& findings, std::string& out) {
  if (format != OutputFormat::kPlain) {
    json::array rows;
    for (const Finding& finding : findings) {
      rows.push_back(json::object{{"check", finding.check},
                                  {"verdict", std::string(Name(finding.verdict))},
                                  {"text", finding.text}});
    }
    return Print(format, rows, out);
  }
  for (const Finding& finding : findings) {
    std::string verdict(Name(finding.verdict));
    verdict.resize(9, ' ');
    out.append(verdict).append(finding.check).append(": ").append(Printable(finding.text));
    out.append("\n");
  }
}

}  // namespace

CommandBody DeclareDoctor(CLI::App& app) {
  auto options = std::make_shared<DoctorOptions>();
  app.add_flag("--offline", options->offline, "Send no request to public_url");
  AddOutputOption(app, options->format);
  return [options](const CommandRun& run) {
    const auto settings = run.context.config.Now();
    const conf::Config& config = settings->config;
    Findings findings;
    CheckSettings(*settings, findings);
    CheckDataDirectory(config, findings);
    CheckDisk(run.context.engine.faults(), config, findings);
    CheckCertificate(config, findings);
    CheckClock(config, run.context.engine.clock(), findings);
    CheckOutside(run, config, options->offline, findings);
    PrintFindings(options->format, findings, run.out);
    const bool wrong = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.verdict == Verdict::kProblem;
    });
    return wrong ? kExitFailed : kExitOk;
  };
}

}  // namespace cairn::server
