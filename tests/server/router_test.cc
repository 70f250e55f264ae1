#include "server/router.h"

#include <gtest/gtest.h>

#include <ostream>

namespace cairn::server {
namespace {

class Named final : public http::Handler {
 public:
  net::awaitable<void> Handle(http::Exchange&) override { co_return; }
};

struct Case {
  const char* path;
  const char* handler;  // "": none of the rows
  const char* rewritten;
  const char* mount = "";
};
std::ostream& operator<<(std::ostream& out, const Case& row) { return out << row.path; }

class RouterTest : public testing::TestWithParam<Case> {
 protected:
  std::vector<RouteRow> Rows() {
    return {{"/remote.php/dav", Match::kPrefix, false, &dav_},
            {"/remote.php/webdav", Match::kPrefix, false, &dav_},
            {"/ocs/v2.php", Match::kPrefix, false, &ocs_},
            {"/status.php", Match::kExact, false, &status_},
            {"/204", Match::kExact, true, &web_},
            {"/login/v2", Match::kPrefix, true, &web_},
            {"/", Match::kExact, true, &web_}};
  }
  std::string NameOf(const http::Handler& handler) {
    if (&handler == &dav_) return "dav";
    if (&handler == &ocs_) return "ocs";
    if (&handler == &status_) return "status";
    return &handler == &web_ ? "web" : "";
  }
  Named dav_, ocs_, status_, web_;
};

TEST_P(RouterTest, LeadsToItsHandler) {
  Router router(Rows(), "/cloud");
  http::Request request;
  request.method = "GET";
  request.path = GetParam().path;
  EXPECT_EQ(NameOf(router.Route(request)), GetParam().handler);
  EXPECT_EQ(request.path, GetParam().rewritten);
  EXPECT_EQ(request.mount, GetParam().mount);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, RouterTest,
    testing::Values(
        Case{"/remote.php/dav/files/a/b", "dav", "/remote.php/dav/files/a/b"},
        Case{"/remote.php/dav", "dav", "/remote.php/dav"},
        Case{"/remote.php/dav/", "dav", "/remote.php/dav/"},
        Case{"//remote.php///dav//files//a", "dav", "/remote.php/dav/files//a"},
        Case{"/remote.php/davx", "", "/remote.php/davx"},
        Case{"/remote.php/nonsense", "", "/remote.php/nonsense"},
        Case{"/index.php/remote.php/dav", "", "/index.php/remote.php/dav"},
        Case{"/cloud/remote.php/dav/files", "dav", "/remote.php/dav/files", "/cloud"},
        Case{"/cloud//remote.php/dav", "dav", "/remote.php/dav", "/cloud"},
        Case{"/cloud", "web", "/", "/cloud"}, Case{"/clouds", "", "/clouds"},
        Case{"/status.php", "status", "/status.php"}, Case{"//status.php", "status", "/status.php"},
        Case{"/status.php/", "status", "/status.php/"}, Case{"/status.php/x", "", "/status.php/x"},
        Case{"/status.phpx", "", "/status.phpx"}, Case{"/index.php/204", "web", "/204"},
        Case{"/204", "web", "/204"}, Case{"/index.php//204", "web", "/204"},
        Case{"/index.php/login/v2/poll", "web", "/login/v2/poll"},
        Case{"/login/v2", "web", "/login/v2"}, Case{"/", "web", "/"}, Case{"//", "web", "/"},
        Case{"/index.php", "web", "/"}, Case{"/index.php/", "web", "/"},
        Case{"/index.php/index.php/204", "", "/index.php/index.php/204"},
        Case{"/ocs/v2.php/cloud/user", "ocs", "/ocs/v2.php/cloud/user"},
        Case{"/ocs/v1.php/cloud/user", "", "/ocs/v1.php/cloud/user"}));

TEST_F(RouterTest, TraceAndConnectReachNobody) {
  Router router(Rows(), "");
  for (const char* method : {"TRACE", "CONNECT"}) {
    http::Request request;
    request.method = method;
    request.path = "/status.php";
    EXPECT_EQ(NameOf(router.Route(request)), "") << method;
  }
}

}  // namespace
}  // namespace cairn::server
