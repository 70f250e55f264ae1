"""What area 02 (logins) needs besides its traces: accounts, app passwords, and the browser whose cookies are not recorded."""

import re
from urllib.parse import unquote

from golden_trace import send

OWN_PASSWORD = "login-gold1"


class Browser:
    """Keeps what a browser keeps: cookies, and the tokens that stand in the forms of pages."""

    def __init__(self):
        self.cookies = {}

    def prepare(self, trace):
        """Adds the cookies to a request of a browser."""
        if self.cookies and "text/html" in (trace.request.header("Accept") or ""):
            jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            trace.request.headers.append(("Cookie", jar))

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

    def get(self, server, path, values):
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.note(send(server.base, "GET", path, [("Host", server.base.removeprefix("http://")), ("Cookie", jar)]), values)


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


LOGINS_BEFORE = {
    "02-auth/001": logins_before,
    "02-auth/012": _login_page,
    "02-auth/013": _grant_page,
    # the recorded server had its protection switched off
    "02-auth/040": lambda s, _: s.cli("security:bruteforce:reset", "127.0.0.1"),
    "02-auth/068": _another_phone,
    "02-auth/073": lambda s, _: s.cli("user:enable", "goldtmp3"),
    "02-auth/074": lambda s, _: s.cli("user:delete", "goldtmp3"),
}

LOGINS_AFTER = {"02-auth/015": _flow_login, "02-auth/031": _rotated}
