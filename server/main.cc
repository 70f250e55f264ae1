// The `cairn` program: the server and its command line in one.
#include <string>
#include <vector>

#include "server/cli_main.h"

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  return cairn::server::CliMain(args);
}
