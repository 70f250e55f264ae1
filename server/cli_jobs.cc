// background:job:*: what the server does on its own schedule.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "server/cli.h"
#include "server/cli_output.h"

namespace cairn::server {

namespace json = boost::json;

namespace {

constexpr std::string_view kNoServer =
    "Background jobs run inside the server; none is running on this data directory.";

json::object JobLine(const JobStatus& job) {
  json::object row;
  row["name"] = job.name;
  row["period"] = job.period.count();
  row["running"] = job.running;
  row["last_run"] =
      job.last_run ? json::value(IsoTime(*job.last_run / 1000)) : json::value(nullptr);
  row["next_run"] = IsoTime(job.next_run / 1000);
  row["last_done"] = job.last_done;
  row["last_error"] = job.last_error;
  return row;
}

}  // namespace

CommandBody DeclareJobList(CLI::App& app) {
  auto format = std::make_shared<OutputFormat>(OutputFormat::kPlain);
  AddOutputOption(app, *format);
  return [format](const CommandRun& run) {
    if (run.context.jobs == nullptr) return run.Fail(kNoServer);
    json::array rows;
    for (const JobStatus& job : run.context.jobs->List()) rows.push_back(JobLine(job));
    PrintTable(*format, rows, run.out);
    return kExitOk;
  };
}

CommandBody DeclareJobRun(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  app.add_option("name", *name, "Name of the job, as background:job:list shows it")->required();
  return [name](const CommandRun& run) {
    if (run.context.jobs == nullptr) return run.Fail(kNoServer);
    auto done = run.context.jobs->Run(*name);
    if (done.has_error() && Is(done.error(), ErrorCode::kNotFound)) {
      return run.Fail("Job \"" + *name + "\" does not exist.");
    }
    if (done.has_error()) return run.Fail(done.error());
    run.out += "Job \"" + *name + "\" was run: " + std::to_string(*done) + " done\n";
    return kExitOk;
  };
}

}  // namespace cairn::server
