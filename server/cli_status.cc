// status: what occ's status says, for scripts that wait for an instance to be ready.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "server/cli.h"
#include "server/cli_output.h"
#include "server/live_config.h"

namespace cairn::server {

CommandBody DeclareStatus(CLI::App& app) {
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  auto required = std::make_shared<bool>(false);
  app.add_flag("--require-running", *required, "Fail when no server runs: for health checks");
  AddOutputOption(app, *format);
  return [format, required](const CommandRun& run) {
    const auto settings = run.context.config.Now();
    const std::string& version = settings->config.version_reported;
    boost::json::object status;
    status["installed"] = true;
    status["version"] = version;
    status["versionstring"] = version.substr(0, version.rfind('.'));
    status["edition"] = "";
    status["maintenance"] = settings->config.maintenance;
    status["needsDbUpgrade"] = false;
    status["productname"] = "Cairn";
    status["extendedSupport"] = false;
    status["cairnversion"] = CAIRN_VERSION;
    status["instanceid"] = run.context.engine.identity().instance_id;
    status["running"] = run.context.jobs != nullptr;
    Print(*format, status, run.out);
    return *required && run.context.jobs == nullptr ? kExitFailed : kExitOk;
  };
}

}  // namespace cairn::server
