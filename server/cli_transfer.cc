// files:transfer-ownership: what one user has becomes another's, by the administrator.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "http/url.h"
#include "server/cli.h"
#include "server/cli_output.h"
#include "server/features.h"
#include "shares/transfers.h"

namespace cairn::server {
namespace {

struct TransferOptions {
  std::string source;
  std::string destination;
  std::string path;
  bool move = false;
  std::string incoming;
};

// nullopt: the message is in run.err.
std::optional<storage::User> PartyTo(const CommandRun& run, const std::string& name,
                                     std::string_view role) {
  auto user = run.context.users.FindByName(*run.context.engine.kv().Published(), name);
  if (user.has_error()) {
    run.Fail(user.error());
    return std::nullopt;
  }
  if (!*user) run.Fail("Unknown " + std::string(role) + " user " + Printable(name));
  return std::move(*user);
}

// In the user's own tree; what others share with him is not his.
Result<FileId> NodeOf(storage::Engine& engine, const storage::User& user, const std::string& path) {
  ASSIGN_OR_RETURN(auto decoded, http::DecodePath(http::EncodePath("/" + path)));
  const storage::TreePath at{.home = SpaceId{user.space()},
                             .segments = std::move(decoded.segments)};
  ASSIGN_OR_RETURN(const auto chain, engine.tree().Resolve(*engine.kv().Published(), at));
  return chain.leaf().id();
}

int TransferOwnership(const CommandRun& run, const TransferOptions& options) {
  if (options.incoming == "1")
    return run.Fail("Incoming shares are not transferred: they stay with whom they were made for");
  const auto from = PartyTo(run, options.source, "source");
  if (!from) return kExitFailed;
  const auto to = PartyTo(run, options.destination, "destination");
  if (!to) return kExitFailed;
  storage::Engine& engine = run.context.engine;
  const auto node = NodeOf(engine, *from, options.path);
  if (node.has_error()) return run.Fail("Unknown path provided: " + Printable(options.path));
  shares::Transfers transfers(engine.kv(), engine.tree(), run.context.features.mounts);
  const auto done =
      transfers.Now({.from = *from, .to = *to, .node = *node, .into_root = options.move});
  if (done.has_error()) {
    return run.Fail(Is(done.error(), ErrorCode::kConflict)
                        ? "Destination path does not exists or is not empty"
                        : done.error().message);
  }
  if (done->members == 0) {
    run.out += "Nothing to transfer\n";
    return kExitOk;
  }
  run.out += "Transferred files to " + to->name() + "/files" +
             (done->folder.empty() ? "" : "/" + Printable(done->folder)) + "\n";
  run.out += std::to_string(done->shares) + " shares are " + to->name() + "'s now, " +
             std::to_string(done->ended) + " with " + to->name() + " ended\n";
  return kExitOk;
}

}  // namespace

CommandBody DeclareTransferOwnership(CLI::App& app) {
  auto options = std::make_shared<TransferOptions>();
  app.add_option("source-user", options->source, "Owner of files which shall be moved")->required();
  app.add_option("destination-user", options->destination,
                 "User who will be the new owner of the files")
      ->required();
  app.add_option("--path", options->path,
                 "Only the file or folder at this path, for example --path=\"folder_name\"");
  app.add_flag("--move", options->move,
               "Into the root of the destination user, which must be empty");
  app.add_option("--transfer-incoming-shares", options->incoming,
                 "Only 0: received shares stay with the source user");
  return [options](const CommandRun& run) { return TransferOwnership(run, *options); };
}

}  // namespace cairn::server
