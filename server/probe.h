// Requests that this process sends to itself through whatever stands in front of it, and what they
// looked like when they arrived: how `cairn doctor` finds out about reverse proxies.
//
//   const ProbeBoard::Probe probe(board);
//   ... GET PUBLIC_URL + probe.path() ...      // the body of the answer is probe.answer()
//   probe.Last()
//
// A probe's name is random and known to nobody else; while there is no probe, or for any other
// name, nothing is there (404), and only a probe's answer, random too, shows that it was this
// process that answered. Thread-safe. AwaitBody blocks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/random.h"
#include "conf/listen.h"
#include "server/whole_answer.h"

namespace cairn::server {

inline constexpr std::string_view kProbePath = "/remote.php/cairn-probe";

// One request as it arrived.
struct ProbeSeen {
  std::string method;
  std::string rest;    // of the path, behind the probe's name, still encoded
  std::string remote;  // where it came from, as far as proxies are trusted
  bool secure = false;
  http::Headers headers;
  std::uint64_t body = 0;  // bytes so far
};

class ProbeBoard final : public WholeAnswer {
 public:
  explicit ProbeBoard(Random& random) : random_(random) {}

  class Probe {
   public:
    explicit Probe(ProbeBoard& board);
    ~Probe();
    Probe(const Probe&) = delete;
    Probe& operator=(const Probe&) = delete;

    std::string path() const { return std::string(kProbePath) + "/" + name_; }
    const std::string& answer() const { return answer_; }
    // The newest request; with an empty method while there is none.
    ProbeSeen Last() const;
    // True once the newest request has brought `bytes` of a body; false after `longest`.
    bool AwaitBody(std::uint64_t bytes, std::chrono::milliseconds longest) const;

   private:
    ProbeBoard& board_;
    const std::string name_;
    const std::string answer_;
  };

  // Where the server accepts connections itself: what does not arrive from there came through a
  // proxy. Set before commands are taken.
  void SetListening(std::vector<conf::ListenAddress> all) { listening_ = std::move(all); }
  const std::vector<conf::ListenAddress>& listening() const { return listening_; }

 private:
  struct Open {
    std::string answer;
    std::map<std::uint64_t, ProbeSeen> seen;  // by number, the newest last
  };
  net::awaitable<http::Response> Answer(http::Exchange& exchange) override;
  bool Note(const std::string& name, std::uint64_t number, std::size_t bytes);

  Random& random_;
  std::vector<conf::ListenAddress> listening_;
  std::mutex mu_;
  std::condition_variable arrived_;
  std::uint64_t next_ = 0;            // guarded by mu_
  std::map<std::string, Open> open_;  // guarded by mu_
};

}  // namespace cairn::server
