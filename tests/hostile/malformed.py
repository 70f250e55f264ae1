#!/usr/bin/env python3
"""Hostile input (malformed_requests.py) against a fresh server.

    malformed.py BINARY [--requests N] [--seed N] [--first N]

What must hold: nothing but HTTP comes back, of 5xx 501, 505 and 507 alone, 502 for a Destination on another host, and 503 to a
body that ends too soon, whose sender is mostly gone; each connection ends within 10 s; every 20th message is
followed by the right request of another user, which gets its answer; at the end the server has no socket and no descriptor more
than after a warm-up with as many messages, its memory (Pss) is the same up to 5 % and what the database holds in memory, it ends by itself when told so, `fsck --read-data` finds nothing, and the other user's file is what it was.
The last line is `N passed, N failed`; exit 1 when anything failed.

--requests  10,000 unless given, after as many as warm-up
--seed      of the messages, 1 unless given; the same ones come for the same seed
--first     number of the first one, to begin at one that was reported
"""
import argparse
import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench", "compare"))
from servers import PASSWORD, USER, Cairn  # noqa: E402

import malformed_requests  # noqa: E402
from probe import ask, basic, connect  # noqa: E402

assert malformed_requests.USER == USER
OTHER = "other"
CANARY = f"/remote.php/dav/files/{OTHER}/canary.bin"
CONTENT = bytes(range(256)) * 2000
ALLOWED = {501, 503, 505, 507}
SECONDS = 10
WORKERS = 8
PROBE_EVERY = 20
# What a message writes stays in the database's write buffer, until that is full: 220 bytes of it on average, where measured.
BUFFERED_PER_MESSAGE, BUFFERED_AT_MOST = 400, 64 << 20
WARM = 1000  # messages after which a server's memory is what it will be

results = []


def report(name, failures, text=""):
    results.append(not failures)
    print(f"{'FAIL' if failures else 'ok  '} {name}{': ' if text else ''}{text}" + "".join(f"\n     {failure}" for failure in failures[:20]), flush=True)


class Target(Cairn):
    name = "malformed"

    def start(self):
        super().start()
        data = os.path.join(self.work, "data")
        self.wait()
        subprocess.run([self.binary, "--data-dir", data, "user:add", "--password-from-env", OTHER], check=True,
                       env={**os.environ, "OC_PASS": PASSWORD}, stdout=subprocess.DEVNULL)

    def descriptors(self):
        """Sockets, and the rest but the database's files, which come and go."""
        folder, sockets, rest = f"/proc/{self.process.pid}/fd", 0, 0
        for fd in os.listdir(folder):
            with contextlib.suppress(OSError):
                link = os.readlink(f"{folder}/{fd}")
                sockets += link.startswith("socket:")
                rest += not link.startswith(("socket:", os.path.join(self.work, "data")))
        return sockets, rest

    def settled(self, wanted=None):
        """descriptors() once the last connection is gone, or after SECONDS."""
        end = time.monotonic() + SECONDS
        now, before = self.descriptors(), None
        while time.monotonic() < end and (now != before if wanted is None else now[0] > wanted[0]):
            time.sleep(0.1)
            before, now = now, self.descriptors()
        return now


def send(port, data, how):
    """What comes back, or a failure."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as client:
        try:
            for at in range(0, len(data), 1 + len(data) // 7 if how == "pieces" else len(data) or 1):
                client.sendall(data[at:at + 1 + len(data) // 7] if how == "pieces" else data)
            if how == "gone":
                return answer, None
            client.shutdown(socket.SHUT_WR)
            while piece := client.recv(1 << 16):
                answer += piece
        except TimeoutError:
            return answer, f"nothing more came for {SECONDS} s"
        except OSError:
            pass  # refused while it was being sent
    return answer, None


def judge(data, answer):
    if answer and not answer.startswith(b"HTTP/1.1 "):
        return f"an answer that is no HTTP: {answer[:60]}"
    for status in re.findall(rb"(?:^|\r\n\r\n|[>}\n])HTTP/1\.1 (\d{3}) ", answer):
        elsewhere = int(status) == 502 and b"destination:" in data.lower()
        if int(status) >= 500 and int(status) not in ALLOWED and not elsewhere:
            return f"status {int(status)}: {answer[:300]}"
    return None


def hostile(server, seed, first, count):
    """Failures, and how often each status came."""
    authorization = b"Authorization: " + basic(USER, PASSWORD).encode()
    statuses = {}

    def one(number):
        data, how = malformed_requests.hostile(seed, number)
        try:
            answer, failure = send(server.port, data.replace(malformed_requests.AUTHORIZATION, authorization), how)
            failure = failure or judge(data, answer)
            if number % PROBE_EVERY == 0:
                status, body = ask(connect(server.port, False, SECONDS), "GET", CANARY, basic(OTHER, PASSWORD))
                if (status, body) != (200, CONTENT):
                    failure = failure or f"the right request after it was answered with {status}, {len(body)} bytes"
        except OSError as error:
            answer, failure = b"", f"{error!r}"
        status = answer[9:12].decode("latin-1") or "none"
        statuses[status] = statuses.get(status, 0) + 1
        return failure and f"message {number}: {failure}\n       {data[:300]!r}"

    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        failures = [failure for failure in pool.map(one, range(first, first + count)) if failure]
    return failures, statuses


def run(args, work):
    server = Target(work)
    try:
        other = basic(OTHER, PASSWORD)
        assert ask(connect(server.port, False), "PUT", CANARY, other, CONTENT)[0] == 201
        failures, _ = hostile(server, args.seed, args.first, args.requests)
        report("warm-up", failures, f"{args.requests} messages")
        before, memory = server.settled(), server.memory()
        begun = time.monotonic()
        failures, statuses = hostile(server, args.seed, args.first + args.requests, args.requests)
        counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        report("messages", failures, f"{args.requests} in {time.monotonic() - begun:.0f} s; {counts}")
        if server.process.poll() is not None:
            report("the server", [f"ended with {server.process.returncode}"])
            return
        after, grown = server.settled(before), server.memory() - memory
        report("descriptors", [] if after[0] <= before[0] and after[1] <= before[1] else [f"{before} before, {after} after (sockets, others)"],
               f"{sum(after)}")
        bound = memory // 20 + min(args.requests * BUFFERED_PER_MESSAGE, BUFFERED_AT_MOST)
        few = args.requests < WARM  # one that is repeated by its number, say
        report("memory", [] if few or grown <= bound else ["too much"], f"{memory >> 20} MiB, then {grown / (1 << 20):+.1f}, allowed {bound / (1 << 20):.1f}")
        status, body = ask(connect(server.port, False), "GET", CANARY, other)
        report("canary", [] if (status, body) == (200, CONTENT) else [f"status {status}, {len(body)} bytes"])
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(30)
        report("end", [] if code == 0 else [f"exit status {code}"])
        done = subprocess.run([server.binary, "--data-dir", os.path.join(server.work, "data"), "fsck", "--read-data"], capture_output=True,
                              text=True, timeout=300)
        report("fsck", [] if done.returncode == 0 else [done.stdout[-2000:] + done.stderr[-500:]])
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    Cairn.binary = os.path.abspath(args.binary)
    work = tempfile.mkdtemp(prefix="cairn-malformed.")
    try:
        run(args, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
