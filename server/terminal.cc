#include "server/terminal.h"

#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string_view>

namespace cairn::server {

namespace {

constexpr std::size_t kMaxLine = 64 * 1024;

// Echo off while it lives. Signals that would end the process meanwhile wait, so that the terminal
// is never left mute.
class NoEcho {
 public:
  NoEcho() {
    sigset_t ending;
    sigemptyset(&ending);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) sigaddset(&ending, number);
    sigprocmask(SIG_BLOCK, &ending, &mask_);
    if (tcgetattr(STDIN_FILENO, &settings_) != 0) return;
    termios mute = settings_;
    mute.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &mute) == 0;
  }
  ~NoEcho() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings_);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  bool changed() const { return changed_; }

 private:
  sigset_t mask_{};
  termios settings_{};
  bool changed_ = false;
};

// nullopt: the input ended before a line, or the line is too long.
std::optional<std::string> ReadLine() {
  std::string line;
  while (line.size() <= kMaxLine) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return line.empty() ? std::nullopt : std::optional(line);
    if (c == '\n') return line;
    line.push_back(c);
  }
  return std::nullopt;
}

Result<std::string> Ask(const char* prompt) {
  std::fputs(prompt, stderr);
  const NoEcho mute;
  if (!mute.changed())
    return Fail(ErrorCode::kInvalidArgument, "the terminal cannot hide a password");
  auto line = ReadLine();
  std::fputs("\n", stderr);
  if (!line) return Fail(ErrorCode::kInvalidArgument, "Password cannot be empty!");
  return std::move(*line);
}

}  // namespace

Result<std::string> ReadPassword() {
  if (::isatty(STDIN_FILENO) == 0) {
    auto line = ReadLine();
    if (!line || line->empty())
      return Fail(ErrorCode::kInvalidArgument, "Password cannot be empty!");
    return std::move(*line);
  }
  ASSIGN_OR_RETURN(std::string password, Ask("Enter password: "));
  if (password.empty()) return Fail(ErrorCode::kInvalidArgument, "Password cannot be empty!");
  ASSIGN_OR_RETURN(const std::string again, Ask("Confirm password: "));
  if (again != password) return Fail(ErrorCode::kInvalidArgument, "Passwords do not match!");
  return password;
}

}  // namespace cairn::server
