// What must hold for any bytes read as a record of storage/records.proto.
#pragma once

#include <array>

#include "base/error.h"
#include "storage/records.h"

namespace cairn::fuzz {

template <class T>
void CheckRecord(std::string_view bytes) {
  const auto record = storage::Parse<T>(bytes);
  if (record.has_error()) {
    CAIRN_CHECK(Is(record.error(), ErrorCode::kCorruption));
    return;
  }
  // A rewrite changes nothing that was said, and a second one nothing at all.
  const std::string written = storage::Serialize(*record);
  const auto again = storage::Parse<T>(written);
  CAIRN_CHECK(again.has_value() && storage::Serialize(*again) == written);
  // A field that only a newer version knows is still there.
  constexpr std::string_view kUnknown = "\xc0\x3e\x07";
  const auto newer = storage::Parse<T>(written + std::string(kUnknown));
  CAIRN_CHECK(newer.has_value() && storage::Serialize(*newer).size() > written.size());
}

// Every message; the first byte of an input chooses one.
inline constexpr std::array kRecordChecks = {CheckRecord<storage::FormatRecord>,
                                             CheckRecord<storage::CounterRecord>,
                                             CheckRecord<storage::Aggregates>,
                                             CheckRecord<storage::Node>,
                                             CheckRecord<storage::NodePlace>,
                                             CheckRecord<storage::Space>,
                                             CheckRecord<storage::Content>,
                                             CheckRecord<storage::ManifestPage>,
                                             CheckRecord<storage::Blob>,
                                             CheckRecord<storage::Candidate>,
                                             CheckRecord<storage::Property>,
                                             CheckRecord<storage::Lock>,
                                             CheckRecord<storage::UploadSession>,
                                             CheckRecord<storage::Chunk>,
                                             CheckRecord<storage::UploadResult>,
                                             CheckRecord<storage::Event>,
                                             CheckRecord<storage::User>,
                                             CheckRecord<storage::UserName>,
                                             CheckRecord<storage::Group>,
                                             CheckRecord<storage::Token>,
                                             CheckRecord<storage::Version>,
                                             CheckRecord<storage::TrashInfo>,
                                             CheckRecord<storage::Throttle>,
                                             CheckRecord<storage::Session>,
                                             CheckRecord<storage::LoginFlow>,
                                             CheckRecord<storage::OAuthClient>,
                                             CheckRecord<storage::OAuthGrant>,
                                             CheckRecord<storage::SecondFactor>,
                                             CheckRecord<storage::SecondFactorPolicy>,
                                             CheckRecord<storage::Avatar>,
                                             CheckRecord<storage::Share>,
                                             CheckRecord<storage::ShareState>,
                                             CheckRecord<storage::TrashLink>,
                                             CheckRecord<storage::Transfer>,
                                             CheckRecord<storage::Notification>};

inline void CheckRecords(std::string_view input) {
  if (input.empty()) return;
  const auto kind = static_cast<unsigned char>(input.front()) % kRecordChecks.size();
  kRecordChecks[kind](input.substr(1));
}

}  // namespace cairn::fuzz
