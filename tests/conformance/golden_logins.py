"""What area 02 (logins) needs besides its traces: accounts, app passwords, and the browser whose cookies are not recorded."""

import html
import json
import re
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from golden_trace import send

OWN_PASSWORD = "login-gold1"


class Browser:
    """Keeps what a browser keeps: cookies, and the tokens that stand in the forms of pages."""

    def __init__(self):
        self.cookies = {}

    def prepare(self, trace):
        """Adds the cookies to a request of a browser; false: it is another program's."""
        if "text/html" not in (trace.request.header("Accept") or ""):
            return False
        if self.cookies:
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            trace.request.headers.append(("Cookie", jar))
        return True

    def note(self, answer, values):
        for name, value in answer.headers:
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
        body = answer.body.decode("utf-8", "replace")
        for name, pattern in (("REQUESTTOKEN", r'name="requesttoken" value="([0-9a-f]+)"'),
                              ("STATETOKEN", r'stateToken(?:=|" value="|%3D)([0-9a-f]+)')):
            found = re.search(pattern, body)
            if found:
                values.bound[name] = found.group(1)

    def send(self, server, method, path, values, fields=None):
        body = urlencode(fields or {}).encode()
        headers = [("Host", server.base.removeprefix("http://")),
                   ("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))]
        if method == "POST":
            headers += [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
        answer = send(server.base, method, path, headers, body if method == "POST" else b"")
        self.note(answer, values)
        return answer

    def get(self, server, path, values):
        return self.send(server, "GET", path, values)


BROWSER = Browser()


def _app_password(server, user, name):
    return server.cli("user:auth-tokens:add", "--name", name, user).split("\n")[1]


def prepare_logins(server):
    """The counts of guesses that earlier areas have left go: the recorded server had none."""
    server.cli("security:bruteforce:reset", "127.0.0.1")
    server.add_user("goldtmp3", "login-goldtmp3")


def logins_before(server, values):
    values.fixed["PASSWORD"] = OWN_PASSWORD
    values.fixed["APPPASSWORD_B"] = _app_password(server, "gold1", "bearer")
    values.fixed["APPPASSWORD_C"] = _app_password(server, "goldtmp3", "phone")
    token = values.logins["gold1"].split(":", 1)[1]
    values.logins.update({
        "gold1:second app password": "gold1:" + _app_password(server, "gold1", "second"),
        "goldtmp3:apppassword": "goldtmp3:" + values.fixed["APPPASSWORD_C"],
        "email:loginpassword": "gold1@example.org:" + OWN_PASSWORD, "email:apppassword": "gold1@example.org:" + token,
        "upper:loginpassword": "GOLD1:" + OWN_PASSWORD, "upper:apppassword": "GOLD1:" + token,
        "space:loginpassword": "gold1 :" + OWN_PASSWORD, "space:apppassword": "gold1 :" + token,
        "gold1:empty": "gold1:", "USER2 with the app password of USER": "gold2:" + token,
    })


def _login_page(server, values):
    BROWSER.get(server, "/login?redirect_url=" + unquote("/login/v2/grant"), values)


def _grant_page(server, values):
    BROWSER.get(server, "/login/v2/grant?stateToken=" + values.bound["STATETOKEN"], values)


def _flow_login(_server, values):
    values.logins["gold1:app password of the flow"] = "gold1:" + values.bound["APPPASSWORD"]


def _rotated(_server, values):
    values.logins["gold1:rotated app password"] = "gold1:" + values.bound["APPPASSWORD4"]


def _another_phone(server, values):
    values.fixed["APPPASSWORD_E"] = _app_password(server, "goldtmp3", "another phone")
    values.logins["goldtmp3:apppassword"] = "goldtmp3:" + values.fixed["APPPASSWORD_E"]
    server.cli("user:disable", "goldtmp3")


CALLBACK = "http://127.0.0.1:9/cb"


def _oauth_client(server, values):
    client = json.loads(server.cli("oauth2:add-client", "--output=json", "Golden", CALLBACK))
    values.fixed["CLIENT_ID"], values.fixed["CLIENT_SECRET"] = client["clientId"], client["clientSecret"]


def _consent(server, values):
    """The browser, still logged in from the login flow, allows the client."""
    path = "/apps/oauth2/authorize"
    query = urlencode({"client_id": values.fixed["CLIENT_ID"], "response_type": "code", "state": "gold-state",
                       "redirect_uri": CALLBACK})
    answer = BROWSER.get(server, f"{path}?{query}", values)
    page = answer.body.decode()
    if answer.status != 200:
        raise SystemExit(f"golden: no consent page: {answer.status} {answer.headers}")
    request = html.unescape(re.search(r'name="request" value="([^"]*)"', page).group(1))
    answer = BROWSER.send(server, "POST", path, values, {"requesttoken": values.bound["REQUESTTOKEN"], "request": request,
                                                        "decision": "allow"})
    values.fixed["CODE"] = parse_qs(urlsplit(answer.header("Location")).query)["code"][0]


def _connect_again(server, values):
    """The code that came twice has ended what it gave: the traces that follow use tokens of their own."""
    _consent(server, values)
    fields = urlencode({"grant_type": "authorization_code", "code": values.fixed["CODE"],
                        "client_id": values.fixed["CLIENT_ID"], "client_secret": values.fixed["CLIENT_SECRET"]}).encode()
    answer = send(server.base, "POST", "/index.php/apps/oauth2/api/v1/token",
                  [("Host", server.base.removeprefix("http://")), ("Content-Type", "application/x-www-form-urlencoded"),
                   ("Content-Length", str(len(fields)))], fields)
    tokens = json.loads(answer.body)
    values.fixed["ACCESSTOKEN"], values.fixed["POLLTOKEN4"] = tokens["access_token"], tokens["refresh_token"]


LOGINS_BEFORE = {
    "02-auth/001": logins_before,
    "02-auth/012": _login_page,
    "02-auth/013": _grant_page,
    # the recorded server had its protection switched off
    "02-auth/040": lambda s, _: s.cli("security:bruteforce:reset", "127.0.0.1"),
    "02-auth/068": _another_phone,
    "02-auth/073": lambda s, _: s.cli("user:enable", "goldtmp3"),
    "02-auth/074": lambda s, _: s.cli("user:delete", "goldtmp3"),
    "02-auth/082": _oauth_client,
    "02-auth/084": _consent,
    "02-auth/087": _connect_again,
}

LOGINS_AFTER = {"02-auth/015": _flow_login, "02-auth/031": _rotated}
