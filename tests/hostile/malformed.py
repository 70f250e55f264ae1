#!/usr/bin/env python3
"""Nearly right requests (mutations.py) against a fresh server, which must not notice.

    malformed.py BINARY [--requests N] [--seed N] [--threads N]

Checked all the time: the server lives, answers nothing with 500 (of the statuses from 500 on only 501, 503, 505 and 507 are
foreseen), and answers the ordinary request that follows. At the end: memory is back to what it was after the first part, within 5 %,
descriptors to what they were; another user's file is untouched; the server stops in order, and `cairn fsck` finds nothing.
Another seed is another run; the same one sends the same bytes in the same order per thread. The last line is `N passed, N failed`.
"""
import argparse
import collections
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench", "compare"))
from servers import PASSWORD, USER, Cairn  # noqa: E402

from mutations import Generator  # noqa: E402
from probe import ask, basic, connect  # noqa: E402

AUTHORIZATION = basic(USER, PASSWORD)
CANARY_USER, CANARY_PASSWORD = "canary", "Canary-4711-mark"
CANARY = os.urandom(100_000)
CANARY_PATH = f"/remote.php/dav/files/{CANARY_USER}/canary.bin"
FORESEEN = {501, 503, 505, 507}
SECONDS = 20  # for an answer
MEMORY_SHARE = 0.05
WARM_UP_SHARE = 0.3
STATUS = re.compile(rb"(?:^|\r\n|[>}])HTTP/1\.[01] (\d{3}) ")


class Target(Cairn):
    settings = "limits: {connections_per_address: 0, head_timeout: 2s, body_timeout: 2s}\n"

    def start(self):
        super().start()

    def command(self, *args, **environment):
        return subprocess.run([self.binary, "--data-dir", os.path.join(self.work, "data"), *args], capture_output=True, text=True,
                              env={**os.environ, **environment}, timeout=120)

    def prepare(self):
        added = self.command("user:add", "--password-from-env", CANARY_USER, OC_PASS=CANARY_PASSWORD)
        assert added.returncode == 0, added.stderr
        connection = connect(self.port, False)
        assert ask(connection, "PUT", CANARY_PATH, basic(CANARY_USER, CANARY_PASSWORD), CANARY)[0] == 201
        self.furnish()

    def furnish(self):
        """What the requests speak of; earlier ones may have taken it away."""
        connection = connect(self.port, False)
        folder = f"{self.base}/hostile"
        ask(connection, "MKCOL", folder, AUTHORIZATION)
        for name, size in (("a.txt", 5), ("b.bin", 30_000)):
            ask(connection, "PUT", f"{folder}/{name}", AUTHORIZATION, b"b" * size)

    def canary(self):
        status, body = ask(connect(self.port, False), "GET", CANARY_PATH, basic(CANARY_USER, CANARY_PASSWORD))
        return status == 200 and body == CANARY

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def log(self):
        with open(os.path.join(self.work, "log"), errors="replace") as log:
            return log.read()


class Attack:
    """One thread's requests."""

    def __init__(self, server, seed, problems):
        self.server, self.problems = server, problems
        self.plans = iter(Generator(seed, server.base, USER, AUTHORIZATION))
        self.statuses, self.serial, self.seed = collections.Counter(), 0, seed

    def run(self, count):
        for _ in range(count):
            self.serial += 1
            plan = next(self.plans)
            try:
                answer = self.send(plan)
            except TimeoutError:
                self.report(plan, f"no end of the answer within {SECONDS} s")
                continue
            found = [int(status) for status in STATUS.findall(answer)]
            self.statuses.update(found)
            strange = [status for status in found if status >= 500 and status not in FORESEEN]
            if strange:
                self.report(plan, f"answered {strange}")
            if self.serial % 16 == 0 and not self.ordinary():
                self.report(plan, "the ordinary request after it failed")
            if len(self.problems) > 20 or self.server.process.poll() is not None:
                return

    def report(self, plan, problem):
        self.problems.append(f"seed {self.seed}, request {self.serial}: {problem}\n     {b''.join(plan.pieces)[:600]!r}")

    def send(self, plan):
        answer = b""
        with socket.create_connection(("127.0.0.1", self.server.port), SECONDS) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                for piece in plan.pieces:
                    connection.sendall(piece)
                if plan.end == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if plan.end != "read":
                    return answer
                connection.shutdown(socket.SHUT_WR)
                while piece := connection.recv(65536):
                    answer += piece
            except (ConnectionError, BrokenPipeError):  # an end too
                pass
        return answer

    def ordinary(self):
        try:
            status, body = ask(connect(self.server.port, False, SECONDS), "PROPFIND", f"{self.server.base}/", AUTHORIZATION,
                               headers={"Depth": "0"})
        except OSError:
            return False
        return status == 207 and b"<d:href>" in body


def all_of(attacks, count):
    threads = [threading.Thread(target=attack.run, args=(count // len(attacks),)) for attack in attacks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def settle(read, good):
    """What `read` says once it is good, or after a while."""
    limit = time.monotonic() + SECONDS
    while True:
        value = read()
        if good(value) or time.monotonic() > limit:
            return value
        time.sleep(0.1)


def attack(server, options, check):
    problems = []
    attacks = [Attack(server, options.seed * 1000 + i, problems) for i in range(options.threads)]
    idle = server.descriptors()
    warm = int(options.requests * WARM_UP_SHARE)
    begun = time.monotonic()
    all_of(attacks, warm)
    settle(server.descriptors, lambda count: count <= idle)
    before = server.memory()
    for part in range(10):
        server.furnish()
        all_of(attacks, (options.requests - warm) // 10)
    seconds = time.monotonic() - begun
    statuses = sum((attack.statuses for attack in attacks), collections.Counter())
    count = sum(attack.serial for attack in attacks)
    print(f"{count} connections, {count / seconds:.0f}/s, answers: " +
          " ".join(f"{status}:{number}" for status, number in sorted(statuses.items())))
    check("alive", server.process.poll() is None, server.log()[-2000:])
    check("answers", not problems, "\n".join(problems[:5]))
    if server.process.poll() is not None:
        return
    after = settle(server.memory, lambda size: size <= before * (1 + MEMORY_SHARE))
    check(f"memory: {before >> 10} KiB before, {after >> 10} KiB after", after <= before * (1 + MEMORY_SHARE), "")
    descriptors = settle(server.descriptors, lambda number: number <= idle)
    check(f"descriptors: {idle} before, {descriptors} after", descriptors <= idle, "")
    check("another user's file", server.canary(), "")
    bad = [line for line in server.log().splitlines() if re.search("exception|check failed|corrupt", line)]
    check("log", not bad, "\n".join(bad[:5]))
    server.process.send_signal(signal.SIGTERM)
    check("stop", server.process.wait(30) == 0, server.log()[-500:])
    fsck = server.command("fsck", "--read-data")
    check("fsck", fsck.returncode == 0, fsck.stdout[-2000:] + fsck.stderr[-500:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args()
    Cairn.binary = os.path.abspath(options.binary)
    results = []

    def check(name, good, more):
        results.append(good)
        print(f"{'ok  ' if good else 'FAIL'} {name}" + (f"\n     {more}" if not good and more else ""), flush=True)

    work = tempfile.mkdtemp(prefix="cairn-malformed.")
    server = Target(work)
    try:
        server.prepare()
        attack(server, options, check)
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
