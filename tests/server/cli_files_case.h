// Commands and jobs on an instance in memory where users have files.
#pragma once

#include <string>

#include "storage/commit.h"
#include "tests/server/cli_case.h"

namespace cairn::server {

class CliFilesCase : public CliCase {
 protected:
  storage::User User(const std::string& name) {
    return **users_.FindByName(*engine_.kv().Published(), name);
  }
  storage::TreePath Path(const std::string& user, const std::string& name) {
    return {.home = SpaceId{User(user).space()}, .segments = {name}};
  }
  template <class Body>
  void Commit(const std::string& user, Body body) {
    const storage::User owner = User(user);
    storage::Caller caller;
    caller.user = UserId{owner.id()};
    caller.user_name = user;
    caller.user_version = owner.version();
    const storage::WriteContext context{.caller = caller};
    ASSERT_TRUE(engine_.file_ids().Reserve(100).has_value());
    auto run = [&](storage::KvTxn& txn) { return body(txn, context); };
    const auto done =
        storage::CommitBlocking(engine_.kv(), {storage::SpaceKey(SpaceId{owner.space()})}, run);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void Put(const std::string& user, const std::string& name, const std::string& text) {
    auto ingest = engine_.contents().Begin({});
    ASSERT_TRUE(ingest->Append(AsBytes(text)).has_value());
    const storage::NewContent content = *ingest->Finish();
    Commit(user, [&](storage::KvTxn& txn, const storage::WriteContext& context) {
      return engine_.tree().Put(txn, context, Path(user, name), content, {});
    });
  }
  void Remove(const std::string& user, const std::string& name) {
    Commit(user, [&](storage::KvTxn& txn, const storage::WriteContext& context) {
      return engine_.tree().Remove(txn, context, Path(user, name), false);
    });
  }
  bool Has(const std::string& user, const std::string& name) {
    return engine_.tree().Resolve(*engine_.kv().Published(), Path(user, name)).has_value();
  }
};

}  // namespace cairn::server
