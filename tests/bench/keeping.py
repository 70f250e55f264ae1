#!/usr/bin/env python3
"""What trash and versions cost, on the real binary.

    keeping.py BINARY [--files N] [--rounds N]

Prints the time of one DELETE, one restore and one MOVE of a folder with N files (100,000); the p50 and p99 of small
requests of another user while such a folder is purged, and without a purge; and the rate of DELETE of single files
beside a trash with N entries and beside one with 10, in alternating rounds.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
import kill  # noqa: E402
from kill import D, PASSWORD, Server  # noqa: E402

PER_FOLDER = 1000


class User:
    def __init__(self, server, name):
        self.server, self.name = server, name
        self.files, self.trash = f"/remote.php/dav/files/{name}", f"/remote.php/dav/trashbin/{name}"
        self.client = self.connect()

    def connect(self):
        client = kill.Client(self.server)
        client.connection.timeout = 300
        plain = client.request
        auth = "Basic " + kill.base64.b64encode(f"{self.name}:{PASSWORD}".encode()).decode()
        client.request = lambda method, path, body=None, headers=None: plain(
            method, path, body, {**(headers or {}), "Authorization": auth})
        return client

    def do(self, method, path, statuses, **more):
        begun = time.perf_counter()
        status, answer = self.client.request(method, path, **more)
        took = time.perf_counter() - begun
        if status not in statuses:
            raise SystemExit(f"{method} {path}: {status} {answer[:300]}")
        return took, answer

    def make_folder(self, path, files):
        """`files` small files, at most PER_FOLDER of them in one folder, made by copies."""
        self.do("MKCOL", f"{self.files}/{path}", (201,))
        if files <= PER_FOLDER:
            for i in range(files):
                self.do("PUT", f"{self.files}/{path}/f{i:04}.txt", (201,), body=b"x" * 100)
            return
        self.make_folder(f"{path}/0000", PER_FOLDER)
        for i in range(1, files // PER_FOLDER):
            self.do("COPY", f"{self.files}/{path}/0000", (201,),
                    headers={"Destination": f"{self.files}/{path}/{i:04}"})

    def member(self):
        """The first member of the trash."""
        body = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'
        answer = self.do("PROPFIND", self.trash + "/trash", (207,), body=body, headers={"Depth": "1"})[1]
        return urllib.parse.unquote(list(ET.fromstring(answer).iter(D + "response"))[1].findtext(D + "href"))


def big_folder(user, files):
    user.make_folder("big", files)
    here, there = f"{user.files}/big", f"{user.files}/moved"
    rows = {"MOVE": [], "DELETE": [], "restore": []}
    for _ in range(5):
        rows["MOVE"].append(user.do("MOVE", here, (201,), headers={"Destination": there})[0])
        user.do("MOVE", there, (201,), headers={"Destination": here})
        rows["DELETE"].append(user.do("DELETE", here, (204,))[0])
        rows["restore"].append(user.do("MOVE", user.member(), (201,),
                                       headers={"Destination": user.trash + "/restore/big"})[0])
    for what, times in rows.items():
        print(f"{what} of a folder with {files} files: median {statistics.median(times) * 1000:.2f} ms, "
              f"slowest {max(times) * 1000:.2f} ms", flush=True)


class Prober(threading.Thread):
    """Small requests, one after the other, until told to stop."""

    def __init__(self, user):
        super().__init__(daemon=True)
        self.user, self.stop, self.times = user, threading.Event(), []

    def run(self):
        i = 0
        while not self.stop.is_set():
            i += 1
            path = f"{self.user.files}/probe{i % 50}"
            verb = ("PUT", "GET", "PROPFIND")[i % 3]
            self.times.append(self.user.do("PUT" if verb == "PUT" or i <= 150 else verb, path, (200, 201, 204, 207),
                                           **({"body": b"y" * 500} if verb == "PUT" or i <= 150 else {}))[0])
            time.sleep(0.002)

    def report(self, what):
        times = sorted(self.times[150:])
        print(f"small requests {what}: {len(times)}, p50 {times[len(times) // 2] * 1000:.2f} ms, "
              f"p99 {times[len(times) * 99 // 100] * 1000:.2f} ms, slowest {times[-1] * 1000:.2f} ms", flush=True)


def purge(user, other, cairn):
    quiet = Prober(other)
    quiet.start()
    time.sleep(5)
    quiet.stop.set()
    quiet.join()
    quiet.report("without a purge")
    user.do("DELETE", f"{user.files}/big", (204,))
    beside = Prober(other)
    beside.start()
    time.sleep(0.5)
    took = user.do("DELETE", f"{user.trash}/trash", (204,))[0]
    print(f"emptying the trash: {took * 1000:.2f} ms", flush=True)
    begun = time.perf_counter()
    cairn("background:job:run", "purge")
    purged = time.perf_counter() - begun
    beside.stop.set()
    beside.join()
    beside.report(f"beside the purge, which took {purged:.1f} s")


def delete_all(user, paths, threads):
    def work(part):
        client = user.connect()
        for path in part:
            status, _ = client.request("DELETE", path)
            if status != 204:
                raise SystemExit(f"DELETE {path}: {status}")

    workers = [threading.Thread(target=work, args=(paths[i::threads],)) for i in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def rates(full, empty, files, rounds):
    full.make_folder("fill", files)
    names = [f"{full.files}/fill/{i:04}/f{j:04}.txt" for i in range(files // PER_FOLDER) for j in range(PER_FOLDER)]
    delete_all(full, names, 8)
    empty.make_folder("fill", 10)
    delete_all(empty, [f"{empty.files}/fill/f{j:04}.txt" for j in range(10)], 1)
    per_round, found = 300, {full.name: [], empty.name: []}
    for number in range(rounds):
        for user in (full, empty) if number % 2 == 0 else (empty, full):
            user.make_folder(f"round{number}", per_round)
            begun = time.perf_counter()
            for j in range(per_round):
                user.do("DELETE", f"{user.files}/round{number}/f{j:04}.txt", (204,))
            found[user.name].append(per_round / (time.perf_counter() - begun))
    a, b = statistics.median(found[full.name]), statistics.median(found[empty.name])
    print(f"DELETE beside a trash of {files} entries: {a:.0f}/s; of 10: {b:.0f}/s; ratio {a / b:.2f} "
          f"(medians of {rounds} alternating rounds)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cairn-keeping.") as work:
        data = os.path.join(work, "data")

        def cairn(*args):
            subprocess.run([options.binary, "--data-dir", data, *args], check=True, stdout=subprocess.DEVNULL,
                           env={**os.environ, "OC_PASS": PASSWORD})

        for name in ("alice", "bob", "carol"):
            cairn("user:add", "--password-from-env", name)
        server = Server(options.binary, data)
        server.start()
        try:
            alice, bob, carol = (User(server, name) for name in ("alice", "bob", "carol"))
            big_folder(alice, options.files)
            purge(alice, bob, cairn)
            rates(carol, bob, options.files, options.rounds)
        finally:
            server.kill()


if __name__ == "__main__":
    main()
