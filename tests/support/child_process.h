// A process of a test's own, with its standard output and error in one pipe. Killed and reaped when
// the object goes, if it still runs then.
//
//   ChildProcess child([&] { return Serve(options); });
//   child.LineWith("serving on");
//   child.Signal(SIGTERM);
//   EXPECT_EQ(child.Wait(), 0);
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

class ChildProcess {
 public:
  // Runs `main` in the child; what it returns is the exit code. Start it before the test has
  // threads.
  explicit ChildProcess(const std::function<int()>& main);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // The next line, without its end; empty at the end of the output.
  std::string Line();
  // The next line that contains `text`; empty at the end of the output.
  std::string LineWith(const std::string& text);
  // Everything up to the end of the output.
  std::string Rest();

  pid_t pid() const { return pid_; }
  void Signal(int number);
  // The exit code; -1: a signal ended it.
  int Wait();

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
};

// A program with its arguments (its name first) and exactly this environment.
std::unique_ptr<ChildProcess> StartProgram(const std::string& path,
                                           const std::vector<std::string>& args,
                                           const std::vector<std::string>& environment = {});

// The port in the server's line "... is serving on http://127.0.0.1:PORT"; 0 when it did not start.
std::uint16_t AwaitPort(ChildProcess& server);

}  // namespace cairn
