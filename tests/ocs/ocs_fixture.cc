#include "tests/ocs/ocs_fixture.h"

#include <utility>

namespace cairn::ocs {
boost::json::value Answer::Data() const { return boost::json::parse(body).at("ocs").at("data"); }

OcsCase::OcsCase()
    : engine_(storage::OpenMemory(clock_, random_),
              storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_),
      shares_(engine_.kv(), engine_.tree(), mounts_, clock_, random_),
      transfers_(engine_.kv(), engine_.tree(), mounts_),
      users_(engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()),
      groups_(engine_.kv()),
      app_passwords_(engine_.kv(), clock_, random_),
      throttle_(engine_.kv(), clock_),
      people_(engine_.kv(), users_, throttle_),
      second_factors_(engine_.kv(), throttle_, clock_, random_),
      authenticator_(engine_.kv(), users_, app_passwords_, throttle_, second_factors_, clock_,
                     random_),
      services_{engine_,
                pools_,
                users_,
                app_passwords_,
                authenticator_,
                quota_,
                shares_,
                transfers_,
                people_,
                ServerVersion("32.0.6.1"),
                "https://cloud.example"},
      dispatcher_(services_),
      first_contact_(services_) {
  CAIRN_CHECK(engine_.file_ids().Reserve(2000).has_value());
  for (const std::string name : {"alice", "bob", "root"}) {
    auth::NewUser user;
    user.name = name;
    user.password = name + "-password";
    if (name == "alice") user.display_name = "Alice <A.>";
    if (name == "alice") user.email = "alice@example.org";
    if (name == "alice") user.groups = {"staff"};
    if (name == "root") user.groups = {"admin"};
    const auto made = users_.Create(user);
    CAIRN_CHECK(made.has_value());
  }
}

OcsCase::~OcsCase() { pools_.Join(); }

HeaderList OcsCase::Basic(std::string_view name, std::string_view secret) {
  return {{"Authorization", "Basic " + ToBase64(std::string(name) + ":" + std::string(secret))}};
}

Answer OcsCase::Ask(std::string_view method, std::string_view target, std::string_view user,
                    const HeaderList& headers, std::string body) {
  HeaderList all = user.empty() ? HeaderList() : Basic(user, std::string(user) + "-password");
  all.insert(all.end(), headers.begin(), headers.end());
  return Run(dispatcher_, method, target, all, std::move(body));
}

Answer OcsCase::Contact(std::string_view method, std::string_view target) {
  return Run(first_contact_, method, target, {}, {});
}

Answer OcsCase::Run(http::Handler& handler, std::string_view method, std::string_view target,
                    const HeaderList& headers, std::string body) {
  http::Request request = support::MakeRequest(method, target, headers);
  request.remote = remote_;
  Answer answer;
  static_cast<support::WholeAnswer&>(answer) =
      support::Ask(contexts_.emplace_back(), handler, std::move(request), std::move(body));
  return answer;
}

UserId OcsCase::IdOf(std::string_view name) {
  const auto user = users_.FindByName(*engine_.kv().Published(), name);
  CAIRN_CHECK(user.has_value() && user->has_value());
  return UserId{(*user)->id()};
}

std::string OcsCase::MakeToken(std::string_view user, std::string_view name) {
  const auto made = app_passwords_.Create(IdOf(user), name, {});
  CAIRN_CHECK(made.has_value());
  return made->secret;
}

std::vector<std::string> OcsCase::TokenNames(std::string_view user) {
  const auto tokens = app_passwords_.List(*engine_.kv().Published(), IdOf(user));
  CAIRN_CHECK(tokens.has_value());
  std::vector<std::string> names;
  for (const storage::Token& token : *tokens) names.push_back(token.name());
  return names;
}

}  // namespace cairn::ocs
