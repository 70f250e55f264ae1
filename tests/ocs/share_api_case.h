// The share API: beside alice (of staff), bob and root there is carol of staff. Alice has shr/ with
// sub/ and a.txt in it, and single.txt.
#pragma once

#include <algorithm>

#include "storage/commit.h"
#include "storage/properties.h"
#include "tests/ocs/ocs_fixture.h"

namespace cairn::ocs {

class ShareApiCase : public OcsCase {
 protected:
  ShareApiCase() {
    auth::NewUser carol;
    carol.name = "carol";
    carol.password = "carol-password";
    carol.groups = {"staff"};
    carol.email = "carol@example.org";
    CAIRN_CHECK(users_.Create(carol).has_value());
    Mkcol("alice", {"shr"});
    Mkcol("alice", {"shr", "sub"});
    Put("alice", {"shr", "a.txt"});
    Put("alice", {"single.txt"});
  }

  using Segments = std::vector<std::string>;

  // ---- files, in a user's own tree
  void Mkcol(std::string_view user, Segments path) {
    Write(user, std::move(path), [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().MakeCollection(txn, context, at, {});
    });
  }
  void Put(std::string_view user, Segments path) {
    Write(user, std::move(path), [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().Put(txn, context, at, storage::NewContent{}, {});
    });
  }
  void Remove(std::string_view user, Segments path) {
    Write(user, std::move(path), [&](storage::KvTxn& txn, const auto& context, const auto& at) {
      return engine_.tree().Remove(txn, context, at, false);
    });
  }
  FileId NodeOf(std::string_view user, Segments path) {
    const auto chain = engine_.tree().Resolve(*engine_.kv().Published(), At(user, path));
    CAIRN_CHECK(chain.has_value());
    return chain->leaf().id();
  }
  std::string NodeText(std::string_view user, Segments path) {
    return std::to_string(Raw(NodeOf(user, std::move(path))));
  }

  // ---- calls; `path` is below …/api/v1
  static std::string Base(int version) {
    return "/ocs/v" + std::to_string(version) + ".php/apps/files_sharing/api/v1";
  }
  Answer Call(std::string_view method, std::string_view path, std::string_view user = "alice",
              std::string body = {}, int version = 2) {
    return Ask(method, Base(version) + std::string(path), user, {{"Accept", "application/json"}},
               std::move(body));
  }
  // The data, or the whole answer when it is a refusal.
  std::string DataOf(const Answer& answer) {
    return answer.status == 200 ? ToJson(answer.Data()) : answer.body;
  }
  std::string List(std::string_view path, std::string_view user = "alice") {
    return DataOf(Call("GET", path, user));
  }
  // Ids of a list, in its order: "3 1".
  std::string Ids(std::string_view path, std::string_view user = "alice") {
    std::string ids;
    const Answer answer = Call("GET", path, user);
    if (answer.status != 200) return answer.body;
    const boost::json::value data = answer.Data();
    for (const auto& share : data.as_array())
      ids += (ids.empty() ? "" : " ") + std::string(share.at("id").as_string());
    return ids;
  }
  // The id of a new share; the answer when it is none.
  std::string Share(std::string_view user, const std::string& path, const std::string& with,
                    const std::string& more = {}) {
    const bool group = with == "staff";
    const Answer answer =
        Call("POST", "/shares", user,
             "path=" + http::EncodeUriComponent(path) + "&shareType=" + (group ? "1" : "0") +
                 "&shareWith=" + with + more);
    return answer.status == 200 ? std::string(answer.Data().at("id").as_string()) : answer.body;
  }
  // A field of a share as JSON text.
  std::string Field(const std::string& id, std::string_view field, std::string_view user) {
    const Answer answer = Call("GET", "/shares/" + id, user);
    return answer.status == 200 ? ToJson(answer.Data().at(0).at(field)) : answer.body;
  }

  static std::string Refusal(int code, std::string_view message) {
    return R"({"ocs":{"meta":{"status":"failure","statuscode":)" + std::to_string(code) +
           R"(,"message":)" + ToJson(boost::json::string(message)) + R"(},"data":[]}})";
  }
  static std::string NoShare() { return Refusal(404, "Wrong share ID, share does not exist"); }
  static std::string Success() {
    return R"({"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":[]}})";
  }

  // ---- share objects: fields and their JSON texts, in order
  using Fields = std::vector<std::pair<std::string, std::string>>;
  // Alice's share 1 of shr with bob, as recorded, told to her.
  Fields Recorded() {
    const std::string node = NodeText("alice", {"shr"});
    const std::string root = NodeText("alice", {});
    return {{"id", R"("1")"},
            {"share_type", "0"},
            {"uid_owner", R"("alice")"},
            {"displayname_owner", R"("Alice <A.>")"},
            {"permissions", "31"},
            {"can_edit", "true"},
            {"can_delete", "true"},
            {"stime", "1700000000"},
            {"parent", "null"},
            {"expiration", "null"},
            {"token", "null"},
            {"uid_file_owner", R"("alice")"},
            {"note", R"("")"},
            {"label", R"("")"},
            {"displayname_file_owner", R"("Alice <A.>")"},
            {"path", R"("/shr")"},
            {"item_type", R"("folder")"},
            {"item_permissions", "31"},
            {"is-mount-root", "false"},
            {"mount-type", R"("")"},
            {"mimetype", R"("httpd/unix-directory")"},
            {"has_preview", "false"},
            {"storage_id", R"("home::alice")"},
            {"storage", "1"},
            {"item_source", node},
            {"file_source", node},
            {"file_parent", root},
            {"file_target", R"("/shr")"},
            {"item_size", "0"},
            {"item_mtime", "1700000000"},
            {"share_with", R"("bob")"},
            {"share_with_displayname", R"("bob")"},
            {"share_with_displayname_unique", R"("bob")"},
            {"mail_send", "0"},
            {"hide_download", "0"},
            {"attributes", "null"}};
  }
  // With other values; a field that is not there comes behind; "" takes one away.
  static Fields With(Fields fields, const Fields& changes) {
    for (const auto& [name, value] : changes) {
      const auto at = std::find_if(fields.begin(), fields.end(),
                                   [&](const auto& field) { return field.first == name; });
      if (at == fields.end()) {
        fields.emplace_back(name, value);
      } else if (value.empty()) {
        fields.erase(at);
      } else {
        at->second = value;
      }
    }
    return fields;
  }
  static std::string Json(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields)
      text += (text.empty() ? "" : ",") + ("\"" + name + "\":") + value;
    return "{" + text + "}";
  }
  // What the recipient bob is told of the same share.
  Fields ToBob() {
    return With(Recorded(), {{"can_edit", "false"},
                             {"is-mount-root", "true"},
                             {"mount-type", R"("shared")"},
                             {"storage_id", R"("shared::/shr")"}});
  }

 private:
  storage::Caller CallerOf(std::string_view user) {
    const auto record = users_.FindByName(*engine_.kv().Published(), user);
    CAIRN_CHECK(record.has_value() && record->has_value());
    storage::Caller caller;
    caller.user = UserId{(*record)->id()};
    caller.user_name = user;
    caller.user_version = (*record)->version();
    return caller;
  }
  storage::TreePath At(std::string_view user, Segments path) {
    const auto record = users_.FindByName(*engine_.kv().Published(), user);
    return {.home = SpaceId{(*record)->space()}, .segments = std::move(path)};
  }
  template <class Act>
  void Write(std::string_view user, Segments path, Act act) {
    const storage::Caller caller = CallerOf(user);
    const storage::WriteContext context{.caller = caller};
    const storage::TreePath at = At(user, std::move(path));
    auto body = [&](storage::KvTxn& txn) { return act(txn, context, at); };
    const auto done = storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(at.home)}, body);
    CAIRN_CHECK(done.has_value());
  }
};

}  // namespace cairn::ocs
