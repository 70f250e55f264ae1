#!/usr/bin/env python3
"""Traces the system calls of a server while a lone client sends every request and runs every command that changes
something, and holds the order against what a success reply means.

    order.py BINARY [--keep]

When the first byte of an answer goes out, nothing may be unsynced: no appended byte of the log, no byte of a blob, no
name of one. When the log is appended to, no blob may be: a record never names what a power cut takes. And a write
costs as many syncs of the log as its row in verbs.py says, which is one but for a few. The methods of the `Allow` header and
the commands of `cairn --help` all have to be there, so that a new one cannot be forgotten. Needs strace and the right
to trace. The last line is `N passed, N failed`.
"""
import argparse
import base64
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import syscalls
import verbs

READING = {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}
READING_COMMANDS = {
    "doctor", "healthcheck",
    "serve", "status", "fsck", "user:info", "user:list", "user:report", "user:lastseen", "user:auth-tokens:list",
    "security:bruteforce:attempts", "twofactorauth:state",
    "group:list", "group:info", "config:list",
    "share:list", "sharing:list",
    "config:system:get", "config:app:get", "config:example", "background:job:list",
}
# `recover` needs a damaged directory (tests/server/cli_test.cc); config:app:* write the same rows as config:system:*
# under other names; a job writes when there is something for it.
ELSEWHERE = {"recover", "config:app:set", "config:app:delete", "background:job:run"}


class TracedServer:
    """The server below strace, and its only client: one connection, one request at a time."""

    def __init__(self, binary, work):
        self.binary, self.data, self.trace = binary, os.path.join(work, "data"), os.path.join(work, "trace")
        self.environment = {**os.environ, "OC_PASS": verbs.PASSWORD}
        self.command(["user:add", "--password-from-env", verbs.USER])
        self.strace = subprocess.Popen(
            ["strace", "-f", "-yy", "-s", "0", "-e", "trace=" + syscalls.CALLS, "-o", self.trace, binary, "serve",
             "--data-dir", self.data, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        port = next((int(found.group(1)) for found in
                     (re.search(r"http://127\.0\.0\.1:(\d+)", line) for line in self.strace.stdout) if found), None)
        if port is None:
            raise SystemExit("the server did not start below strace: is tracing permitted here?")
        with open(f"/proc/{self.strace.pid}/task/{self.strace.pid}/children", encoding="ascii") as children:
            self.server = int(children.read().split()[0])
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.lock_token = self.app_password = self.file_id = None
        self.hrefs = []
        self.allowed = set()

    def request(self, method, path, body, headers):
        secret = self.app_password or verbs.PASSWORD
        login = base64.b64encode(f"{verbs.USER}:{secret}".encode()).decode()
        self.connection.request(method, path, body, {"Authorization": "Basic " + login, **headers})
        answer = self.connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        if method == "LOCK" and answer.status in (200, 201):
            self.lock_token = re.search(r"opaquelocktoken:[^<]+|urn:uuid:[^<]+", text).group(0)
        if method == "PROPFIND":
            self.hrefs = re.findall(r"<d:href>([^<]*)</d:href>", text)
            self.file_id = next(iter(re.findall(r"<oc:fileid>(\d+)<", text)), self.file_id)
        if path.endswith("/core/apppassword"):
            self.app_password = None
        found = re.search(r'"apppassword":"([^"]+)"', text)
        if found:
            self.app_password = found.group(1)
        self.allowed |= {word.strip() for word in answer.headers.get("Allow", "").split(",") if word.strip()}
        return answer.status

    def command(self, words):
        done = subprocess.run([self.binary, "--data-dir", self.data, *words], env=self.environment,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(words)}: {done.returncode} {done.stdout}{done.stderr}")

    def stop(self):
        """Ends the server; the trace is whole afterwards."""
        os.kill(self.server, signal.SIGTERM)
        self.strace.stdout.read()
        self.strace.wait()


def windows(steps):
    """For each request: what the disk said up to and with its answer, and what came until the next one."""
    disk = syscalls.Disk()
    window = None
    for step in steps:
        if step.kind == "request" and (window is None or window["answered"]):
            if window is not None:
                yield window
            window = {"answered": False, "syncs": 0, "blobs": 0, "problems": []}
        before = disk.log_syncs, disk.blobs
        disk.take(step)
        if window is None:
            continue
        window["syncs"] += disk.log_syncs - before[0]
        window["blobs"] += disk.blobs - before[1]
        if step.kind == "reply" and not window["answered"]:
            window["answered"] = True
            window["problems"] += [f"answered before {name} was durable" for name in disk.unsynced()]
        if step.kind == "append" and syscalls.is_log(step.what):
            window["problems"] += [f"the log was written before {name} was durable" for name in disk.unsynced_blobs()]
    if window is not None:
        yield window


def judge(row, window):
    problems = list(window["problems"])
    if not window["answered"]:
        problems.append("never answered")
    for what, wanted in (("syncs", row.syncs), ("blobs", row.blobs)):
        if window[what] != wanted:
            problems.append(f"{window[what]} {what} instead of {wanted}")
    return problems


def missing(server, done):
    """The methods and commands that no row has tried."""
    text = subprocess.run([server.binary, "--help"], capture_output=True, text=True, check=True).stdout
    commands = set(re.findall(r"^  ([a-z][a-z:-]+) {2,}", text.split("Commands:")[1], re.M))
    if len(commands) < 10 or len(server.allowed) < 10:
        raise SystemExit("the lists of commands and methods cannot be read")
    return sorted((commands - READING_COMMANDS - ELSEWHERE - done) | (server.allowed - READING - done))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--keep", action="store_true", help="keep the data directory and the trace")
    options = parser.parse_args()
    work = os.path.realpath(tempfile.mkdtemp(prefix="cairn-order."))
    server = TracedServer(os.path.realpath(options.binary), work)
    table, done = [], set()
    try:
        for row in verbs.rows():
            done.add(row.run(server))
            table.append(row)
    finally:
        server.stop()
    found = list(windows(syscalls.read(server.trace, server.data)))
    failed = 0
    if len(found) != len(table):
        print(f"FAIL {len(table)} requests, but {len(found)} in the trace")
        failed += 1
    for row, window in zip(table, found):
        problems = judge(row, window)
        failed += bool(problems)
        for problem in problems:
            print(f"FAIL {row.name}: {problem}")
    for name in missing(server, done):
        print(f"FAIL {name} is in no row of verbs.py")
        failed += 1
    if options.keep:
        print("kept", work)
    else:
        shutil.rmtree(work)
    print(f"{len(table) + 1 - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
