#include "server/request_stats.h"

#include <algorithm>
#include <atomic>

namespace cairn::server {
namespace {

constexpr int kUnauthorized = 401;

// A number of this thread's own.
std::size_t ThreadNumber() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

std::size_t IndexOf(std::string_view method) {
  if (method == "-") method = "refused";  // the head: nobody knows what it asked for
  const auto& all = RequestStats::kMethods;
  const auto* found = std::find(all.begin(), all.end() - 1, method);
  return static_cast<std::size_t>(found - all.begin());
}

std::size_t ClassOf(int status) {
  const int hundreds = status / 100;
  const bool known = hundreds > 0 && hundreds < static_cast<int>(RequestStats::kClasses.size());
  return known ? static_cast<std::size_t>(hundreds) : 0;
}

}  // namespace

void RequestStats::Note(const AccessRecord& record) {
  Part& part = parts_[ThreadNumber() % kParts];
  Counters& counters = part.methods[IndexOf(record.method)];
  counters.classes[ClassOf(record.status)].Add();
  counters.durations.Add(record.duration);
  part.bytes_in.Add(record.bytes_in);
  part.bytes_out.Add(record.bytes_out);
  if (!record.user.empty()) part.accepted.Add();
  if (record.status == kUnauthorized && record.has_credentials) part.refused.Add();
}

RequestStats::Sum RequestStats::Now() const {
  Sum sum;
  for (const Part& part : parts_) {
    for (std::size_t m = 0; m < kMethods.size(); ++m) {
      OfMethod& method = sum.methods[m];
      const Counters& counters = part.methods[m];
      for (std::size_t c = 0; c < kClasses.size(); ++c)
        method.classes[c] += counters.classes[c].Now();
      method.durations += counters.durations.Now();
    }
    sum.bytes_in += part.bytes_in.Now();
    sum.bytes_out += part.bytes_out.Now();
    sum.accepted += part.accepted.Now();
    sum.refused += part.refused.Now();
  }
  return sum;
}

}  // namespace cairn::server
