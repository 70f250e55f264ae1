#!/usr/bin/python3
"""A program that gets access to somebody's files by OAuth 2.0, with the public client library requests-oauthlib.

    oauth.py BINARY

Starts a server on a free port of 127.0.0.1, registers a client, and goes the whole way: authorization code with
PKCE, login and consent through the HTML forms, the bearer on WebDAV and OCS, refresh, and every way in which the
access ends. Debian: python3-requests-oauthlib. The last line is `N passed, N failed`.
"""
import argparse
import base64
import hashlib
import html.parser
import json
import os
import secrets
import subprocess
import sys
import tempfile
import urllib.parse

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # http on 127.0.0.1

import requests  # noqa: E402
from oauthlib.oauth2 import OAuth2Error  # noqa: E402
from requests.auth import HTTPBasicAuth  # noqa: E402
from requests_oauthlib import OAuth2Session  # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from kill import PASSWORD, ROOT, USER, Server  # noqa: E402

CALLBACK = "http://127.0.0.1:9/callback?provider=cairn"
results = {True: 0, False: 0}


def check(what, is_so):
    results[bool(is_so)] += 1
    if not is_so:
        print("FAIL", what, flush=True)


class Forms(html.parser.HTMLParser):
    """The forms of a page: action, and the fields that are filled in already."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.forms.append((attrs["action"], {}))
        elif tag == "input" and self.forms and "name" in attrs:
            self.forms[-1][1][attrs["name"]] = attrs.get("value", "")


class Browser:
    def __init__(self):
        self.session = requests.Session()

    def submit(self, page, fields, follow=True):
        action, filled = Forms(page.text).forms[0]
        return self.session.post(urllib.parse.urljoin(page.url, action), {**filled, **fields},
                                 allow_redirects=follow, timeout=30)

    def consent(self, url):
        """From the program's link to the page that asks."""
        page = self.session.get(url, timeout=30)
        check("the login page comes first", page.status_code == 200 and "/login" in page.url)
        page = self.submit(page, {"user": USER, "password": PASSWORD})
        check("the page says who asks, and for whom",
              page.status_code == 200 and "OpenProject" in page.text and USER in page.text)
        check("its form may lead to the client", "http://127.0.0.1:9" in page.headers["Content-Security-Policy"])
        return page

    def decide(self, url, decision):
        answer = self.submit(self.consent(url), {"decision": decision}, follow=False)
        check("the browser goes back to the client",
              answer.status_code == 303 and answer.headers["Location"].startswith(CALLBACK + "&"))
        return answer.headers.get("Location", "")


class Program:
    """What OpenProject does."""

    def __init__(self, server, client):
        self.base = f"http://127.0.0.1:{server.port}"
        self.id, self.secret = client["clientId"], client["clientSecret"]
        self.authorize = self.base + "/index.php/apps/oauth2/authorize"
        self.token_url = self.base + "/index.php/apps/oauth2/api/v1/token"
        self.oauth = OAuth2Session(self.id, redirect_uri=CALLBACK)
        self.verifier = secrets.token_urlsafe(48)

    def link(self):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        url, self.state = self.oauth.authorization_url(self.authorize, code_challenge=challenge,
                                                       code_challenge_method="S256")
        return url

    def fetch(self, location, **fields):
        return self.oauth.fetch_token(self.token_url, authorization_response=location, client_secret=self.secret,
                                      **{"code_verifier": self.verifier, **fields})

    def connect(self):
        return self.fetch(Browser().decide(self.link(), "allow"))

    def refresh(self, token):
        return self.oauth.refresh_token(self.token_url, refresh_token=token["refresh_token"],
                                        auth=HTTPBasicAuth(self.id, self.secret))

    def listing(self, token):
        return requests.request("PROPFIND", self.base + ROOT + "/", timeout=30, headers={
            "Depth": "0", "Authorization": "Bearer " + token["access_token"]}).status_code


def refusal(call):
    """The error that the library found in the answer; None: there was none."""
    try:
        call()
    except OAuth2Error as error:
        return error.error
    return None


def everyday(program):
    token = program.connect()
    check("the answer is complete", token["token_type"] == "Bearer" and token["expires_in"] == 3600 and
          token["user_id"] == USER and token["refresh_token"])
    check("PROPFIND", program.listing(token) == 207)
    url = program.base + ROOT + "/by-oauth.txt"
    check("PUT", program.oauth.put(url, data=b"hello", timeout=30).status_code == 201)
    check("GET", program.oauth.get(url, timeout=30).content == b"hello")
    user = program.oauth.get(program.base + "/ocs/v2.php/cloud/user", timeout=30,
                             headers={"OCS-APIRequest": "true", "Accept": "application/json"})
    check("OCS", user.status_code == 200 and user.json()["ocs"]["data"]["id"] == USER)
    renewed = program.refresh(token)
    check("a refresh gives other secrets", renewed["access_token"] != token["access_token"] and
          renewed["refresh_token"] != token["refresh_token"])
    check("the new access token opens", program.listing(renewed) == 207)
    check("the old one does not", program.listing(token) == 401)
    check("an old refresh token is refused", refusal(lambda: program.refresh(token)) == "invalid_request")
    check("and ends the access", program.listing(renewed) == 401)
    check("for good", refusal(lambda: program.refresh(renewed)) == "invalid_request")


def refused(program):
    location = Browser().decide(program.link(), "deny")
    check("denied", refusal(lambda: program.fetch(location)) == "access_denied")
    location = Browser().decide(program.link(), "allow")
    check("a wrong verifier", refusal(lambda: program.fetch(location, code_verifier="w" * 43)) == "invalid_grant")
    check("spends the code", refusal(lambda: program.fetch(location)) == "invalid_request")
    location = Browser().decide(program.link(), "allow")
    token = program.fetch(location)
    check("a code works once", refusal(lambda: program.fetch(location)) == "invalid_request")
    check("and its access has ended", program.listing(token) == 401)
    secret, program.secret = program.secret, "wrong"
    location = Browser().decide(program.link(), "allow")
    check("a wrong secret", refusal(lambda: program.fetch(location)) == "invalid_client")
    program.secret = secret
    check("spends nothing", program.listing(program.fetch(location)) == 207)
    stray = requests.get(program.authorize, timeout=30, allow_redirects=False, params={
        "response_type": "code", "client_id": program.id, "redirect_uri": "http://127.0.0.1:9/evil"})
    check("another redirect URI", stray.status_code == 400 and "Location" not in stray.headers)


def ended(program, cairn):
    token = program.connect()
    rows = json.loads(cairn("user:auth-tokens:list", USER, "--output=json").stdout)
    check("listed by the client's name", rows and rows[-1]["name"] == "OpenProject")
    check("revoked", cairn("user:auth-tokens:delete", USER, str(rows[-1]["id"])).returncode == 0)
    check("revoked: the access token", program.listing(token) == 401)
    check("revoked: the refresh token", refusal(lambda: program.refresh(token)) == "invalid_request")
    token = program.connect()
    cairn("user:disable", USER)
    check("disabled: the access token", program.listing(token) == 401)
    check("disabled: the refresh token", refusal(lambda: program.refresh(token)) == "invalid_request")
    cairn("user:enable", USER)
    token = program.refresh(token)
    check("enabled again", program.listing(token) == 207)
    check("the client is removed", cairn("oauth2:remove", program.id).returncode == 0)
    check("removed: the access token", program.listing(token) == 401)
    check("removed: the refresh token", refusal(lambda: program.refresh(token)) == "invalid_request")
    check("removed: the page", requests.get(program.link(), timeout=30).status_code == 400)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-oauth.") as work:
        data = os.path.join(work, "data")

        def cairn(*args):
            return subprocess.run([options.binary, "--data-dir", data, *args], capture_output=True, text=True,
                                  check=False, env={**os.environ, "OC_PASS": PASSWORD})

        cairn("user:add", "--password-from-env", USER)
        made = cairn("oauth2:add-client", "OpenProject", CALLBACK, "--output=json")
        server = Server(options.binary, data)
        server.start()
        try:
            program = Program(server, json.loads(made.stdout))
            everyday(program)
            refused(program)
            ended(program, cairn)
        finally:
            server.kill()
        fsck = cairn("fsck", "--read-data")
        check("fsck: " + fsck.stdout[-800:], fsck.returncode == 0)
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] or not results[True] else 0)


if __name__ == "__main__":
    main()
