#include "storage/engine.h"

#include <utility>

namespace cairn::storage {
namespace {

constexpr std::size_t kOcIdDigits = 8;

}  // namespace

Engine::Engine(Backend backend, const TreePolicies& policies, Clock& clock, Random& random,
               std::size_t inline_limit)
    : backend_(std::move(backend)),
      clock_(clock),
      random_(random),
      etags_(random),
      file_ids_(*backend_.kv, keys::kFileIds),
      locks_(clock, random),
      contents_(*backend_.blobs, clock, random, inline_limit),
      tree_(contents_, locks_, policies, file_ids_, etags_, clock),
      uploads_(tree_, *backend_.kv, contents_) {}

Engine::~Engine() = default;

std::string Engine::OcId(FileId id) const {
  std::string digits = std::to_string(Raw(id));
  if (digits.size() < kOcIdDigits) digits.insert(0, kOcIdDigits - digits.size(), '0');
  return digits + backend_.identity.instance_id;
}

}  // namespace cairn::storage
