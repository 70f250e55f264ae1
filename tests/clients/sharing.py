#!/usr/bin/env python3
"""Two people share a folder, and each uses a real client: Nextcloud's desktop sync for bob, curl's verbs for alice.

    sharing.py BINARY

Starts a server on a free port of 127.0.0.1, shares by the OCS API, syncs with nextcloudcmd, and looks at both ends:
both edit, each right that is not granted holds against the sync client, the share ends and the folder goes. rclone
copies what is shared, too, and with curl uses public links: reads, writes, gives a password, drops files. Debian:
nextcloud-desktop-cmd, rclone, curl. The last line is `N passed, N failed`.
"""
import argparse
import base64
import http.client
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from kill import Server  # noqa: E402

PASSWORDS = {"alice": "alice keeps secrets", "bob": "bob keeps secrets"}
SYNC_SECONDS = 60
SYNC_TRIES = 5  # nextcloudcmd 3.7.3 sometimes stops for good inside itself
passed = failed = 0


def check(what, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what} {detail}")


class Person:
    """Somebody with an app password: logging in costs no hash."""

    def __init__(self, server, name, home):
        self.server, self.name, self.home = server, name, home
        self.secret = PASSWORDS[name]
        self.secret = self.ocs("GET", "/ocs/v2.php/core/getapppassword")["apppassword"]
        self.copy = home / (name + "-files")
        self.copy.mkdir(parents=True)

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        login = base64.b64encode(f"{self.name}:{self.secret}".encode()).decode()
        connection.request(method, path, body, {"Authorization": "Basic " + login, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def dav(self, method, path, body=None, headers=None):
        return self.ask(method, urllib.parse.quote(f"/remote.php/dav/files/{self.name}/{path}"), body, headers)

    def read(self, path):
        status, body = self.dav("GET", path)
        return body.decode() if status == 200 else status

    def ocs(self, method, target, **fields):
        status, body = self.ask(method, target, urllib.parse.urlencode(fields) if fields else None, {
            "OCS-APIRequest": "true", "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded"})
        answer = json.loads(body)["ocs"]
        if status != 200:
            raise SystemExit(f"{method} {target}: {status} {answer['meta']}")
        return answer["data"]

    def sync(self):
        """One run of nextcloudcmd over everything that this person has."""
        home = self.home / (self.name + "-home")
        env = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"),
                   XDG_CACHE_HOME=str(home / ".cache"), XDG_DATA_HOME=str(home / ".local/share"),
                   QT_QPA_PLATFORM="offscreen")
        for _ in range(SYNC_TRIES):
            try:
                done = subprocess.run(
                    ["nextcloudcmd", "--non-interactive", "--trust", "-u", self.name, "-p", self.secret,
                     str(self.copy), f"http://127.0.0.1:{self.server.port}"],
                    env=env, timeout=SYNC_SECONDS, capture_output=True, check=False)
                return done.returncode
            except subprocess.TimeoutExpired as stalled:
                last = (stalled.stderr or b"").decode(errors="replace").strip().splitlines()[-1:]
                print("note: the client stalled inside itself:", *last, flush=True)
        return "stalled"

    def local(self, path):
        file = self.copy / path
        return file.read_text() if file.is_file() else None

    def write(self, path, text):
        (self.copy / path).write_text(text)


SHARES = "/ocs/v2.php/apps/files_sharing/api/v1/shares"


def both_edit(alice, bob):
    alice.dav("MKCOL", "team")
    alice.dav("MKCOL", "team/sub")
    alice.dav("PUT", "team/a.txt", "of alice")
    alice.dav("PUT", "private.txt", "not shared")
    bob.dav("PUT", "own.txt", "of bob alone")  # where all files change at once, the client asks its user
    share = alice.ocs("POST", SHARES, path="/team", shareType=0, shareWith="bob", permissions=31)
    check("the share names its recipient", share["share_with"] == "bob" and share["permissions"] == 31)
    check("bob's client syncs", bob.sync() == 0)
    check("the shared file is there", bob.local("team/a.txt") == "of alice")
    check("nothing else is", not (bob.copy / "private.txt").exists())
    bob.write("team/a.txt", "of alice, then of bob")
    bob.write("team/sub/b.txt", "of bob")
    check("bob's changes go up", bob.sync() == 0)
    check("alice has his change", alice.read("team/a.txt") == "of alice, then of bob")
    check("alice has his new file", alice.read("team/sub/b.txt") == "of bob")
    alice.dav("PUT", "team/sub/b.txt", "of bob, then of alice")
    alice.dav("DELETE", "team/a.txt")
    check("alice's changes come down", bob.sync() == 0)
    check("bob has her change", bob.local("team/sub/b.txt") == "of bob, then of alice")
    check("what she deleted is gone", bob.local("team/a.txt") is None)
    return share["id"]


def rights_hold(alice, bob, share):
    def only(permissions):
        alice.dav("PUT", "team/keep.txt", "keep")
        alice.ocs("PUT", f"{SHARES}/{share}", permissions=permissions)
        check(f"a sync with the rights {permissions}", bob.sync() == 0)

    only(1)
    bob.write("team/keep.txt", "changed without the right")
    bob.write("team/new.txt", "made without the right")
    (bob.copy / "team/sub/b.txt").unlink()
    bob.sync()
    check("read-only: what is there stays", alice.read("team/keep.txt") == "keep")
    check("read-only: nothing is made", alice.read("team/new.txt") == 404)
    check("read-only: nothing is deleted", alice.read("team/sub/b.txt") == "of bob, then of alice")
    bob.sync()
    check("read-only: his copy is whole again", bob.local("team/sub/b.txt") == "of bob, then of alice")

    only(7)  # everything but deleting
    bob.write("team/keep.txt", "changed with the right")
    (bob.copy / "team/sub/b.txt").unlink()
    bob.sync()
    check("no delete: a change goes up", alice.read("team/keep.txt") == "changed with the right")
    check("no delete: nothing is deleted", alice.read("team/sub/b.txt") == "of bob, then of alice")

    only(3)  # neither creating nor deleting
    bob.write("team/newer.txt", "made without the right")
    bob.write("team/keep.txt", "changed again")
    bob.sync()
    check("no create: a change goes up", alice.read("team/keep.txt") == "changed again")
    check("no create: nothing is made", alice.read("team/newer.txt") == 404)


def rclone(home, remote, user, password, *arguments):
    """One run of rclone; {} in the arguments stands for the remote, a WebDAV server at this URL."""
    secret = "" if not password else subprocess.run(
        ["rclone", "obscure", password], capture_output=True, text=True, check=True).stdout.strip()
    vendor = "nextcloud" if "/files/" in remote and "/public.php/" not in remote else "other"
    spec = f":webdav,url='{remote}',vendor={vendor},user={user},pass='{secret}':"
    return subprocess.run(["rclone", *(one.replace("{}", spec) for one in arguments)], cwd=home,
                          capture_output=True, text=True, timeout=120, check=False)


def rclone_copies(bob):
    target = bob.home / "rclone"
    done = rclone(bob.home, f"http://127.0.0.1:{bob.server.port}/remote.php/dav/files/bob", "bob", bob.secret,
                  "copy", "{}team", str(target))
    check("rclone copies the shared folder", done.returncode == 0, done.stderr)
    check("with what is in it", (target / "sub/b.txt").is_file())


def curl(*arguments):
    done = subprocess.run(["curl", "-s", "-w", "\n%{http_code}", *arguments], capture_output=True, text=True, timeout=60,
                          check=False)
    body, _, status = done.stdout.rpartition("\n")
    return int(status or 0), body


def links_are_used(alice):
    base = f"http://127.0.0.1:{alice.server.port}/public.php"
    alice.dav("MKCOL", "public")
    alice.dav("MKCOL", "public/inner")
    alice.dav("PUT", "public/p.txt", b"public text")
    alice.dav("PUT", "public/inner/q.txt", b"inner text")
    link = alice.ocs("POST", SHARES, path="/public", shareType=3)
    token = link["token"]
    down = alice.home / "link-down"
    up = alice.home / "link-up"
    up.mkdir()
    (up / "sent.txt").write_text("sent by rclone")

    done = rclone(alice.home, base + "/webdav", token, "", "copy", "{}", str(down))
    check("rclone copies a link", done.returncode == 0, done.stderr)
    check("with what is in it", (down / "inner/q.txt").read_text() == "inner text")
    done = rclone(alice.home, f"{base}/dav/files/{token}", "anonymous", "", "lsf", "-R", "{}")
    check("rclone lists a link by its path", sorted(done.stdout.split()) == ["inner/", "inner/q.txt", "p.txt"], done.stderr)
    done = rclone(alice.home, base + "/webdav", token, "", "copy", str(up), "{}", "--retries", "1", "--low-level-retries", "1")
    check("a link for reading takes nothing", done.returncode != 0 and alice.read("public/sent.txt") == 404, done.stderr)
    check("curl reads by a link", curl(f"{base}/dav/files/{token}/p.txt") == (200, "public text"))

    password = "open sesame 1001"
    alice.ocs("PUT", f"{SHARES}/{link['id']}", permissions=15, password=password)
    check("the password is asked for", curl(f"{base}/dav/files/{token}/p.txt")[0] == 401)
    check("curl gives it", curl("-u", f"anonymous:{password}", f"{base}/dav/files/{token}/p.txt") == (200, "public text"))
    done = rclone(alice.home, base + "/webdav", token, password, "sync", str(up), "{}inner")
    check("rclone syncs into a link", done.returncode == 0, done.stderr)
    check("what was there is gone, what was sent is there",
          alice.read("public/inner/sent.txt") == "sent by rclone" and alice.read("public/inner/q.txt") == 404)

    alice.dav("MKCOL", "inbox")
    drop = alice.ocs("POST", SHARES, path="/inbox", shareType=3, permissions=4)
    to = f"{base}/dav/files/{drop['token']}"
    for _ in range(2):
        check("curl drops a file", curl("-T", str(up / "sent.txt"), f"{to}/sent.txt")[0] == 201)
    check("both are kept", [alice.read(f"inbox/{name}") for name in ("sent.txt", "sent (2).txt")] == ["sent by rclone"] * 2)
    done = rclone(alice.home, base + "/webdav", drop["token"], "", "lsf", "{}", "--retries", "1", "--low-level-retries", "1")
    check("rclone sees nothing of a drop", done.returncode != 0 and "sent" not in done.stdout)
    for share in (link, drop):
        alice.ocs("DELETE", f"{SHARES}/{share['id']}")
    check("a link that has ended opens nothing", curl("-u", f"x:{password}", f"{base}/dav/files/{token}/p.txt")[0] == 404)


def it_ends(alice, bob, share):
    alice.ocs("PUT", f"{SHARES}/{share}", permissions=31)
    shutil.rmtree(bob.copy)
    bob.copy.mkdir()
    check("a fresh copy", bob.sync() == 0 and bob.local("team/keep.txt") == "changed again")
    alice.ocs("DELETE", f"{SHARES}/{share}")
    check("a sync after the share has ended", bob.sync() == 0)
    check("the folder is gone with him", not (bob.copy / "team").exists())
    check("and is there with her", alice.read("team/keep.txt") == "changed again")

    again = alice.ocs("POST", SHARES, path="/team", shareType=0, shareWith="bob", permissions=31)
    check("it comes back", bob.sync() == 0 and bob.local("team/keep.txt") == "changed again")
    shutil.rmtree(bob.copy / "team")
    check("he removes the folder", bob.sync() == 0)
    check("she still has it", alice.read("team/keep.txt") == "changed again")
    left = [share["id"] for share in alice.ocs("GET", SHARES)]
    check("he has left the share", again["id"] not in left)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("binary")
    binary = os.path.abspath(arguments.parse_args().binary)
    with tempfile.TemporaryDirectory(prefix="cairn-sharing.") as work:
        data = os.path.join(work, "data")
        for name, password in PASSWORDS.items():
            subprocess.run([binary, "--data-dir", data, "user:add", "--password-from-env", name],
                           env=dict(os.environ, OC_PASS=password), check=True, stdout=subprocess.DEVNULL)
        server = Server(binary, data)
        server.start()
        try:
            home = pathlib.Path(work)
            alice, bob = Person(server, "alice", home), Person(server, "bob", home)
            share = both_edit(alice, bob)
            rights_hold(alice, bob, share)
            rclone_copies(bob)
            links_are_used(alice)
            it_ends(alice, bob, share)
        finally:
            server.process.terminate()
            server.process.wait(timeout=30)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
