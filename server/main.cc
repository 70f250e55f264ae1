// The `cairn` program: the server and its command line in one.
#include <sys/stat.h>

#include <string>
#include <vector>

#include "server/cli_main.h"

int main(int argc, char** argv) {
  ::umask(0077);  // whatever a data directory gets is its owner's alone, RocksDB's own files too
  const std::vector<std::string> args(argv + 1, argv + argc);
  return cairn::server::CliMain(args);
}
