#include "server/cli_main.h"

#include <spdlog/sinks/stdout_sinks.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "conf/settings.h"
#include "server/admin_socket.h"
#include "server/cli.h"
#include "server/cli_fsck.h"
#include "server/cli_health.h"
#include "server/local_admin.h"
#include "server/serve.h"
#include "server/terminal.h"

namespace cairn::server {

namespace {

constexpr const char* kDefaultConfig = "/etc/cairn/cairn.yaml";

void Write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
}

int Refuse(std::string_view why, int code = kExitFailed) {
  Write(stderr, "cairn: " + std::string(why) + "\n");
  return code;
}

int Show(const AdminReply& reply) {
  Write(stdout, reply.out);
  Write(stderr, reply.err);
  return reply.exit;
}

std::optional<int> ParseAndShow(CLI::App& app, std::span<const std::string> args) {
  AdminReply reply;
  const auto over = ParseArguments(app, args, reply.out, reply.err);
  if (!over) return std::nullopt;
  reply.exit = *over;
  return Show(reply);
}

// The log of a command goes to standard error: its output may be read by a script.
void LogToStandardError() {
  auto logger = spdlog::stderr_logger_mt("cairn");
  logger->set_level(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

int CannotOpen(const Error& error) {
  switch (error.code) {
    case ErrorCode::kNotFound:
      return Refuse(error.message, kFsckNoDirectory);
    case ErrorCode::kBusy:
      return Refuse("the data directory is in use: " + error.message, kFsckInUse);
    default:
      return Refuse("the data directory cannot be opened: " + error.message, kFsckCannotOpen);
  }
}

int RunServe(CommandLine line) {
  std::vector<std::string> listen;
  std::string public_url;
  CLI::App app("Run the server", "cairn serve");
  app.add_option("--listen", listen,
                 "Where to accept connections, as 127.0.0.1:8080; may be repeated")
      ->delimiter(',');
  app.add_option("--public-url", public_url,
                 "What clients call the server, as https://cloud.example.org");
  if (const auto over = ParseAndShow(app, std::span(line.args).subspan(1))) return *over;
  std::string all;
  for (const std::string& one : listen) all.append(all.empty() ? "" : ",").append(one);
  if (!all.empty()) line.settings.overrides.emplace_back("listen", all);
  if (!public_url.empty()) line.settings.overrides.emplace_back("public_url", public_url);
  return Serve(line.settings);
}

int RunHealth(const CommandLine& line) {
  HealthQuestion question;
  CLI::App app("Ask the running server whether it is ready", "cairn healthcheck");
  app.add_flag("--live", question.live, "Ask only whether it answers at all");
  app.add_option("--url", question.url,
                 "Where to ask, as http://127.0.0.1:8080; else where metrics are shown, else the "
                 "first address of `listen`");
  if (const auto over = ParseAndShow(app, std::span(line.args).subspan(1))) return *over;
  const auto loaded = conf::Load(line.settings);
  if (loaded.has_error()) return Refuse(loaded.error().message);
  return Show(AskHealth(loaded->config, question));
}

int RunRecover(const CommandLine& line) {
  bool accept_loss = false;
  CLI::App app("Open a data directory that has lost acknowledged writes", "cairn recover");
  app.add_flag("--accept-loss", accept_loss,
               "What was lost is lost: let clients find out and go on");
  if (const auto over = ParseAndShow(app, std::span(line.args).subspan(1))) return *over;
  if (!accept_loss) return Refuse("recover does nothing without --accept-loss");
  LogToStandardError();
  auto opened = LocalAdmin::Open(line.settings, {.create = false, .accept_loss = true});
  if (opened.has_error()) return CannotOpen(opened.error());
  const std::string& fingerprint = (*opened)->context().engine.identity().data_fingerprint;
  Write(stdout,
        "The data directory is open again. Its data fingerprint is now " + fingerprint + "\n");
  return kExitOk;
}

int RunFsckHere(const CommandLine& line) {
  storage::FsckOptions options;
  CLI::App app("Check the data directory", "cairn fsck");
  AddFsckOptions(app, options);
  if (const auto over = ParseAndShow(app, std::span(line.args).subspan(1))) return *over;
  auto opened = LocalAdmin::Open(line.settings, {.create = false, .read_only = !options.repair});
  if (opened.has_error()) return CannotOpen(opened.error());
  AdminReply reply;
  reply.exit = CheckEngine((*opened)->context().engine, options, reply.out, reply.err);
  return Show(reply);
}

int RunHere(const CommandRow& row, const CommandLine& line, const CommandInput& input) {
  LogToStandardError();
  if (row.place == CommandPlace::kFsck) return RunFsckHere(line);
  auto opened = LocalAdmin::Open(line.settings, {.create = row.creates});
  if (opened.has_error()) return Refuse(opened.error().message);
  AdminReply reply;
  reply.exit = RunCommand((*opened)->context(), line.args, input, reply.out, reply.err);
  return Show(reply);
}

Result<CommandInput> CollectInput(const CommandRow& row, const CommandLine& line) {
  CommandInput input;
  if (!row.asks_password) return input;
  for (const char* name : {"NC_PASS", "OC_PASS"}) {
    if (const char* value = std::getenv(name)) input.env[name] = value;
  }
  if (std::find(line.args.begin(), line.args.end(), "--password-from-env") == line.args.end()) {
    ASSIGN_OR_RETURN(input.stdin_text, ReadPassword());
  }
  return input;
}

int RunAdmin(const CommandRow& row, const CommandLine& line) {
  {
    // Help and wrong usage need neither a data directory nor a password.
    CLI::App app(std::string(row.description), "cairn " + std::string(row.name));
    const CommandBody ignored = row.declare(app);
    if (const auto over = ParseAndShow(app, std::span(line.args).subspan(1))) return *over;
  }
  const auto loaded = conf::Load(line.settings);
  if (loaded.has_error()) return Refuse(loaded.error().message);
  auto input = CollectInput(row, line);
  if (input.has_error()) return Refuse(input.error().message);
  auto answered = AskServer(loaded->config.data_dir, {line.args, *input});
  if (answered.has_error()) return Refuse(answered.error().message);
  if (*answered) return Show(**answered);
  return RunHere(row, line, *input);
}

}  // namespace

Result<CommandLine> SplitGlobalOptions(std::span<const std::string> args,
                                       std::map<std::string, std::string> environment) {
  CommandLine line;
  std::string data_dir;
  std::string config;
  bool options_over = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    options_over = options_over || arg == "--";
    const std::string_view name = arg.substr(0, arg.find('='));
    std::string* target = name == "--data-dir" ? &data_dir : name == "--config" ? &config : nullptr;
    if (options_over || target == nullptr) {
      line.args.push_back(args[i]);
      continue;
    }
    if (name.size() < arg.size()) {
      *target = arg.substr(name.size() + 1);
    } else if (++i < args.size()) {
      *target = args[i];
    }
    if (target->empty())
      return Fail(ErrorCode::kInvalidArgument, std::string(name) + " needs a value");
  }
  std::error_code ignored;
  if (!config.empty()) {
    line.settings.file = config;
  } else if (const auto named = environment.find("CAIRN_CONFIG"); named != environment.end()) {
    line.settings.file = named->second;
  } else if (data_dir.empty() && std::filesystem::exists(kDefaultConfig, ignored)) {
    line.settings.file = kDefaultConfig;
  }
  if (!data_dir.empty())
    line.settings.overrides.emplace_back("data_dir", std::filesystem::absolute(data_dir).string());
  line.settings.environment = std::move(environment);
  return line;
}

std::string CommandList() {
  std::string text = "Cairn " CAIRN_VERSION
                     "\n\nUsage: cairn [--config FILE] [--data-dir DIR] COMMAND [options]\n"
                     "       cairn COMMAND --help\n\n"
                     "Settings come from FILE (else CAIRN_CONFIG, else /etc/cairn/cairn.yaml "
                     "unless --data-dir is given) and from\n"
                     "variables as CAIRN_DATA_DIR; `cairn config:example` shows all. Commands talk "
                     "to the server that has the data\n"
                     "directory open, or open it themselves. Passwords are read from the terminal, "
                     "from standard input or, "
                     "with --password-from-env, from\n"
                     "the variable OC_PASS; never from the arguments.\n\n"
                     "Commands:\n";
  std::size_t width = 0;
  for (const CommandRow& row : Commands()) width = std::max(width, row.name.size());
  for (const CommandRow& row : Commands()) {
    text.append("  ")
        .append(row.name)
        .append(width + 2 - row.name.size(), ' ')
        .append(row.description)
        .append("\n");
  }
  return text;
}

int CliMain(std::span<const std::string> args) {
  auto line = SplitGlobalOptions(args, conf::CairnEnvironment());
  if (line.has_error()) return Refuse(line.error().message);
  const std::string command = line->args.empty() ? "list" : line->args.front();
  if (command == "list" || command == "help" || command == "--help" || command == "-h") {
    Write(stdout, CommandList());
    return kExitOk;
  }
  if (command == "--version" || command == "-V") {
    Write(stdout, "Cairn " CAIRN_VERSION "\n");
    return kExitOk;
  }
  const CommandRow* row = FindCommand(command);
  if (row == nullptr)
    return Refuse("Command \"" + command + "\" is not defined. `cairn list` shows all.");
  switch (row->place) {
    case CommandPlace::kServe:
      return RunServe(std::move(*line));
    case CommandPlace::kRecover:
      return RunRecover(*line);
    case CommandPlace::kHealth:
      return RunHealth(*line);
    case CommandPlace::kNowhere:
      Write(stdout, conf::ExampleYaml());
      return kExitOk;
    case CommandPlace::kEngine:
    case CommandPlace::kFsck:
      return RunAdmin(*row, *line);
  }
  return kExitFailed;
}

}  // namespace cairn::server
