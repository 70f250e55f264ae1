#include "server/cli_health.h"

#include <chrono>
#include <optional>
#include <utility>

#include "server/http_client.h"

namespace cairn::server {
namespace {

constexpr std::chrono::milliseconds kTimeout{4'500};

struct Target {
  std::string base;
  std::filesystem::path unix_socket;
};

std::optional<Target> TargetOf(const std::vector<conf::ListenAddress>& all) {
  for (const conf::ListenAddress& address : all) {
    if (address.kind == conf::ListenAddress::Kind::kTcp && address.port != 0)
      return Target{conf::ReachText(address), {}};
    if (address.kind == conf::ListenAddress::Kind::kUnix)
      return Target{"http://localhost", address.path};
  }
  return std::nullopt;
}

}  // namespace

AdminReply AskHealth(const conf::Config& config, const HealthQuestion& question) {
  AdminReply reply;
  auto target = TargetOf(config.metrics.listen);
  if (!target) target = TargetOf(config.listen);
  if (!question.url.empty()) target = Target{question.url, {}};
  if (!target) {
    reply.err = "No address of `listen` can be asked: name one with --url\n";
    return reply;
  }
  HttpClientOptions options;
  options.timeout = options.connect_timeout = kTimeout;
  options.unix_socket = target->unix_socket;
  options.verify = !question.url.empty();  // a listener of this machine has no name to verify
  OutgoingRequest request;
  request.url = target->base + (question.live ? "/healthz" : "/readyz");
  const auto answer = MakeHttpClient(std::move(options))->Send(request);
  if (answer.has_error()) {
    reply.err = request.url + ": " + answer.error().message + "\n";
    return reply;
  }
  reply.exit = answer->status == 200 ? kExitOk : kExitFailed;
  reply.out =
      answer->status == 200 ? "ok\n" : "not ready (" + std::to_string(answer->status) + ")\n";
  return reply;
}

}  // namespace cairn::server
