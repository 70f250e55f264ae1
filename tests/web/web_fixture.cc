#include "tests/web/web_fixture.h"

#include <boost/json.hpp>
#include <regex>

#include "web/html.h"

namespace cairn::web {
namespace {

constexpr std::string_view kBase = "https://cloud.example";

std::string After(std::string_view url) {
  if (url.starts_with(kBase)) url.remove_prefix(kBase.size());
  return std::string(url);
}

}  // namespace

std::string Unescape(std::string_view html) {
  static const std::pair<std::string_view, char> kNames[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
  std::string text;
  while (!html.empty()) {
    bool named = false;
    for (const auto& [name, c] : kNames) {
      if (!html.starts_with(name)) continue;
      text += c;
      html.remove_prefix(name.size());
      named = true;
      break;
    }
    if (named) continue;
    text += html.front();
    html.remove_prefix(1);
  }
  return text;
}

WebCase::WebCase()
    : engine_(storage::OpenMemory(clock_, random_),
              storage::TreePolicies{access_, quota_, versions_, trash_}, clock_, random_),
      users_(engine_.kv(), engine_.tree(), clock_, auth::PasswordCost::Minimum()),
      app_passwords_(engine_.kv(), clock_, random_),
      throttle_(engine_.kv(), clock_),
      second_factors_(engine_.kv(), throttle_, clock_, random_),
      authenticator_(engine_.kv(), users_, app_passwords_, throttle_, second_factors_, clock_,
                     random_),
      sessions_(engine_.kv(), clock_, random_),
      login_flows_(engine_.kv(), clock_, random_),
      oauth_(engine_.kv(), clock_, random_),
      links_(engine_.kv(), throttle_, clock_, random_),
      services_{engine_,   pools_,       users_,          app_passwords_,    authenticator_,
                sessions_, login_flows_, second_factors_, throttle_,         oauth_,
                quota_,    links_,       random_,         std::string(kBase)},
      dispatcher_(services_) {
  CAIRN_CHECK(engine_.file_ids().Reserve(2000).has_value());
  for (const std::string name : {"alice", "bob"}) {
    auth::NewUser user;
    user.name = name;
    user.password = name + "-password";
    CAIRN_CHECK(users_.Create(user).has_value());
  }
}

WebCase::~WebCase() { pools_.Join(); }

WholeAnswer WebCase::Send(std::string_view method, std::string_view target,
                          const support::HeaderList& headers, std::string body) {
  http::Request request = support::MakeRequest(method, target, headers);
  request.remote = "192.0.2.1";
  return support::Ask(contexts_.emplace_back(), dispatcher_, std::move(request), std::move(body));
}

std::string WebCase::Encode(const Fields& fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += (body.empty() ? "" : "&") + name + "=" + http::EncodeUriComponent(value);
  return body;
}

WholeAnswer WebCase::Browser::Ask(std::string_view method, std::string_view target,
                                  support::HeaderList headers, std::string body) {
  std::string jar;
  for (const auto& [name, value] : cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
  if (!jar.empty()) headers.emplace_back("Cookie", jar);
  headers.emplace_back("User-Agent", "Browser/1.0");
  http::Request request = support::MakeRequest(method, target, headers);
  request.remote = remote_;
  request.secure = true;
  WholeAnswer answer = support::Ask(test_.contexts_.emplace_back(), test_.HandlerOf(target),
                                    std::move(request), std::move(body));
  for (const auto& [name, value] : answer.headers.fields()) {
    if (name != "Set-Cookie") continue;
    EXPECT_THAT(value, testing::HasSubstr("; Path=/; HttpOnly; SameSite=Lax; Secure"));
    const std::size_t equals = value.find('=');
    const std::string cookie = value.substr(0, equals);
    EXPECT_TRUE(cookie.starts_with("__Host-")) << cookie;
    if (value.find("Max-Age=0") != std::string::npos) {
      cookies.erase(cookie);
    } else {
      cookies[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
    }
  }
  if (!answer.body.empty()) page_ = answer.body;
  return answer;
}

WholeAnswer WebCase::Browser::Get(std::string_view target) { return Ask("GET", target, {}, {}); }

WholeAnswer WebCase::Browser::Visit(std::string_view target) {
  WholeAnswer answer = Get(target);
  for (int hops = 0; answer.status == 303 && hops < 10; ++hops)
    answer = Get(After(answer.Header("Location")));
  return answer;
}

WholeAnswer WebCase::Browser::Post(std::string_view target, const Fields& fields,
                                   const support::HeaderList& headers) {
  return Ask("POST", target, headers, Encode(fields));
}

WholeAnswer WebCase::Browser::Submit(std::string_view action, const Fields& fields) {
  const std::string start = "action=\"" + Escape(action) + "\"";
  const std::size_t from = page_.find(start);
  EXPECT_NE(from, std::string::npos) << action << " is no form of\n" << page_;
  if (from == std::string::npos) return {};
  const std::string form = page_.substr(from, page_.find("</form>", from) - from);
  Fields all;
  const std::regex hidden("type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"");
  for (std::sregex_iterator it(form.begin(), form.end(), hidden), end; it != end; ++it)
    all[(*it)[1]] = Unescape((*it)[2].str());
  for (const auto& [name, value] : fields) all[name] = value;
  return Post(action, all);
}

std::string WebCase::Browser::Link(std::string_view text) const {
  const std::regex link("<a (?:class=\"button\" )?href=\"([^\"]*)\">" + std::string(text) + "</a>");
  std::smatch found;
  EXPECT_TRUE(std::regex_search(page_, found, link)) << text << " is no link of\n" << page_;
  return found.empty() ? std::string() : Unescape(found[1].str());
}

WholeAnswer WebCase::Browser::LogIn(std::string_view user, std::string_view password,
                                    std::string_view redirect) {
  Get(redirect.empty() ? std::string("/login")
                       : "/login?redirect_url=" + http::EncodeUriComponent(redirect));
  return Submit("/login", {{"user", std::string(user)}, {"password", std::string(password)}});
}

UserId WebCase::IdOf(std::string_view name) {
  const auto user = users_.FindByName(*engine_.kv().Published(), name);
  CAIRN_CHECK(user.has_value() && user->has_value());
  return UserId{(*user)->id()};
}

bool WebCase::Opens(std::string_view user, std::string_view secret) {
  const std::string basic = "Basic " + ToBase64(std::string(user).append(":").append(secret));
  return authenticator_.CheckSlow({basic}, *engine_.kv().Published()).has_value();
}

WebCase::Flow WebCase::StartFlow(std::string_view device) {
  const WholeAnswer started = Send("POST", "/login/v2", {{"User-Agent", std::string(device)}});
  EXPECT_EQ(started.status, 200);
  const auto json = boost::json::parse(started.body);
  Flow flow;
  flow.poll_token = json.at("poll").at("token").as_string();
  flow.path = After(std::string(json.at("login").as_string()));
  return flow;
}

}  // namespace cairn::web
