#include "server/probe.h"

#include <utility>

#include "base/bytes.h"

namespace cairn::server {
namespace {

constexpr std::size_t kNameBytes = 16;
constexpr std::uint64_t kMostBody = 64u << 20;

}  // namespace

ProbeBoard::Probe::Probe(ProbeBoard& board)
    : board_(board),
      name_(ToHex(board.random_.Bytes(kNameBytes))),
      answer_(ToHex(board.random_.Bytes(kNameBytes))) {
  const std::lock_guard lock(board_.mu_);
  board_.open_[name_].answer = answer_;
}

ProbeBoard::Probe::~Probe() {
  const std::lock_guard lock(board_.mu_);
  board_.open_.erase(name_);
}

ProbeSeen ProbeBoard::Probe::Last() const {
  const std::lock_guard lock(board_.mu_);
  const auto& seen = board_.open_.at(name_).seen;
  return seen.empty() ? ProbeSeen() : seen.rbegin()->second;
}

bool ProbeBoard::Probe::AwaitBody(std::uint64_t bytes, std::chrono::milliseconds longest) const {
  std::unique_lock lock(board_.mu_);
  const auto& seen = board_.open_.at(name_).seen;
  return board_.arrived_.wait_for(
      lock, longest, [&] { return !seen.empty() && seen.rbegin()->second.body >= bytes; });
}

// False: the probe is over.
bool ProbeBoard::Note(const std::string& name, std::uint64_t number, std::size_t bytes) {
  {
    const std::lock_guard lock(mu_);
    const auto found = open_.find(name);
    if (found == open_.end()) return false;
    found->second.seen[number].body += bytes;
  }
  arrived_.notify_all();
  return true;
}

net::awaitable<http::Response> ProbeBoard::Answer(http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  std::string_view path = request.path;
  path.remove_prefix(std::min(kProbePath.size() + 1, path.size()));
  const std::string name(path.substr(0, path.find('/')));
  std::string answer;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mu_);
    const auto found = open_.find(name);
    if (found == open_.end()) co_return TextAnswer(404, "Not found\n");
    answer = found->second.answer;
    number = next_++;
    ProbeSeen& seen = found->second.seen[number];
    seen.method = request.method;
    seen.rest = path.substr(name.size());
    seen.remote = request.remote;
    seen.secure = request.secure;
    seen.headers = request.headers;
  }
  for (std::uint64_t received = 0;;) {
    const auto piece = co_await exchange.ReadBody();
    if (piece.has_error()) co_return TextAnswer(400, "Bad request\n");
    if (piece->empty()) break;
    received += piece->size();
    if (received > kMostBody) co_return TextAnswer(413, "Too large\n");
    if (!Note(name, number, piece->size())) co_return TextAnswer(404, "Not found\n");
  }
  co_return TextAnswer(200, std::move(answer));
}

}  // namespace cairn::server
