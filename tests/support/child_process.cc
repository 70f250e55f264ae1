#include "tests/support/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace cairn {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// nullopt: there is no more.
std::optional<std::string> NextLine(FILE* output) {
  std::string line;
  int c = 0;
  while ((c = std::fgetc(output)) != EOF && c != '\n') line += static_cast<char>(c);
  if (c == EOF && line.empty()) return std::nullopt;
  return line;
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int()>& main) {
  int out[2];
  CAIRN_CHECK(pipe(out) == 0);
  std::fflush(nullptr);
  pid_ = fork();
  CAIRN_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(out[1], STDERR_FILENO);
    close(out[0]);
    close(out[1]);
    const int code = main();
    std::fflush(nullptr);
    _exit(code);
  }
  close(out[1]);
  output_ = fdopen(out[0], "r");
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  std::fclose(output_);
}

std::string ChildProcess::Line() { return NextLine(output_).value_or(std::string()); }

std::string ChildProcess::LineWith(const std::string& text) {
  while (auto line = NextLine(output_)) {
    if (line->find(text) != std::string::npos) return std::move(*line);
  }
  return {};
}

std::string ChildProcess::Rest() {
  std::string text;
  for (int c = 0; (c = std::fgetc(output_)) != EOF;) text += static_cast<char>(c);
  return text;
}

void ChildProcess::Signal(int number) { kill(pid_, number); }

int ChildProcess::Wait() {
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::unique_ptr<ChildProcess> StartProgram(const std::string& path,
                                           const std::vector<std::string>& args,
                                           const std::vector<std::string>& environment) {
  const std::vector<char*> argv = Pointers(args);
  std::vector<std::string> variables = environment;
  // What the sanitizers are told holds for the programs that tests start, too.
  for (const char* name : {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  const std::vector<char*> envp = Pointers(variables);
  return std::make_unique<ChildProcess>([&] {
    execve(path.c_str(), argv.data(), envp.data());
    return 127;
  });
}

std::uint16_t AwaitPort(ChildProcess& server) {
  const std::string line = server.LineWith("Cairn is serving on http://127.0.0.1:");
  const auto port = ParseUint(line.substr(line.rfind(':') + 1));
  return static_cast<std::uint16_t>(port.value_or(0));
}

}  // namespace cairn
