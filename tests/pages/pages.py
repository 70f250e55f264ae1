#!/usr/bin/python3
"""The web pages in a real browser: headless Chromium, by keyboard alone, with scripts on and off, light and dark.

    pages.py BINARY [--axe AXE.min.js] [--shots DIR] [--only links]

Connects a device by login flow v2 as a person would, syncs with the app password (nextcloudcmd, where it is installed),
revokes it and sees the next request refused; uses public links; sets up a second factor and logs in with it; allows a program by
OAuth. Every page is looked at by axe-core, whose findings are failures; without
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
import urllib.parse

from selenium.webdriver.common.by import By

from link_pages import links
from scene import PASSWORD, Browser, Looker, Server, ask, basic, check, results, secrets, skipped


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
    parser.add_argument("--only", choices=["links"])
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="cairn-pages.")
    server = Server(os.path.abspath(options.binary), folder)
    browsers = []
    try:
        looker = Looker(options.axe, options.shots)
        browsers.append(Browser(os.path.join(folder, "with-scripts")))
        browsers.append(Browser(os.path.join(folder, "without-scripts"), scripts=False))
        links(server, *browsers, looker, folder)
        if not options.only:
            login = connect(server, browsers[0], looker)
            use(server, login, folder)
            settings(server, browsers[0], looker, login)
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
