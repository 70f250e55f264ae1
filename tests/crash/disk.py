#!/usr/bin/env python3
"""The real binary on a disk that fills up, and on one that fails.

    disk.py BINARY

Full: a file system of its own in memory (the script needs the right to mount one, in a name space that goes with
it). Below the reserve what grows is refused with 507, deleting goes on; with no byte left every write is refused, reads
go on; a start finds room by giving back the ballast; and all is well once there is space. Failing: strace makes a
sync of the log, of a blob or of a directory fail with EIO: nobody is answered, the server ends with 70, and what was
acknowledged before is there afterwards. The last line is `N passed, N failed`.
"""
import argparse
import base64
import errno
import http.client
import os
import subprocess
import sys
import tempfile

from kill import PASSWORD, ROOT, USER, Client, Server

MIB = 1 << 20
DISK, RESERVE, BALLAST = 400 * MIB, 24 * MIB, 80 * MIB
SMALL, LARGE = b"s" * 1000, b"l" * 300_000
results = {True: 0, False: 0}


def check(what, is_so):
    results[bool(is_so)] += 1
    if not is_so:
        print("FAIL", what, flush=True)


def add_user(binary, data):
    subprocess.run([binary, "--data-dir", data, "user:add", "--password-from-env", USER], check=True,
                   env={**os.environ, "OC_PASS": PASSWORD}, stdout=subprocess.DEVNULL)


def fsck_finds(binary, data):
    done = subprocess.run([binary, "--data-dir", data, "fsck", "--read-data"], capture_output=True, text=True,
                          check=False)
    return "" if done.returncode == 0 else f"{done.returncode} {done.stdout[-800:]}{done.stderr[-300:]}"


class FullDisk:
    """A small file system with a data directory and, beside it, a file that takes the rest."""

    def __init__(self, binary):
        self.binary, self.mount = binary, tempfile.mkdtemp(prefix="cairn-full.")
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", self.mount], check=True)
        self.data, self.filler = os.path.join(self.mount, "data"), os.path.join(self.mount, "filler")
        add_user(binary, self.data)
        self.server = Server(binary, self.data)

    def start(self, reserve):
        os.environ["CAIRN_STORAGE_RESERVE"] = str(reserve)
        return self.server.start()

    def free(self):
        info = os.statvfs(self.mount)
        return info.f_bavail * info.f_frsize

    def leave(self, size):
        """So many bytes are free from now on, and the server knows."""
        with open(self.filler, "ab") as filler:
            end = filler.tell() + self.free() - size
            if end < filler.tell():
                filler.truncate(end)
            else:
                os.posix_fallocate(filler.fileno(), 0, end)
        self.look()

    def leave_nothing(self):
        filler = os.open(self.filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            while os.write(filler, bytes(MIB)):
                pass
        except OSError as error:
            check(f"filling the disk ends with {error}", error.errno == errno.ENOSPC)
        os.close(filler)
        self.look()

    def look(self):
        # Its own job looks every five seconds.
        subprocess.run([self.binary, "--data-dir", self.data, "background:job:run", "refresh-faults"], check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ballast(self):
        path = os.path.join(self.data, "ballast")
        return os.stat(path).st_blocks * 512 if os.path.exists(path) else 0

    def request(self, method, path, body=None, headers=None):
        return Client(self.server).request(method, ROOT + path, body, headers)

    def reads_go_on(self, when):
        check(f"{when}: GET of a small file", self.request("GET", "/small") == (200, SMALL))
        check(f"{when}: GET of a large file", self.request("GET", "/large") == (200, LARGE))
        check(f"{when}: PROPFIND", self.request("PROPFIND", "/", None, {"Depth": "1"})[0] == 207)

    def run(self):
        self.below_the_reserve()
        self.full()
        self.with_space_again()
        found = fsck_finds(self.binary, self.data)
        check("fsck: " + found, not found)

    def below_the_reserve(self):
        self.start(RESERVE)
        check("the ballast takes its space", self.ballast() >= BALLAST)
        for path, body in (("/small", SMALL), ("/large", LARGE), ("/gone", LARGE), ("/gone2", SMALL)):
            check(f"PUT {path}", self.request("PUT", path, body)[0] == 201)

        self.leave(RESERVE - MIB)
        for what, status in (("PUT of a large file", self.request("PUT", "/new", LARGE)[0]),
                             ("PUT of a small file", self.request("PUT", "/new", SMALL)[0]),
                             ("COPY", self.request("COPY", "/large", None, {"Destination": ROOT + "/new"})[0])):
            check(f"below the reserve: {what} is 507, not {status}", status == 507)
        check("below the reserve: DELETE goes on", self.request("DELETE", "/gone")[0] == 204)
        self.reads_go_on("below the reserve")

    # Without a reserve, so that the last byte can be taken.
    def full(self):
        os.remove(self.filler)
        self.server.kill()
        self.start(0)
        self.leave_nothing()
        refused = self.fill()
        check(f"full: a write is 507, not {refused}", refused == 507)
        for method, path, headers in (("MKCOL", "/folder", None), ("DELETE", "/gone2", None),
                                      ("MOVE", "/gone2", {"Destination": ROOT + "/moved"})):
            status = self.request(method, path, None, headers)[0]
            check(f"full: {method} is 507, not {status}", status == 507)
        self.reads_go_on("full")
        self.guesses_are_counted()
        check("full: it goes on", self.server.process.poll() is None)

        self.server.kill()
        began = self.start(0)
        check(f"full: a start takes {began:.1f} s", began <= 5)
        check("full: a start gives the ballast back", self.ballast() == 0)
        self.reads_go_on("after a start on the full disk")
        check("after a start on the full disk: DELETE", self.request("DELETE", "/gone2")[0] == 204)

    def guesses_are_counted(self):
        """The login throttle works without a row that could be written."""
        client = Client(self.server)
        statuses = [client.request("GET", "/ocs/v2.php/cloud/user", None, {"Authorization": "Basic " + base64.b64encode(
            f"alice:guess {number}".encode()).decode()})[0] for number in range(20)]
        check(f"full: ten guesses are looked at, not {statuses}", statuses == [401] * 10 + [429] * 10)

    def with_space_again(self):
        os.remove(self.filler)
        self.look()
        check("with space: PUT", self.request("PUT", "/new", LARGE)[0] == 201)
        check("with space: MKCOL", self.request("MKCOL", "/folder")[0] == 201)
        self.reads_go_on("with space")
        self.server.kill()
        self.start(RESERVE)
        check("with space: a start makes the ballast again", self.ballast() >= BALLAST)
        check("with space: the new file", self.request("GET", "/new") == (200, LARGE))
        self.server.kill()

    def fill(self):
        """Files that stand in the log, until what the log has taken ahead is used up: the status that ends it."""
        client = Client(self.server)
        for number in range(20_000):
            status = client.request("PUT", f"{ROOT}/fill{number % 10}", b"f" * 15_000)[0]
            if status not in (201, 204):
                return status
        return None


# What fails: the call, and a word in the path of its file; then a request that makes this call.
FAILURES = (
    ("fdatasync", "meta", "PUT", "/after", SMALL),
    ("fdatasync", "meta", "DELETE", "/before", None),
    ("fdatasync", "meta", "MKCOL", "/after", None),
    ("fdatasync", "blobs", "PUT", "/after", LARGE),
    ("fsync", "blobs", "PUT", "/after", LARGE),
    ("pwrite64", "blobs", "PUT", "/after", LARGE),
)


def fail_once(binary, call, part, method, path, body):
    what = f"{call} of {part} fails in {method}"
    with tempfile.TemporaryDirectory(prefix="cairn-eio.") as work:
        data = os.path.join(work, "data")
        add_user(binary, data)
        server = Server(binary, data)
        server.start()
        check(what + ": PUT before", Client(server).request("PUT", ROOT + "/before", LARGE)[0] == 201)
        tracer = subprocess.Popen(["strace", "-f", "-o", os.path.join(work, "trace"), "-e", f"trace={call}", "-e",
                                   f"inject={call}:error=EIO:when=1+", "-p", str(server.process.pid)],
                                  stderr=subprocess.PIPE, text=True)
        while "attached" not in tracer.stderr.readline():
            if tracer.poll() is not None:
                raise SystemExit("strace cannot attach: is tracing permitted here?")
        try:
            status = Client(server).request(method, ROOT + path, body)[0]
            check(f"{what}: answered with {status}", False)
        except (OSError, http.client.HTTPException):
            check(what + ": not answered", True)
        code = server.process.wait(timeout=30)
        check(f"{what}: ended with {code}", code == 70)
        tracer.wait(timeout=30)
        found = fsck_finds(binary, data)
        check(f"{what}: fsck: {found}", not found)
        server.start()
        before = Client(server).request("GET", ROOT + "/before")
        gone = method == "DELETE" and before[0] == 404
        check(what + ": what was before is there", before == (200, LARGE) or gone)
        after = Client(server).request("GET", ROOT + "/after")
        check(what + ": what came then is whole or not there", after[0] == 404 or after == (200, body) or body is None)
        server.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    binary = os.path.realpath(options.binary)
    if not options.inside:
        as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        os.execvp("unshare", ["unshare", *as_root, "--mount", sys.executable, __file__, binary, "--inside"])
    disk = FullDisk(binary)
    try:
        disk.run()
    finally:
        if disk.server.process is not None and disk.server.process.poll() is None:
            disk.server.kill()
        subprocess.run(["umount", disk.mount], check=False)
        os.rmdir(disk.mount)
    for failure in FAILURES:
        fail_once(binary, *failure)
    print(f"{results[True]} passed, {results[False]} failed")
    sys.exit(1 if results[False] else 0)


if __name__ == "__main__":
    main()
