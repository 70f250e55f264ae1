// The calls of transfers and of notifications, on the files of the share API's case.
#pragma once

#include "tests/ocs/share_api_case.h"

namespace cairn::ocs {

class TransferApiCase : public ShareApiCase {
 protected:
  static constexpr std::string_view kTransfers = "/ocs/v2.php/apps/files/api/v1/transferownership";
  static constexpr std::string_view kNotes = "/ocs/v2.php/apps/notifications/api/v2/notifications";

  Answer Json(std::string_view method, std::string_view target, std::string_view user,
              std::string body = {}, HeaderList more = {}) {
    more.emplace_back("Accept", "application/json");
    return Ask(method, target, user, more, std::move(body));
  }
  Answer Offer(std::string_view user, const std::string& recipient, const std::string& path) {
    return Json("POST", kTransfers, user,
                "recipient=" + recipient + "&path=" + http::EncodeUriComponent(path));
  }
  Answer Accept(std::string_view user, const std::string& id) {
    return Json("POST", std::string(kTransfers) + "/" + id, user);
  }
  Answer Reject(std::string_view user, const std::string& id) {
    return Json("DELETE", std::string(kTransfers) + "/" + id, user);
  }
  Answer Notes(std::string_view user) { return Json("GET", kNotes, user); }
  Answer Note(std::string_view method, const std::string& id, std::string_view user) {
    return Json(method, std::string(kNotes) + "/" + id, user);
  }
  // Ids of the notifications, newest first: "3 1".
  std::string NoteIds(std::string_view user) {
    std::string ids;
    const boost::json::value data = Notes(user).Data();
    for (const auto& one : data.as_array())
      ids += (ids.empty() ? "" : " ") + ToJson(one.at("notification_id"));
    return ids;
  }
  bool Has(std::string_view user, Segments path) {
    const auto record = users_.FindByName(*engine_.kv().Published(), user);
    const storage::TreePath at{.home = SpaceId{(*record)->space()}, .segments = std::move(path)};
    return engine_.tree().Resolve(*engine_.kv().Published(), at).has_value();
  }
  // As recorded: a refusal has no text.
  static std::string Refused(int code) { return Refusal(code, ""); }

  // Where things of alice go, named after her and the time of the clock.
  const std::string folder_ = "Transferred from Alice -A.- on 2023-11-14 22-13-20";
};

}  // namespace cairn::ocs
