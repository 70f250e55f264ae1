// What the connections of a server count: requests by method and class of status, how long they
// took, bytes.
//
// Note costs a few relaxed atomics of a part that few threads share; Now adds the parts up.
// Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/measure.h"
#include "server/access_log.h"

namespace cairn::server {

class RequestStats {
 public:
  // Any other method counts as the last one, so that a client cannot make up names.
  static constexpr std::array<std::string_view, 18> kMethods = {
      "GET",  "HEAD", "PUT",   "POST", "DELETE", "PATCH",  "OPTIONS", "PROPFIND", "PROPPATCH",
      "COPY", "MOVE", "MKCOL", "LOCK", "UNLOCK", "REPORT", "SEARCH",  "refused",  "other"};
  // The first one: the connection ended without an answer.
  static constexpr std::array<std::string_view, 6> kClasses = {"none", "1xx", "2xx",
                                                               "3xx",  "4xx", "5xx"};

  struct OfMethod {
    std::array<std::uint64_t, kClasses.size()> classes{};
    DurationTally::Counts durations;
  };
  struct Sum {
    std::array<OfMethod, kMethods.size()> methods;  // as kMethods
    std::uint64_t bytes_in = 0;                     // of bodies
    std::uint64_t bytes_out = 0;                    // heads too
    std::uint64_t accepted = 0;                     // requests that somebody was logged in for
    std::uint64_t refused = 0;                      // credentials that were not accepted
  };

  // An answered request, or a head that was refused.
  void Note(const AccessRecord& record);
  Sum Now() const;

  Tally connections;          // accepted
  Tally connections_refused;  // there were too many from one address

 private:
  struct Counters {
    std::array<Tally, kClasses.size()> classes;
    DurationTally durations;
  };
  struct alignas(64) Part {
    std::array<Counters, kMethods.size()> methods;
    Tally bytes_in;
    Tally bytes_out;
    Tally accepted;
    Tally refused;
  };
  static constexpr std::size_t kParts = 8;

  std::array<Part, kParts> parts_;
};

}  // namespace cairn::server
