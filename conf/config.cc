#include "conf/config.h"

#include <algorithm>

namespace cairn::conf {

namespace {

bool AnyTls(const std::vector<ListenAddress>& all) {
  return std::any_of(all.begin(), all.end(), [](const ListenAddress& one) { return one.tls; });
}

}  // namespace

bool NeedsTls(const Config& config) {
  return AnyTls(config.listen) || AnyTls(config.metrics.listen);
}

Result<void> CheckTogether(const Config& config) {
  const auto refuse = [](std::string why) {
    return Fail(ErrorCode::kInvalidArgument, std::move(why));
  };
  if (config.data_dir.empty()) return refuse("data_dir: not set");
  const bool files = !config.tls.certificate.empty() || !config.tls.key.empty();
  if (config.tls.certificate.empty() != config.tls.key.empty())
    return refuse("tls.certificate: needs tls.key, and the other way round");
  if (files && config.tls.self_signed)
    return refuse("tls.self_signed: not together with tls.certificate");
  const std::string key = AnyTls(config.listen) ? "listen" : "metrics.listen";
  if (NeedsTls(config) && !files && !config.tls.self_signed)
    return refuse(key + ": https needs tls.certificate and tls.key, or tls: self-signed");
  return {};
}

}  // namespace cairn::conf
