#!/usr/bin/env python3
"""Kills a server under mixed load, again and again, and holds its data against an oracle outside of it.

    kill.py BINARY [--kills N] [--writers N] [--seed N] [--keep]

Each writer works in a folder of its own, one operation at a time: PUT (new, overwrite, small, large), chunked
upload, MOVE, COPY, DELETE, MKCOL, PROPPATCH, what was deleted restored from the trash or purged there, the last
version of an overwritten file restored. The oracle applies an operation when its reply arrives. After each
SIGKILL and restart a folder must be exactly what the oracle says, or that with the one unanswered operation
applied as a whole; `cairn fsck` must be clean, and the restart ready within 5 seconds. The last line is
`N kills, N operations acknowledged, N lost, N half-applied, N fsck findings, slowest start N ms`; exit 1 when
any of these is not 0 or the start took longer.
"""
import argparse
import base64
import hashlib
import http.client
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET

USER, PASSWORD = "alice", "kill-test-password"
AUTH = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ROOT = f"/remote.php/dav/files/{USER}"
UPLOADS = f"/remote.php/dav/uploads/{USER}"
TRASH = f"/remote.php/dav/trashbin/{USER}"
VERSIONS = f"/remote.php/dav/versions/{USER}"
D = "{DAV:}"
OC = "{http://owncloud.org/ns}"
NC = "{http://nextcloud.org/ns}"
COLOUR = "{http://example.org/ns}colour"


class Server:
    def __init__(self, binary, data):
        self.binary, self.data, self.process, self.port = binary, data, None, 0

    def start(self):
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data-dir", self.data, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        else:
            raise SystemExit("the server did not start")
        threading.Thread(target=self._drain, args=(self.process.stdout,), daemon=True).start()
        while True:
            try:
                if Client(self).request("GET", "/status.php")[0] == 200:
                    break
            except OSError:
                pass
            if time.monotonic() - begun > 30:
                raise SystemExit("the server does not answer")
        return time.monotonic() - begun

    @staticmethod
    def _drain(stream):
        for _ in stream:
            pass

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Client:
    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, urllib.parse.quote(path), body,
                                {"Authorization": AUTH, **(headers or {})})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


class Writer(threading.Thread):
    """One client with its own folder and its own oracle: path -> None (folder) or (sha1, colour)."""

    def __init__(self, server, name, seed, state):
        super().__init__(daemon=True)
        self.server, self.top, self.random = server, "/" + name, random.Random(seed)
        self.state = state          # what was acknowledged
        self.pending = None         # the same with the unanswered operation applied
        self.deleted = {}           # path -> what was there, of deletions that nobody has undone
        self.acknowledged = 0
        self.problem = None

    def run(self):
        try:
            client = Client(self.server)
            if not self.state:
                self.apply(client, "MKCOL", self.top, {self.top: None}, (201, 405))
            while self.one(client):
                pass
        except (OSError, http.client.HTTPException):
            pass  # killed: the pending operation may or may not have happened

    def apply(self, client, method, path, after, statuses, body=None, headers=None):
        self.pending = after
        status, _ = client.request(method, ROOT + path if not path.startswith("/remote") else path, body, headers)
        if status not in statuses:
            if status in (423, 503):
                self.pending = None
                return True
            self.problem = f"{method} {path}: {status}, wanted {statuses}"
            return False
        self.state, self.pending = after, None
        self.acknowledged += 1
        return True

    def files(self):
        return [p for p, v in self.state.items() if v is not None]

    def folders(self):
        return [p for p, v in self.state.items() if v is None]

    def fresh(self):
        return self.random.choice(self.folders()) + f"/n{self.random.randrange(10**9)}"

    def below(self, path):
        return {p: v for p, v in self.state.items() if p == path or p.startswith(path + "/")}

    def one(self, client):
        kind = self.random.choice(["put", "put", "put", "overwrite", "large", "chunked", "move", "copy", "delete",
                                   "mkcol", "proppatch", "restore", "purge", "undo"])
        if len(self.state) > 60:
            kind = "delete"
        return getattr(self, "do_" + kind)(client)

    def body(self, size):
        return self.random.randbytes(size)

    def put(self, client, path, data):
        known = self.state.get(path)
        after = {**self.state, path: (hashlib.sha1(data).hexdigest(), known[1] if known else None)}
        return self.apply(client, "PUT", path, after, (201, 204), data)

    def do_put(self, client):
        return self.put(client, self.fresh(), self.body(self.random.randrange(0, 12000)))

    def do_large(self, client):
        return self.put(client, self.fresh(), self.body(self.random.randrange(20000, 400000)))

    def do_overwrite(self, client):
        files = self.files()
        if not files:
            return True
        return self.put(client, self.random.choice(files), self.body(self.random.randrange(1, 40000)))

    def do_mkcol(self, client):
        path = self.fresh()
        if path.count("/") > 8:
            return True
        return self.apply(client, "MKCOL", path, {**self.state, path: None}, (201,))

    def do_chunked(self, client):
        session = f"{UPLOADS}/s{self.random.randrange(10**9)}"
        if client.request("MKCOL", session)[0] != 201:
            self.problem = "MKCOL of a session"
            return False
        whole = b""
        for index in range(self.random.randrange(1, 5)):
            piece = self.body(self.random.randrange(1, 60000))
            if client.request("PUT", f"{session}/{index + 1:05}", piece)[0] != 201:
                self.problem = "PUT of a chunk"
                return False
            whole += piece
        path = self.fresh()
        after = {**self.state, path: (hashlib.sha1(whole).hexdigest(), None)}
        headers = {"Destination": urllib.parse.quote(ROOT + path), "OC-Total-Length": str(len(whole)),
                   "OC-Checksum": "SHA1:" + hashlib.sha1(whole).hexdigest()}
        return self.apply(client, "MOVE", session + "/.file", after, (201,), headers=headers)

    def do_move(self, client):
        choices = [p for p in self.state if p != self.top]
        if not choices:
            return True
        source, target = self.random.choice(choices), self.fresh()
        if target.startswith(source + "/") or target.count("/") > 8:
            return True
        moved = self.below(source)
        after = {p: v for p, v in self.state.items() if p not in moved}
        after.update({target + p[len(source):]: v for p, v in moved.items()})
        return self.apply(client, "MOVE", source, after, (201,),
                          headers={"Destination": urllib.parse.quote(ROOT + target)})

    def do_copy(self, client):
        choices = [p for p in self.state if p != self.top]
        if not choices:
            return True
        source, target = self.random.choice(choices), self.fresh()
        if target.startswith(source + "/") or target.count("/") > 8 or len(self.below(source)) > 30:
            return True
        after = dict(self.state)
        after.update({target + p[len(source):]: v for p, v in self.below(source).items()})
        return self.apply(client, "COPY", source, after, (201,),
                          headers={"Destination": urllib.parse.quote(ROOT + target)})

    def do_delete(self, client):
        choices = [p for p in self.state if p != self.top]
        if not choices:
            return True
        gone = self.below(self.random.choice(choices))
        path = min(gone, key=len)
        done = self.apply(client, "DELETE", path, {p: v for p, v in self.state.items() if p not in gone}, (204,))
        if done and path not in self.state:
            self.deleted[path] = gone
        return done

    def in_trash(self, client, path):
        """The URL of the latest deletion of `path`."""
        body = (b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:prop>'
                b"<nc:trashbin-original-location/><nc:trashbin-deletion-time/></d:prop></d:propfind>")
        status, answer = client.request("PROPFIND", TRASH + "/trash", body, {"Depth": "1"})
        if status != 207:
            self.problem = f"PROPFIND of the trash: {status}"
            return None
        found = [(int(response.findtext(f".//{NC}trashbin-deletion-time")), response.findtext(D + "href"))
                 for response in ET.fromstring(answer).iter(D + "response")
                 if response.findtext(f".//{NC}trashbin-original-location") == path.lstrip("/")]
        if not found:
            self.problem = f"{path} was deleted and is not in the trash"
            return None
        return urllib.parse.unquote(max(found)[1]).rstrip("/")

    def do_restore(self, client):
        choices = [p for p in self.deleted
                   if p not in self.state and self.state.get(p.rpartition("/")[0], "gone") is None]
        if not choices:
            return True
        path = self.random.choice(choices)
        member = self.in_trash(client, path)
        if member is None:
            return False
        after = {**self.state, **self.deleted.pop(path)}
        return self.apply(client, "MOVE", member, after, (201,),
                          headers={"Destination": TRASH + "/restore/any"})

    def do_purge(self, client):
        if not self.deleted:
            return True
        path = self.random.choice(list(self.deleted))
        member = self.in_trash(client, path)
        if member is None:
            return False
        self.deleted.pop(path)
        return self.apply(client, "DELETE", member, self.state, (204,))

    def do_undo(self, client):
        """An overwrite, and the version that it leaves made current again."""
        files = [p for p in self.files() if self.state[p][0] != hashlib.sha1(b"").hexdigest()]
        if not files:
            return True
        path = self.random.choice(files)
        before = self.state[path][0]
        if not self.put(client, path, self.body(self.random.randrange(1, 40000))) or self.state[path][0] == before:
            return self.problem is None
        ask = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:o="http://owncloud.org/ns"><d:prop><o:fileid/></d:prop></d:propfind>'
        status, answer = client.request("PROPFIND", ROOT + path, ask, {"Depth": "0"})
        number = ET.fromstring(answer).findtext(f".//{OC}fileid")
        status, answer = client.request("PROPFIND", f"{VERSIONS}/versions/{number}", headers={"Depth": "1"})
        for response in list(ET.fromstring(answer).iter(D + "response"))[1:]:
            version = urllib.parse.unquote(response.findtext(D + "href"))
            status, data = client.request("GET", version)
            if status == 200 and hashlib.sha1(data).hexdigest() == before:
                after = {**self.state, path: (before, self.state[path][1])}
                return self.apply(client, "MOVE", version, after, (201,),
                                  headers={"Destination": f"{VERSIONS}/restore/any"})
        self.problem = f"{path} was overwritten and its last content is no version"
        return False

    def do_proppatch(self, client):
        files = self.files()
        if not files:
            return True
        path, colour = self.random.choice(files), f"c{self.random.randrange(1000)}"
        body = ('<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:x="http://example.org/ns"><d:set><d:prop>'
                f"<x:colour>{colour}</x:colour></d:prop></d:set></d:propertyupdate>").encode()
        return self.apply(client, "PROPPATCH", path, {**self.state, path: (self.state[path][0], colour)}, (207,), body)


def observe(client, top):
    """The folder as it is: every path, the SHA-1 of every file as GET delivers it, its dead property."""
    body = ('<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:x="http://example.org/ns"><d:prop><d:resourcetype/>'
            "<d:getcontentlength/><x:colour/></d:prop></d:propfind>").encode()
    status, answer = client.request("PROPFIND", ROOT + top, body, {"Depth": "infinity"})
    if status == 404:
        return {}
    if status != 207:
        raise SystemExit(f"PROPFIND {top}: {status} {answer[:300]}")
    found = {}
    for response in ET.fromstring(answer).iter(D + "response"):
        path = urllib.parse.unquote(response.findtext(D + "href"))[len(ROOT):].rstrip("/")
        prop = response.find(f"{D}propstat/{D}prop")
        if prop.find(f"{D}resourcetype/{D}collection") is not None:
            found[path] = None
            continue
        status, data = client.request("GET", ROOT + path)
        if status != 200 or len(data) != int(prop.findtext(D + "getcontentlength")):
            found[path] = ("unreadable: %d" % status, None)
            continue
        colour = prop.findtext(COLOUR)
        found[path] = (hashlib.sha1(data).hexdigest(), colour)
    return found


def describe(wanted, seen):
    lost = [p for p in wanted if p not in seen]
    extra = [p for p in seen if p not in wanted]
    other = [p for p in wanted if p in seen and wanted[p] != seen[p]]
    return f"missing {lost[:3]}, unexpected {extra[:3]}, different {[(p, wanted[p], seen[p]) for p in other[:3]]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="cairn-kill.")
    data = os.path.join(work, "data")
    subprocess.run([options.binary, "--data-dir", data, "user:add", "--password-from-env", USER], check=True,
                   env={**os.environ, "OC_PASS": PASSWORD}, stdout=subprocess.DEVNULL)
    # An app password, as devices have one: a login that is killed before it was found right counts as a wrong one.
    global AUTH
    token = subprocess.run([options.binary, "--data-dir", data, "user:auth-tokens:add", USER], check=True,
                           capture_output=True, text=True).stdout.split("\n")[1]
    AUTH = "Basic " + base64.b64encode(f"{USER}:{token}".encode()).decode()
    server = Server(options.binary, data)
    rng = random.Random(options.seed)
    states = [{} for _ in range(options.writers)]
    acknowledged = lost = half = findings = 0
    slowest = 0.0
    failed = False
    for round_number in range(options.kills):
        slowest = max(slowest, server.start())
        writers = [Writer(server, f"w{i}", rng.random(), states[i]) for i in range(options.writers)]
        for writer in writers:
            writer.start()
        time.sleep(rng.uniform(0.2, 1.5))
        server.kill()
        for writer in writers:
            writer.join(30)
            acknowledged += writer.acknowledged
            if writer.problem:
                print("unexpected answer:", writer.problem)
                failed = True
        slowest = max(slowest, server.start())
        client = Client(server)
        for i, writer in enumerate(writers):
            seen = observe(client, writer.top)
            if seen == writer.state:
                states[i] = writer.state
            elif writer.pending is not None and seen == writer.pending:
                states[i] = writer.pending
            else:
                if any(p not in seen or seen[p] != v for p, v in writer.state.items()
                       if writer.pending is None or writer.pending.get(p, "gone") == v):
                    lost += 1
                else:
                    half += 1
                print(f"round {round_number}, writer {i}: {describe(writer.state, seen)}")
                states[i] = seen
        server.kill()
        fsck = subprocess.run([options.binary, "--data-dir", data, "fsck", "--read-data"], capture_output=True, text=True)
        if fsck.returncode != 0:
            findings += 1
            print("fsck:", fsck.returncode, fsck.stdout[-1500:], fsck.stderr[-500:])
    print(f"{options.kills} kills, {acknowledged} operations acknowledged, {lost} lost, {half} half-applied, "
          f"{findings} fsck findings, slowest start {slowest * 1000:.0f} ms")
    if not options.keep:
        shutil.rmtree(work)
    else:
        print("kept", work)
    sys.exit(1 if failed or lost or half or findings or slowest > 5 or acknowledged == 0 else 0)


if __name__ == "__main__":
    main()
