#!/usr/bin/env python3
"""Parallel uploads into a home that is nearly full.

    parallel.py BINARY [--rounds N]

A quota of 20 MB, 95 % of it used. In each round twenty clients at once put 200 KB each, every way there is: PUT with
a length, PUT in chunks, an upload session, COPY, a deletion restored, a version restored. Meanwhile the use is asked
for all the time. It must never be above the quota, every refusal must be 507, what was acknowledged must be there,
and afterwards nothing may be left behind: no reservation, no session, no byte of what was refused, and
`quota:recalculate` must find what the quota counts with. The last line is `N passed, N failed`.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from kill import D, NC, OC, PASSWORD, ROOT, TRASH, UPLOADS, USER, VERSIONS, Client, Server  # noqa: E402

QUOTA = 20_000_000
PIECE = 200_000
WAYS = ["length", "chunked", "session", "copy", "trash", "version"]
results = {True: 0, False: 0}


def check(what, is_so):
    results[bool(is_so)] += 1
    if not is_so:
        print("FAIL", what, flush=True)


def propfind(client, path, props, depth="0"):
    body = ('<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" '
            'xmlns:nc="http://nextcloud.org/ns"><d:prop>' + "".join(f"<{p}/>" for p in props) +
            "</d:prop></d:propfind>").encode()
    status, answer = client.request("PROPFIND", path, body, {"Depth": depth})
    return ET.fromstring(answer) if status == 207 else None


def room(client):
    """Bytes used, and bytes free."""
    tree = propfind(client, ROOT, ["d:quota-used-bytes", "d:quota-available-bytes"])
    return int(tree.findtext(f".//{D}quota-used-bytes")), int(tree.findtext(f".//{D}quota-available-bytes"))


class Watcher(threading.Thread):
    """Asks for the use until it is told to stop."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client, self.stop, self.highest, self.asked = Client(server), threading.Event(), 0, 0

    def run(self):
        while not self.stop.is_set():
            self.highest = max(self.highest, room(self.client)[0])
            self.asked += 1


class Uploader(threading.Thread):
    def __init__(self, server, number, way, start):
        super().__init__(daemon=True)
        self.client, self.number, self.way, self.go = Client(server), number, way, start
        self.data = bytes([number]) * PIECE
        self.statuses, self.acknowledged, self.error = [], None, None

    def prepare(self):
        """What has to be there before, at no cost to the quota."""
        name = f"{ROOT}/prepared{self.number}"
        if self.way == "trash":
            self.client.request("PUT", name, self.data)
            self.client.request("DELETE", name)
            tree = propfind(self.client, TRASH + "/trash", ["nc:trashbin-filename"], "1")
            self.member = [urllib.parse.unquote(r.findtext(D + "href")) for r in tree.iter(D + "response")
                           if r.findtext(f".//{NC}trashbin-filename") == f"prepared{self.number}"][-1]
        if self.way == "version":
            self.client.request("PUT", name, self.data)
            self.client.request("PUT", name, b"small")
            number = propfind(self.client, name, ["oc:fileid"]).findtext(f".//{OC}fileid")
            tree = propfind(self.client, f"{VERSIONS}/versions/{number}", ["d:getcontentlength"], "1")
            self.member = [urllib.parse.unquote(r.findtext(D + "href")) for r in tree.iter(D + "response")
                           if r.findtext(f".//{D}getcontentlength") == str(PIECE)][0]

    def run(self):
        self.go.wait()
        try:
            self.acknowledged = getattr(self, "by_" + self.way)(f"{ROOT}/up{self.number}")
        except Exception as error:  # noqa: BLE001 - a broken connection is a failure of the test
            self.error = repr(error)

    def ask(self, method, path, body=None, headers=None):
        status, _ = self.client.request(method, path, body, headers)
        self.statuses.append(status)
        return status

    def by_length(self, path):
        return path if self.ask("PUT", path, self.data) in (201, 204) else None

    def by_chunked(self, path):
        pieces = (self.data[i:i + 50_000] for i in range(0, PIECE, 50_000))
        return path if self.ask("PUT", path, pieces) in (201, 204) else None

    def by_session(self, path):
        session = f"{UPLOADS}/s{self.number}"
        destination = {"Destination": urllib.parse.quote(path)}
        if self.ask("MKCOL", session, headers=destination) != 201:
            return None
        for index in range(2):
            half = self.data[index * PIECE // 2:(index + 1) * PIECE // 2]
            if self.ask("PUT", f"{session}/{index + 1}", half, destination) != 201:
                self.client.request("DELETE", session)
                return None
        if self.ask("MOVE", session + "/.file", headers=destination) in (201, 204):
            return path
        self.client.request("DELETE", session)
        return None

    def by_copy(self, path):
        return path if self.ask("COPY", ROOT + "/piece", headers={"Destination": path}) in (201, 204) else None

    def by_trash(self, _):
        done = self.ask("MOVE", self.member, headers={"Destination": TRASH + "/restore/x"}) == 201
        return f"{ROOT}/prepared{self.number}" if done else None

    def by_version(self, _):
        done = self.ask("MOVE", self.member, headers={"Destination": VERSIONS + "/restore/x"}) == 201
        return f"{ROOT}/prepared{self.number}" if done else None


def one_round(server, number):
    start = threading.Event()
    uploaders = [Uploader(server, i, WAYS[(i + number) % len(WAYS)], start) for i in range(20)]
    for uploader in uploaders:
        uploader.prepare()
    client = Client(server)
    used, _ = room(client)
    # Fill up to 95 %.
    check("filled up", client.request("PUT", ROOT + "/ballast", b"\0" * (QUOTA * 95 // 100 - used))[0] in (201, 204))
    watcher = Watcher(server)
    watcher.start()
    for uploader in uploaders:
        uploader.start()
    start.set()
    for uploader in uploaders:
        uploader.join(60)
        check(f"round {number}: client {uploader.number} ({uploader.way}) ended",
              not uploader.is_alive() and uploader.error is None)
    watcher.stop.set()
    watcher.join(10)
    check(f"round {number}: never above the quota ({watcher.highest})", 0 < watcher.highest <= QUOTA)
    done = [u for u in uploaders if u.acknowledged]
    refused = [s for u in uploaders for s in u.statuses if s >= 400]
    check(f"round {number}: some were taken, some refused ({len(done)}, {len(refused)})", done and refused)
    check(f"round {number}: every refusal is 507: {sorted(set(refused))}", set(refused) == {507})
    for uploader in done:
        status, data = client.request("GET", uploader.acknowledged)
        check(f"round {number}: {uploader.way} is there, whole", status == 200 and len(data) == PIECE)
    for uploader in uploaders:
        if not uploader.acknowledged and uploader.way in ("length", "chunked", "session", "copy"):
            check(f"round {number}: nothing of a refused {uploader.way}",
                  client.request("GET", f"{ROOT}/up{uploader.number}")[0] == 404)
    used, free = room(client)
    check(f"round {number}: no reservation is left ({used} + {free})", used + free == QUOTA)
    names = {r.findtext(D + "href") for r in propfind(client, ROOT, ["d:getetag"], "1").iter(D + "response")}
    for name in names:
        if re.search(r"/(up|prepared)\d+", name):
            client.request("DELETE", urllib.parse.unquote(name), headers={"X-NC-Skip-Trashbin": "true"})
    client.request("DELETE", ROOT + "/ballast", headers={"X-NC-Skip-Trashbin": "true"})
    client.request("DELETE", TRASH + "/trash")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-quota.") as work:
        data = os.path.join(work, "data")

        def cairn(*args):
            return subprocess.run([options.binary, "--data-dir", data, *args], capture_output=True, text=True,
                                  check=False, env={**os.environ, "OC_PASS": PASSWORD})

        cairn("user:add", "--password-from-env", USER)
        cairn("user:setting", USER, "files", "quota", str(QUOTA))
        # What is prepared must not go for its space before it is restored.
        os.environ["CAIRN_TRASH_RETENTION"] = os.environ["CAIRN_VERSIONS_RETENTION"] = "30, 60"
        server = Server(options.binary, data)
        server.start()
        client = Client(server)
        client.request("PUT", ROOT + "/piece", b"p" * PIECE)
        for number in range(options.rounds):
            one_round(server, number)
        counted = cairn("quota:recalculate")
        check("stored = counted: " + counted.stdout + counted.stderr, counted.returncode == 0)
        server.kill()
        fsck = cairn("fsck", "--read-data")
        check("fsck: " + fsck.stdout[-800:], fsck.returncode == 0)
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] or not results[True] else 0)


if __name__ == "__main__":
    main()
