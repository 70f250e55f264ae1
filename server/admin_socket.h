// DATA_DIR/admin.sock: how the command line talks to the running server. One connection carries one
// JSON line each way: {"args":[...],"env":{...},"stdin":...} and
// {"exit":n,"stdout":"...","stderr":"..."}.
//
// The socket has mode 0600, and the kernel's word on the peer's user must be root or the server's
// own user.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/cli.h"
#include "server/descriptor.h"

namespace cairn::server {

struct AdminRequest {
  std::vector<std::string> args;
  CommandInput input;
};

struct AdminReply {
  int exit = kExitFailed;
  std::string out;
  std::string err;
};

// kInvalidArgument: not such a line.
Result<AdminRequest> ParseAdminRequest(std::string_view line);
Result<AdminReply> ParseAdminReply(std::string_view line);
std::string AdminLine(const AdminRequest& request);
std::string AdminLine(const AdminReply& reply);

// The server's side: answers until it is destroyed. Destruction waits for commands that run.
class AdminSocket {
 public:
  using Handler = std::function<AdminReply(const AdminRequest&)>;

  // Takes the place of a socket that an earlier server left: only the holder of the directory's
  // lock may call it. `handler` is called on the socket's own threads, several at once. kIo.
  static Result<std::unique_ptr<AdminSocket>> Listen(const std::filesystem::path& data_dir,
                                                     Handler handler);
  ~AdminSocket();

 private:
  AdminSocket(Descriptor directory, Descriptor listener, Descriptor stop, Handler handler);
  void Loop();
  void Answer(const Descriptor& peer);

  const Descriptor directory_;  // the data directory
  const Descriptor listener_;
  const Descriptor stop_;  // readable once the socket is being destroyed
  const Handler handler_;
  std::vector<std::thread> threads_;
};

// The other side. nullopt: no server listens there. kForbidden: a socket of another user; kIo: the
// server went away before it answered. Blocks until the command is over.
Result<std::optional<AdminReply>> AskServer(const std::filesystem::path& data_dir,
                                            const AdminRequest& request);

}  // namespace cairn::server
