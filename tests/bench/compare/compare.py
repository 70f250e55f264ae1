#!/usr/bin/env python3
"""Cairn beside Debian's Apache mod_dav and nginx, in one run, in alternating rounds: medians, ratios, fdatasync.

  compare.py BINARY [--rounds N] [--seconds S] [--only TEXT]

Cairn's writes are durable when they are answered; the others do not sync. Packages: wrk apache2-bin nginx-light.
"""
import argparse
import functools
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import bounds
import servers
from client import AUTH, PIECE, Client
from servers import Apache, Cairn, Nginx

HERE = os.path.dirname(os.path.abspath(__file__))
BIG = 512  # MiB
DESKTOP = ('<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" '
           'xmlns:nc="http://nextcloud.org/ns"><d:prop><d:resourcetype/><d:getlastmodified/><d:getcontentlength/>'
           '<d:getetag/><d:quota-available-bytes/><d:quota-used-bytes/><oc:size/><oc:id/><oc:fileid/><oc:downloadURL/>'
           '<oc:dDC/><oc:permissions/><oc:checksums/><nc:is-encrypted/><oc:share-types/></d:prop></d:propfind>')


def fdatasync_p50(work):
    path, times = os.path.join(work, "sync"), []
    with open(path, "wb") as out:
        for _ in range(200):
            out.write(b"x" * 4096)
            out.flush()
            begun = time.perf_counter()
            os.fdatasync(out.fileno())
            times.append(time.perf_counter() - begun)
    os.unlink(path)
    return statistics.median(times)


def wrk(server, seconds, connections, method="GET", path="/", size=0, depth=None, body=None):
    """Requests per second, p99 in ms."""
    env = {**os.environ, "BENCH_METHOD": method, "BENCH_PATH": server.base + path, "BENCH_SIZE": str(size), "BENCH_AUTH": AUTH}
    if depth is not None:
        env["BENCH_DEPTH"] = depth
    if body is not None:
        env["BENCH_BODY"] = body
    threads = 1 if connections < 2 else 2
    out = subprocess.run(["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s", "--latency",
                          "-s", os.path.join(HERE, "load.lua"), f"http://127.0.0.1:{server.port}"],
                         env=env, capture_output=True, text=True, check=True).stdout
    result = [line for line in out.splitlines() if line.startswith("RESULT")][0].split()
    if int(result[4]):
        raise SystemExit(f"{server.name} {method} {path}: {result[4]} errors\n{out}")
    return float(result[1])


class Round:
    """What is measured at one server. Figures are better when larger, but those whose name ends in ' s' or ' MiB'."""

    def __init__(self, options):
        self.options = options
        self.serial = 0
        self.block = os.urandom(PIECE)

    def fill(self, server):
        client = Client(server)
        for count in (100, 1000, 10000):
            client.ask("MKCOL", f"/l{count}/")
            for i in range(count):
                client.ask("PUT", f"/l{count}/file-{i:05}.txt", b"content of a small file\n")
        client.ask("MKCOL", "/put/")
        client.ask("PUT", "/small.txt", b"x" * 4096)
        client.ask("PUT", "/big.bin", (self.block for _ in range(BIG * 4)), {"Content-Length": str(BIG << 20)})

    def loads(self):
        dav = (Cairn, Apache)
        every = (Cairn, Apache, Nginx)
        yield "PROPFIND Depth 0 /s", dav, lambda s: wrk(s, self.options.seconds, 16, "PROPFIND", "/small.txt", depth="0", body=DESKTOP)
        for count in (100, 1000, 10000):
            yield (f"PROPFIND Depth 1 of {count} /s", dav, lambda s, count=count: wrk(
                s, self.options.seconds, 4, "PROPFIND", f"/l{count}/", depth="1", body=DESKTOP))
        for connections in (1, 6, 32):
            yield (f"PUT 4 KiB, {connections} connections /s", every, lambda s, c=connections: wrk(
                s, self.options.seconds, c, "PUT", self.names(s), 4096))
        yield "PUT 256 KiB, 6 connections /s", every, lambda s: wrk(s, self.options.seconds, 6, "PUT", self.names(s), 256 << 10)
        yield "GET 4 KiB, 16 connections /s", every, lambda s: wrk(s, self.options.seconds, 16, "GET", "/small.txt")
        yield "GET 512 MiB, MiB/s", every, lambda s: BIG / Client(s).get_and_verify("/big.bin", self.block, BIG * 4)
        yield "PUT 512 MiB, MiB/s", every, lambda s: BIG / self.put_big(s)
        yield "GET 512 MiB over TLS, MiB/s", dav, lambda s: BIG / Client(s, True).get_and_verify("/big.bin", self.block, BIG * 4)
        yield "PUT 512 MiB over TLS, MiB/s", dav, lambda s: BIG / self.put_big(s, True)
        yield "MOVE of a 512 MiB upload, s", (Cairn,), self.chunked
        for count in (1000, 10000):
            for method in ("COPY", "MOVE", "DELETE"):
                yield f"{method} of {count} files /s", dav, lambda s, m=method, c=count: 1 / self.tree(s, m, c)

    def small_files(self, server, path, seconds, connections=32):
        """How many were written."""
        return int(wrk(server, seconds, connections, "PUT", path, 24) * seconds)

    def names(self, server):
        """A folder of its own, so that no round finds the files of another."""
        self.serial += 1
        Client(server).ask("MKCOL", f"/put/{self.serial}/")
        return f"/put/{self.serial}/f"

    def put_big(self, server, tls=False):
        self.serial += 1
        length = {"Content-Length": str(BIG << 20)}
        client = Client(server, tls)
        seconds, _ = client.ask("PUT", f"/put/big-{self.serial}.bin", (self.block for _ in range(BIG * 4)), length)
        client.ask("DELETE", f"/put/big-{self.serial}.bin")
        return seconds

    def chunked(self, server):
        self.serial += 1
        client, session = Client(server), f"//remote.php/dav/uploads/{servers.USER}/bench-{self.serial}"
        session = "/" + session.lstrip("/")
        target = f"http://127.0.0.1:{server.port}{server.base}/put/chunked-{self.serial}.bin"
        headers = {"Authorization": AUTH, "Destination": target}
        ask = client.connection

        def send(method, path, body=None, extra=None):
            begun = time.perf_counter()
            ask.request(method, path, body, {**headers, **(extra or {})})
            answer = ask.getresponse()
            answer.read()
            if answer.status >= 300:
                raise SystemExit(f"{method} {path}: {answer.status}")
            return time.perf_counter() - begun

        send("MKCOL", session)
        for i in range(1, 53):
            send("PUT", f"{session}/{i:05}", self.block * 40)
        return send("MOVE", f"{session}/.file", None, {"OC-Total-Length": str(52 * 40 * PIECE)})

    def tree(self, server, method, count):
        """Seconds of one request over a folder of `count` files."""
        self.serial += 1
        client, copy = Client(server), f"/tree-{self.serial}"
        copied = client.time("COPY", f"/l{count}/", copy + "/")
        if method == "COPY":
            client.time("DELETE", copy + "/")
            return copied
        if method == "DELETE":
            return client.time("DELETE", copy + "/")
        moved = client.time("MOVE", copy + "/", copy + "-moved/")
        client.time("DELETE", copy + "-moved/")
        return moved


def show(name, results):
    medians = {server: statistics.median(values) for server, values in results.items()}
    line = f"{name:38}" + "".join(f" {server} {value:12,.4g}" for server, value in medians.items())
    for other in ("apache", "nginx"):
        if other in medians and medians[other]:
            line += f"   {medians['cairn'] / medians[other]:.2f}x {other}"
    print(line, flush=True)


def bounds_of(server, measure, work):
    load = functools.partial(measure.small_files, server)
    for name, grown in bounds.memory(server, load, measure.block):
        print(f"memory grows by at most, MiB             {name}: {grown:.1f}", flush=True)
    put = functools.partial(wrk, seconds=measure.options.seconds, connections=6, method="PUT", path="/put/s", size=4096)
    reached, possible = bounds.slow_sync(work, put, fdatasync_p50(work))
    print(f"PUT 4 KiB, 6 connections, sync 2 ms slower  cairn {reached:.0f}   {100 * reached / possible:.0f} % of {possible:.0f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    Cairn.binary = os.path.abspath(options.binary)
    work = tempfile.mkdtemp(prefix="cairn-compare-")
    running = []
    try:
        print(f"fdatasync p50 {fdatasync_p50(work) * 1000:.3f} ms")
        for kind in (Cairn, Apache, Nginx):
            running.append(kind(work))
        measure = Round(options)
        print(f"memory idle, MiB                       cairn {running[0].memory() / 2**20:.1f}")
        for server in running:
            measure.fill(server)
        for name, kinds, run in measure.loads():
            if options.only not in name:
                continue
            results = {}
            for _ in range(options.rounds):
                for server in running:
                    if isinstance(server, kinds):
                        results.setdefault(server.name, []).append(run(server))
            show(name, results)
        print(f"memory afterwards, MiB                 cairn {running[0].memory() / 2**20:.1f}")
        idle = [Client(running[0]) for _ in range(1000)]
        for client in idle:
            client.ask("PROPFIND", "/small.txt", None, {"Depth": "0"})
        print(f"memory with 1,000 idle connections     cairn {running[0].memory() / 2**20:.1f}")
        if not options.only:
            bounds_of(running[0], measure, work)
        print(f"fdatasync p50 {fdatasync_p50(work) * 1000:.3f} ms")
    finally:
        for server in running:
            server.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
