"""Replays recorded areas against a running server; golden.sh starts one and says how it is called."""

import argparse
import base64
import os
import re
import subprocess
import sys
from pathlib import Path

from golden_compare import compare
from golden_excuses import Expected
from golden_kept import (TRASH_AFTER, TRASH_BEFORE, VERSIONS_AFTER, VERSIONS_BEFORE, bind_deletion, name_file_ids,
                         prepare_trash, prepare_versions)
from golden_logins import BROWSER, LOGINS_AFTER, LOGINS_BEFORE, prepare_logins
from golden_shares import SHARES_AFTER, SHARES_BEFORE, SHARES_FORGOTTEN, name_via, prepare_shares, takes_part
from golden_trace import Values, read_trace, replay, send

AREAS = ["01-discovery", "02-auth", "03-webdav", "04-chunked", "05-trash", "06-versions", "07-sharing"]
USERS = {"USER": "gold1", "USER2": "gold2", "USER3": "gold3"}
NAMES = {"admin": "admin", "gold1": "Gold One", "gold2": "Gold Two", "gold3": "Gold Three"}
SECOND_PASSWORD = "golden-password-2"  # what goldtmp1 gets in 01-discovery/148
MTIME = ("X-OC-MTime", "1700000000")
A, B, C = b"A" * 40, b"B" * 40, b"C" * 20


class Server:
    """Verbs that bring the server into the state a trace was recorded in."""

    def __init__(self, base, binary, data_dir):
        self.base, self.binary, self.data_dir = base, binary, data_dir

    def cli(self, *arguments):
        done = subprocess.run([self.binary, "--data-dir", self.data_dir, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"golden: {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def add_user(self, name, password):
        subprocess.run([self.binary, "--data-dir", self.data_dir, "user:add", "--password-from-env", name], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "OC_PASS": password})

    def ask(self, user, method, path, headers=(), body=b"", good=(200, 201, 204, 404, 405)):
        login = base64.b64encode(f"{user}:login-{user}".encode()).decode()
        headers = [("Host", self.base.removeprefix("http://")), ("Authorization", f"Basic {login}"), *headers]
        if body or method == "PUT":
            headers.append(("Content-Length", str(len(body))))
        answer = send(self.base, method, path, headers, body)
        if answer.status not in good:
            sys.exit(f"golden: cannot prepare: {method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer

    def put(self, path, body, headers=(), user="gold1"):
        self.ask(user, "PUT", f"/remote.php/dav/files/{user}/{path}", [MTIME, *headers], body)

    def mkcol(self, path, user="gold1"):
        self.ask(user, "MKCOL", f"/remote.php/dav/files/{user}/{path}")

    def remove(self, path, user="gold1"):
        self.ask(user, "DELETE", f"/remote.php/dav/files/{user}/{path}")

    def session(self, name, chunks, user="gold1"):
        self.ask(user, "MKCOL", f"/remote.php/dav/uploads/{user}/{name}")
        for chunk, body in chunks.items():
            self.ask(user, "PUT", f"/remote.php/dav/uploads/{user}/{name}/{chunk}", [], body)

    def three_chunks(self, number):
        self.session(f"gold-up-{number}", {"00001": A, "00002": B, "00003": C})

    def quota(self, user, text):
        self.cli("user:setting", user, "files", "quota", text)

    def app_password(self, user):
        answer = self.ask(user, "GET", "/ocs/v2.php/core/getapppassword", [("OCS-APIRequest", "true")])
        return re.search(rb"<apppassword>([^<]+)<", answer.body).group(1).decode()


def prepare_accounts(server):
    server.cli("group:add", "goldgrp")
    server.cli("group:adduser", "goldgrp", "gold1")
    server.cli("group:adduser", "goldgrp", "gold2")
    server.cli("group:adduser", "admin", "admin")
    for user, name in NAMES.items():
        server.cli("user:setting", user, "settings", "display_name", name)
        server.cli("user:setting", user, "settings", "email", f"{user}@example.org")


def prepare_discovery(server):
    server.put("before.bin", b"x" * 343)  # 088 and 089 show the sum


def prepare_webdav(server):
    server.remove("before.bin")
    for folder in ("tree", "tree/sub", "tree/sub/deep", "tree/empty"):
        server.mkcol(folder)
    server.put("tree/sub/b.md", b"# deep\n")
    server.put("tree/sub/deep/c.bin", bytes(range(256)))
    server.put("tree/Readme.md", b"# Workspace text\n")
    server.put("tree/a.txt", b"hello golden world\n", [("OC-Checksum", "SHA1:e8d116cb1fe31819df1518f057d37ffa9e541bca")])


def prepare_chunked(server):
    for name in ("q1.txt", "q1m.txt", "q4.txt", "q4b.txt", "q6.txt"):
        server.remove(name, "gold3")
    server.mkcol("up")


PREPARE = {"01-discovery": prepare_discovery, "02-auth": prepare_logins, "03-webdav": prepare_webdav, "04-chunked": prepare_chunked,
           "05-trash": prepare_trash, "06-versions": prepare_versions, "07-sharing": prepare_shares}

def favorite(server, path):
    body = (b'<?xml version="1.0"?><d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop>'
            b'<oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>')
    server.ask("gold1", "PROPPATCH", f"/remote.php/dav/files/gold1/{path}", [], body, good=(207,))


def etag_of(server, path):
    return server.ask("gold1", "HEAD", f"/remote.php/dav/files/gold1/{path}").header("ETag").strip('"')


def move(server, source, target):
    target = f"/remote.php/dav/files/gold1/{target}"
    server.ask("gold1", "MOVE", f"/remote.php/dav/files/gold1/{source}", [("Destination", target)], good=(201,))


def third_write(server, values):
    server.put("tree/new.txt", b"third")
    values.bound["ETAG11"] = etag_of(server, "tree/new.txt")


def two_favorites(server, _):
    favorite(server, "tree/a.txt")
    favorite(server, "tree/sub")


def destination_changed(server, values):
    values.bound["ETAG6"] = etag_of(server, "up/big.bin")


# Steps that were taken before a trace without being recorded: (server, values of the placeholders). What tells of them
# stands beside; the bytes of a file are made up where no answer shows them.
BEFORE = {
    # recorded in maintenance mode, from a second process
    "01-discovery/206": lambda s, _: s.cli("maintenance:mode", "--on"),
    # If-Match passes with an etag that no answer gave: one more write
    "03-webdav/039": third_write,
    # 204: the file was there
    "03-webdav/041": lambda s, _: s.put("tree/fast.txt", b"zero"),
    # 208 finds tree/sub again, with the id that 200 shows below tree/sub-moved
    "03-webdav/201": lambda s, _: move(s, "tree/sub-moved", "tree/sub"),
    # 204 over a file, which 215 had moved away
    "03-webdav/216": lambda s, _: s.put("tree/Zero.txt", b""),
    # If-Match holds for a file that no trace made
    "03-webdav/285": lambda s, _: s.put("tree/lk.txt", b"locked"),
    # the answer has both, which 271 and 272 had taken off the list
    "03-webdav/301": two_favorites,
    # 368 and 369 show 1,024 bytes, 373 none left
    "03-webdav/360": lambda s, _: s.quota("gold3", "1 KB"),
    "03-webdav/370": lambda s, _: s.quota("gold3", "0 B"),
    # sums of 100 bytes are accepted, as of the chunks in 006 to 008; in 028 they are listed
    "04-chunked/020": lambda s, _: s.three_chunks(2),
    "04-chunked/021": lambda s, _: s.three_chunks(3),
    "04-chunked/022": lambda s, _: s.three_chunks(4),
    "04-chunked/024": lambda s, _: s.three_chunks(5),
    "04-chunked/027": lambda s, _: s.three_chunks(6),
    # "sum up ... to 60 bytes", chunk 00002 missing
    "04-chunked/030": lambda s, _: s.session("gold-up-7", {"00001": A, "00003": C}),
    "04-chunked/032": lambda s, _: s.three_chunks(8),
    # 035 reads ABIJ; the names stand in NOTES.md 7
    "04-chunked/034": lambda s, _: s.session("gold-up-9", {"1": b"A", "10": b"J", "2": b"B", "9": b"I"}),
    # 047 lists what the traces between have sent, nothing else
    "04-chunked/036": lambda s, _: s.session("gold-up-10", {}),
    "04-chunked/057": lambda s, _: s.three_chunks(12),
    "04-chunked/064": lambda s, _: s.three_chunks(13),
    "04-chunked/065": lambda s, _: s.three_chunks(14),
    "04-chunked/069": lambda s, _: s.three_chunks(15),
    # A guess: 5,000 and 1,200 bytes are too many. How full the account was nothing tells; it is empty here, so that
    # one chunk fits and two do not.
    "04-chunked/074": lambda s, _: s.quota("gold3", "1 KB"),
    "04-chunked/076": lambda s, _: s.session("gold-q2", {}, "gold3"),
    **LOGINS_BEFORE, **TRASH_BEFORE, **VERSIONS_BEFORE, **SHARES_BEFORE,
}

# What these answers bind is forgotten: the next trace calls the etag of the write before stale.
FORGOTTEN = {"03-webdav/042", *SHARES_FORGOTTEN}

# Where Cairn's answer differs on purpose: what brings the files into the recorded state again.
AFTER = {
    "01-discovery/216": lambda s, _: s.cli("maintenance:mode", "--off"),
    "03-webdav/043": lambda s, _: s.remove("tree/fast.txt"),
    "03-webdav/060": lambda s, _: s.put("tree/sum.txt", b"abc"),
    "03-webdav/071": lambda s, _: s.put("tree/len.txt", b"abc"),
    "03-webdav/102": lambda s, _: s.put("tree/a%C3%BFb.txt", b"x"),
    "03-webdav/202": lambda s, _: move(s, "tree/a.txt", "tree/z.txt"),
    "03-webdav/217": lambda s, _: move(s, "tree/desk2.txt", "tree/desk.txt"),
    "03-webdav/290": lambda s, _: s.remove("lk.txt", "gold2"),
    "03-webdav/366": lambda s, _: s.ask("gold3", "MOVE", "/remote.php/dav/files/gold3/q1m.txt",
                                        [("Destination", "/remote.php/dav/files/gold3/q1.txt")]),
    "04-chunked/021": destination_changed,
    "04-chunked/032": lambda s, _: s.put("up/eight.bin", A + B + C),
    "04-chunked/061": lambda s, _: s.put("up/direct.bin", A),
    "04-chunked/062": lambda s, _: s.put("up/copy.bin", B + C),
    "04-chunked/063": lambda s, _: s.remove("up/w.bin"),
    **LOGINS_AFTER, **TRASH_AFTER, **VERSIONS_AFTER, **SHARES_AFTER,
}


def nothing(_server, _values):
    pass


def values_for(server, logins):
    host = server.base.removeprefix("http://")
    return Values({"BASE": server.base, "HOST": host, "GROUP": "goldgrp", "PASSWORD": "golden-password",
                   "PASSWORD2": SECOND_PASSWORD, **USERS}, {}, logins)


def logins_of(server):
    logins = {}
    for user in NAMES:
        logins[user] = f"{user}:{server.app_password(user)}"
        logins[f"{user}:loginpassword"] = f"{user}:login-{user}"
    logins["goldtmp1:loginpassword"] = f"goldtmp1:{SECOND_PASSWORD}"
    return logins


def run_area(area, server, logins, golden, shown, expected):
    """Replays one area; trace key -> differences."""
    PREPARE[area](server)
    values = values_for(server, logins)
    results = {}
    for path in sorted((golden / "traces" / area).glob("*.http")):
        trace = read_trace(path)
        if not takes_part(trace):
            continue
        name_file_ids(trace)
        name_via(trace)
        short = f"{area}/{trace.number}"
        BEFORE.get(short, nothing)(server, values)
        bind_deletion(server, trace, values)
        bound = dict(values.bound)
        try:
            of_browser = BROWSER.prepare(trace)
            answer = replay(trace, values, server.base)
            if of_browser:
                BROWSER.note(answer, values)
            results[trace.key] = compare(trace, answer, values, expected.excuse_of(trace.key), expected)
        except (OSError, ValueError) as error:
            results[trace.key] = [f"no answer: {error!r}"]
            continue
        if short in shown:
            print(f"---- {trace.key}\n{trace.request.start}\n-> {answer.status} {answer.headers}\n"
                  f"{answer.body.decode('utf-8', 'replace')}")
        if short in FORGOTTEN:
            values.bound = bound
        AFTER.get(short, nothing)(server, values)
    return results


def report(results, expected, verbose):
    """Prints what is not as it should be; true when all is."""
    good = True
    for key, differences in results.items():
        excuse = expected.excuse_of(key)
        if differences and (verbose or not excuse.whole):
            print(f"{'listed   ' if excuse.whole else 'DIFFERENT'} {key}" + (f"  ({excuse.reason})" if excuse.reason else ""))
            for line in differences if verbose else differences[:8]:
                print(f"    {line}")
        good &= excuse.whole or not differences
        if excuse.whole and not differences:
            print(f"EQUAL     {key}: take it off expected_failures.txt ({excuse.reason})")
            good = False
        for unused in excuse.unused():
            print(f"EQUAL     {key}: no difference in {unused}, take it off expected_failures.txt")
            good = False
    for value in expected.own:
        if not value.seen:
            print(f"EQUAL     own {value.path}: no trace differs in it, take it off expected_failures.txt")
            good = False
    for key in expected.excuses.keys() - results.keys():
        print(f"UNKNOWN   {key} stands in expected_failures.txt and is no trace")
        good = False
    return good


def share(area, results, expected):
    """What of an area is equal, in words."""
    keys = [key for key in results if key.startswith(area)]
    good = [key for key in keys if not results[key]]
    narrow = [key for key in good if expected.excuse_of(key).patterns]
    own = [key for key in expected.with_own_values() & set(good) if key not in narrow]
    return (f"{area[:2]} {len(good) - len(narrow)} equal ({len(own)} of these with own values) + "
            f"{len(narrow)} but for named parts of {len(keys)}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("--base", "--golden", "--binary", "--data-dir"):
        parser.add_argument(name, required=True)
    parser.add_argument("--verbose", action="store_true", help="listed differences too")
    parser.add_argument("shown", nargs="*", help="AREA/NNN: print the whole answer")
    options = parser.parse_args()
    server = Server(options.base, options.binary, options.data_dir)
    prepare_accounts(server)
    logins = logins_of(server)
    expected = Expected(Path(__file__).with_name("expected_failures.txt"))
    results = {}
    for area in AREAS:
        results.update(run_area(area, server, logins, Path(options.golden), set(options.shown), expected))
    good = report(results, expected, options.verbose)
    print(f"golden: {'; '.join(share(area, results, expected) for area in AREAS)}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
