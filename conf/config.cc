#include "conf/config.h"

#include <algorithm>

namespace cairn::conf {

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
  const bool tls_wanted = std::any_of(config.listen.begin(), config.listen.end(),
                                      [](const ListenAddress& address) { return address.tls; });
  if (tls_wanted && !files && !config.tls.self_signed)
    return refuse("listen: https needs tls.certificate and tls.key, or tls: self-signed");
  return {};
}

}  // namespace cairn::conf
