// The settings of one server, with their defaults. A plain value: made once at start, then only
// read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace cairn::conf {

struct Limits {
  std::size_t connections = 10'000;
  std::size_t head_bytes = 64 * 1024;
  std::size_t xml_body_bytes = 1 << 20;
  std::chrono::seconds head_timeout{10};
  std::chrono::seconds idle_timeout{75};
  std::chrono::seconds body_timeout{60};  // without a byte, while a body is received or sent
  std::chrono::seconds stop_timeout{
      8};  // how long running requests may go on once the server is told to stop
};

// Threads per pool (base/offload.h). 0 = chosen from the number of processors.
struct PoolSizes {
  std::size_t io = 0;
  std::size_t read = 0;
  std::size_t write = 0;
  std::size_t data = 0;
  std::size_t slow = 0;
};

struct Config {
  std::filesystem::path data_dir;
  std::string listen = "127.0.0.1:8080";
  std::string public_url;  // what every absolute URL is built from; empty = "http://" and `listen`
  std::string version_reported = "32.0.6.1";  // what clients take for the server's version
  std::uint64_t block_cache_bytes = 64u << 20;
  std::uint64_t reserve_bytes = 256u << 20;
  std::size_t inline_limit = 16 * 1024;
  std::filesystem::path witness_path;
  Limits limits;
  PoolSizes pools;
};

struct ListenAddress {
  std::string host;        // an IP address, without brackets
  std::uint16_t port = 0;  // 0 = any free port
};
// "127.0.0.1:8080", "[::1]:8080". kInvalidArgument: anything else.
Result<ListenAddress> ParseListen(std::string_view text);

// Checks what belongs together and fills in `public_url`. kInvalidArgument with a message that
// names the setting.
Result<Config> Checked(Config config);

}  // namespace cairn::conf
