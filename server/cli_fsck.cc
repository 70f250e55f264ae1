#include "server/cli_fsck.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "server/cli.h"
#include "server/cli_output.h"

namespace cairn::server {

void AddFsckOptions(CLI::App& app, storage::FsckOptions& options) {
  app.add_flag("--read-data", options.read_data, "Read and verify every byte of every file");
  app.add_flag("--repair", options.repair,
               "Move damaged blobs to quarantine; nothing is ever deleted");
}

int CheckEngine(storage::Engine& engine, const storage::FsckOptions& options, std::string& out,
                std::string& err) {
  auto report = storage::Fsck(engine.kv(), engine.contents(), options);
  if (report.has_error()) {
    err.append("The check could not be finished: ").append(report.error().message).append("\n");
    return kFsckFindings;
  }
  std::size_t harmless = 0;
  for (const storage::Finding& finding : report->findings) {
    harmless += finding.harmless ? 1 : 0;
    out.append(finding.harmless ? "  (harmless) " : "  - ")
        .append(storage::Name(finding.kind))
        .append(": ");
    out.append(Printable(finding.what)).append("\n");
  }
  out.append("Checked ").append(std::to_string(report->spaces)).append(" spaces, ");
  out.append(std::to_string(report->nodes))
      .append(" nodes, ")
      .append(std::to_string(report->contents));
  out.append(" contents, ").append(std::to_string(report->blobs)).append(" blobs, ");
  out.append(std::to_string(report->bytes_read)).append(" bytes read\n");
  out.append(std::to_string(report->findings.size() - harmless)).append(" findings, ");
  out.append(std::to_string(harmless)).append(" harmless\n");
  return report->clean() ? kExitOk : kFsckFindings;
}

CommandBody DeclareFsck(CLI::App& app) {
  auto options = std::make_shared<storage::FsckOptions>();
  AddFsckOptions(app, *options);
  return [options](const CommandRun& run) {
    return CheckEngine(run.context.engine, *options, run.out, run.err);
  };
}

}  // namespace cairn::server
