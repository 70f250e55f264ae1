#!/usr/bin/python3
"""The web pages in a real browser: headless Chromium, by keyboard alone, with scripts on and off, light and dark.

    pages.py BINARY [--axe AXE.min.js] [--shots DIR]

Connects a device by login flow v2 as a person would, syncs with the app password (nextcloudcmd, where it is installed),
revokes it and sees the next request refused; sets up a second factor and logs in with it; allows a program by OAuth. Every page is looked at by axe-core, whose findings are failures; without
--axe this part is skipped, and the last lines say so. --shots keeps a picture of each page. The last line is
`N passed, N failed`.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

PASSWORD = "a good password"
results = {True: 0, False: 0}
skipped = []
secrets = {"the password": PASSWORD}  # what must stand in no log and nowhere in the data


def check(what, is_so, detail=""):
    results[bool(is_so)] += 1
    if not is_so:
        print("FAIL", what, detail, flush=True)
    return is_so


class Server:
    """A server of its own with the user alice."""

    def __init__(self, binary, folder):
        self.binary, self.data = binary, os.path.join(folder, "data")
        self.cli("user:add", "--password-from-env", "alice", env={"OC_PASS": PASSWORD})
        self.log = open(os.path.join(folder, "server.log"), "w+")
        self.process = subprocess.Popen([binary, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0"],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(100):
            found = re.search(r"http://127\.0\.0\.1:\d+", pathlib.Path(self.log.name).read_text())
            if found:
                self.base = found.group(0)
                return
            time.sleep(0.1)
        raise SystemExit("the server did not start")

    def cli(self, *words, env=None):
        return subprocess.run([self.binary, "--data-dir", self.data, *words], check=True, capture_output=True, text=True,
                              env={**os.environ, **(env or {})}).stdout

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def ask(method, url, data=None, headers=None):
    """Status and body."""
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Browser:
    """Chromium, driven by keys."""

    def __init__(self, folder, scripts=True):
        options = webdriver.ChromeOptions()
        for word in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1000,1400", "--user-data-dir=" + folder]:
            options.add_argument(word)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.set_page_load_timeout(60)

    def open(self, url):
        self.driver.get(url)

    def title(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def text(self):
        return self.driver.find_element(By.TAG_NAME, "main").text

    def focus(self):
        return self.driver.switch_to.active_element

    def tab_to(self, is_it, most=60):
        """Moves on with the tabulator until the element that has the focus is the one."""
        for _ in range(most):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
            if is_it(self.focus()):
                return self.focus()
        raise AssertionError("no key leads there")

    def field(self, name, within=""):
        return self.tab_to(lambda e: e.get_attribute("name") == name and within in
                           e.find_element(By.XPATH, "./ancestor::form").get_attribute("action"))

    def enter(self, element, text=""):
        """Text and Enter, which leads to another page."""
        before = self.driver.find_element(By.TAG_NAME, "html")
        element.send_keys(text + Keys.ENTER)
        WebDriverWait(self.driver, 30).until(staleness_of(before))

    def press(self, label):
        """A link or button: the focus goes there, then Enter."""
        self.enter(self.tab_to(lambda e: label in (e.text, e.get_attribute("aria-label"))))

    def log_in(self, password=PASSWORD):
        field = self.field("user")
        field.clear()
        field.send_keys("alice")
        self.enter(self.field("password"), password)


class Looker:
    """What every page is looked at for."""

    def __init__(self, axe, shots):
        self.axe = pathlib.Path(axe).read_text() if axe else None
        self.shots = shots
        if not axe:
            skipped.append("axe-core: not given")

    def look(self, browser, name):
        driver = browser.driver
        for scheme in ["light", "dark"]:
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                   {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
            if self.shots:
                picture = driver.get_screenshot_as_base64()
                pathlib.Path(self.shots, f"{name}-{scheme}.png").write_bytes(base64.b64decode(picture))
            if not self.axe:
                continue
            driver.execute_script(self.axe)
            found = driver.execute_async_script(
                "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']})"
                ".then(r => done(r.violations), e => done([{id: 'axe', help: String(e), nodes: []}]));")
            check(f"axe finds nothing on {name}, {scheme}", not found,
                  json.dumps([[v["id"], v["help"], [n["html"] for n in v["nodes"]][:3]] for v in found])[:1500])


def start_flow(server):
    status, body = ask("POST", server.base + "/index.php/login/v2", b"", {"User-Agent": "Alice's phone"})
    assert status == 200, body
    flow = json.loads(body)
    secrets.update({"a poll token": flow["poll"]["token"], "a login token": flow["login"].rsplit("/", 1)[1]})
    return flow


def poll(flow):
    return ask("POST", flow["poll"]["endpoint"], urllib.parse.urlencode({"token": flow["poll"]["token"]}).encode())


def connect(server, browser, looker=None):
    """Login flow v2, by keyboard. The answer to the device."""
    look = looker.look if looker else lambda *_: None
    flow = start_flow(server)
    check("a poll before the grant finds nothing", poll(flow) == (404, "[]"))
    browser.open(flow["login"])
    check("the device is named", "Alice's phone" in browser.text())
    look(browser, "ask")
    browser.press("Log in")
    look(browser, "login")
    browser.log_in("a wrong password")
    check("a wrong password is said", "Wrong user name or password" in browser.text(), browser.text())
    look(browser, "login-wrong")
    browser.log_in()
    check("then access is granted", browser.title() == "Grant access", browser.text())
    look(browser, "grant")
    browser.press("Grant access")
    check("and that is said", browser.title() == "Account connected", browser.text())
    look(browser, "done")
    status, body = poll(flow)
    check("the device gets its app password", status == 200, f"{status} {body}")
    check("and gets it once", poll(flow)[0] == 404)
    login = json.loads(body)
    secrets["the device's app password"] = login["appPassword"]
    secrets.update({f"the cookie {c['name']}": c["value"] for c in browser.driver.get_cookies()})
    return login


def basic(login):
    return {"Authorization": "Basic " + base64.b64encode(
        f"{login['loginName']}:{login['appPassword']}".encode()).decode(), "OCS-APIRequest": "true"}


def use(server, login, folder):
    """What the device does with it."""
    check("the app password opens OCS", ask("GET", server.base + "/ocs/v2.php/cloud/user", None, basic(login))[0] == 200)
    if not shutil.which("nextcloudcmd"):
        skipped.append("nextcloudcmd: not installed")
        return
    local = pathlib.Path(folder, "sync")
    local.mkdir()
    (local / "letter.txt").write_text("Dear reader,\n")
    synced = subprocess.run(["nextcloudcmd", "--non-interactive", "-u", login["loginName"], "-p", login["appPassword"],
                             str(local), login["server"]], capture_output=True, text=True, timeout=120, check=False,
                            env={**os.environ, "HOME": folder, "QT_QPA_PLATFORM": "offscreen"})
    check("nextcloudcmd syncs with it", synced.returncode == 0, synced.stderr[-500:])
    status, body = ask("GET", server.base + "/remote.php/dav/files/alice/letter.txt", None, basic(login))
    check("and the file is there", (status, body) == (200, "Dear reader,\n"))


def settings(server, browser, looker, login):
    browser.open(server.base + "/settings/user")
    check("the settings list the device", "Alice's phone" in browser.text())
    looker.look(browser, "settings")
    browser.press("Revoke Alice's phone")
    check("revoked, it is gone", "Alice's phone" not in browser.text())
    status = ask("GET", server.base + "/ocs/v2.php/cloud/user", None, basic(login))[0]
    check("and its next request is refused", status == 401, str(status))
    browser.field("name", "devices").send_keys("by hand")
    browser.enter(browser.field("password", "devices"), PASSWORD)
    secret = browser.driver.find_element(By.CLASS_NAME, "secret").text
    secrets["an app password"] = secret
    check("an app password is made and shown", re.fullmatch(r"(\w{5}-){4}\w{5}", secret), secret)
    looker.look(browser, "settings-new-app-password")
    status = ask("GET", server.base + "/ocs/v2.php/cloud/user", None,
                 basic({"loginName": "alice", "appPassword": secret}))[0]
    check("and it opens", status == 200)
    browser.press("Log out here")
    check("logging out leads to the login page", browser.title() == "Log in")
    browser.open(server.base + "/settings/user")
    check("and closes the settings", browser.title() == "Log in")


def totp(secret, at):
    """RFC 6238, as an application on a telephone computes it."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7fffffff) % 1000000:06}"


def second_factor(server, browser, looker):
    browser.open(server.base + "/settings/user")
    browser.log_in()
    browser.enter(browser.field("password", "totp/begin"), PASSWORD)
    check("the second factor is set up", browser.title() == "Set up codes", browser.text())
    looker.look(browser, "enrol")
    secret = browser.driver.find_element(By.CLASS_NAME, "secret").text
    at = time.time()
    browser.enter(browser.field("code"), totp(secret, at))
    codes = [item.text for item in browser.driver.find_elements(By.CSS_SELECTOR, "ul.secret li")]
    check("a code turns it on and shows backup codes", len(codes) == 10, browser.text())
    secrets["a backup code"] = codes[0]
    looker.look(browser, "backup-codes")
    status = ask("GET", server.base + "/ocs/v2.php/cloud/user", None, basic({"loginName": "alice", "appPassword": PASSWORD}))[0]
    check("the password alone opens nothing now", status == 401, str(status))
    browser.press("Log out here")
    browser.log_in()
    check("the login asks for a code", browser.title() == "Second step", browser.text())
    looker.look(browser, "challenge")
    browser.enter(browser.field("code"), "000000")
    check("a wrong one is said", "The code is wrong" in browser.text(), browser.text())
    browser.enter(browser.field("code"), totp(secret, at + 30))
    check("and the next one opens the settings", browser.title() == "Settings", browser.text())


def look_for_secrets(folder):
    """Promises T-24 and T-25: what was given out stands in no log, and in the store only as its keyed hash."""
    for path in [os.path.join(folder, "server.log"), *pathlib.Path(folder, "data").rglob("*")]:
        if not os.path.isfile(path):
            continue
        content = pathlib.Path(path).read_bytes()
        for what, secret in secrets.items():
            check(f"{what} is not in {os.path.basename(path)}", secret.encode() not in content)


def oauth(server, browser, looker):
    """Who is logged in allows a program; it gets its code."""
    client = json.loads(server.cli("oauth2:add-client", "--output=json", "OpenProject", server.base + "/status.php"))
    browser.open(server.base + "/index.php/apps/oauth2/authorize?" + urllib.parse.urlencode(
        {"response_type": "code", "client_id": client["clientId"], "state": "a state"}))
    check("a program asks for access", "OpenProject" in browser.text(), browser.text())
    looker.look(browser, "consent")
    browser.press("Allow OpenProject")
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(browser.driver.current_url).query)
    check("and is given a code", query.get("state") == ["a state"] and "code" in query, browser.driver.current_url)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--axe")
    parser.add_argument("--shots")
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="cairn-pages.")
    server = Server(os.path.abspath(options.binary), folder)
    browsers = []
    try:
        looker = Looker(options.axe, options.shots)
        browsers.append(Browser(os.path.join(folder, "with-scripts")))
        login = connect(server, browsers[0], looker)
        use(server, login, folder)
        settings(server, browsers[0], looker, login)
        browsers.append(Browser(os.path.join(folder, "without-scripts"), scripts=False))
        connect(server, browsers[1])
        second_factor(server, browsers[0], looker)
        oauth(server, browsers[0], looker)
    finally:
        for browser in browsers:
            browser.driver.quit()
        check("the server ends well", server.stop() == 0)
        look_for_secrets(folder)
        shutil.rmtree(folder, ignore_errors=True)
    for line in skipped:
        print("SKIP", line)
    print(f"{results[True]} passed, {results[False]} failed")
    return 1 if results[False] else 0


if __name__ == "__main__":
    sys.exit(main())
