#!/usr/bin/env python3
"""Slow and greedy clients against a fresh server; ordinary clients must not notice.

    slow_clients.py BINARY [--connections N] [--upload-mib N] [--patient] [--only NAME,...]

Scenarios (Debian's slowhttptest for the first four, plain and through TLS):

  headers, body, range, read   N connections that send a head or a body in drops, ask for thousands of ranges, or read an
                               answer in drops
  handshakes                   N connections to the TLS port: a third says nothing, a third sends half a ClientHello, a
                               third ends the handshake and says nothing then
  addresses                    greedy addresses get limits.connections_per_address and no more; others are served
  descriptors                  idle connections up to the limit of descriptors (a small `ulimit -n`)
  uploads                      100 uploads at the same time
  deadlines                    how soon a dripping head, a stalled body, a stalled reader, a stalled handshake are closed

What must hold: at most 64 KiB of the server's memory (Pss) per connection; p99 of ordinary requests below 1 s meanwhile; each of
them answered; a head within limits.head_timeout or closed; stalled bodies and readers closed after limits.body_timeout; 100
uploads in at most 100 x 4 MiB. The last line is `N passed, N failed`; exit 1 when anything failed.

--connections  1,000 unless given; 10,000 needs `ulimit -n` of 11,000
--upload-mib   size of each of the 100 uploads, 8 unless given
--patient      deadlines with the default times (60 s) instead of shorter ones
"""
import argparse
import contextlib
import os
import resource
import select
import selectors
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench", "compare"))
from servers import PASSWORD, USER, Cairn  # noqa: E402

from probe import Probe, ask, basic, connect  # noqa: E402

AUTHORIZATION = basic(USER, PASSWORD)
PER_CONNECTION = 64 * 1024
PER_UPLOAD = 4 << 20
UPLOADS = 100
P99_MILLISECONDS = 1000
SLACK_SECONDS = 2.0  # of a busy machine, over a deadline
HEAD_SECONDS = 10  # the default of limits.head_timeout
TOOL_CONNECTIONS = 5000  # what slowhttptest keeps open on a slow machine, whatever it is asked for
SPARE = 300  # connections besides the hostile ones

results = []


def report(name, failures, text):
    results.append(not failures)
    print(f"{'FAIL' if failures else 'ok  '} {name}: {text}" + "".join(f"\n     {failure}" for failure in failures), flush=True)


class Target(Cairn):
    """A server; `settings` are lines of YAML, `descriptors` its `ulimit -n`."""

    running = []

    def __init__(self, work, name, settings, descriptors=None):
        self.name, self.settings, self.descriptors = name, settings, descriptors
        Target.running.append(self)
        super().__init__(work)
        for tls in (False, True):
            connection = connect(self.port_of(tls), tls)
            assert ask(connection, "PUT", self.base + "/probe.txt", AUTHORIZATION, b"x" * 4096)[0] < 300
        assert ask(connection, "PUT", self.base + "/large.bin", AUTHORIZATION, os.urandom(1 << 20) * 8)[0] < 300

    def spawn(self, *args, **kwargs):
        if self.descriptors:
            limits = (self.descriptors, self.descriptors)
            kwargs["preexec_fn"] = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        super().spawn(*args, **kwargs)

    def stop(self):
        Target.running.remove(self)
        super().stop()

    def port_of(self, tls):
        return self.tls_port if tls else self.port

    def sockets(self):
        folder = f"/proc/{self.process.pid}/fd"
        count = 0
        for fd in os.listdir(folder):
            try:
                count += os.readlink(f"{folder}/{fd}").startswith("socket:")
            except OSError:
                pass
        return count

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def command(self, *args):
        """Through the admin socket: seconds it took, exit status (None: no answer), output."""
        begun, status, out = time.monotonic(), None, b""
        command = [self.binary, "--data-dir", os.path.join(self.work, "data"), *args]
        with contextlib.suppress(subprocess.TimeoutExpired):
            done = subprocess.run(command, capture_output=True, timeout=20)
            status, out = done.returncode, done.stdout
        return time.monotonic() - begun, status, out.decode()


class Watch:
    """The most memory and sockets of a server while something goes on."""

    def __init__(self, server):
        self.server = server

    def __enter__(self):
        self.base_memory, self.base_sockets = self.server.memory(), self.server.sockets()
        self.most_memory, self.most_sockets = self.base_memory, self.base_sockets
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self):
        while not self._over.wait(0.2):
            self.look()

    def look(self):
        self.most_memory = max(self.most_memory, self.server.memory())
        self.most_sockets = max(self.most_sockets, self.server.sockets())

    def __exit__(self, *ignored):
        self._over.set()
        self._thread.join()

    @property
    def grown(self):
        return self.most_memory - self.base_memory

    @property
    def connections(self):
        return self.most_sockets - self.base_sockets


def flooded(args):
    """A server that lets one address in as often as it likes. Fresh, so that memory that an earlier flood left to the process
    does not hide what this one takes."""
    return Target(args.work, "flooded", f"limits: {{connections_per_address: 0, connections: {args.connections + SPARE}}}\n")


def probe_of(server, tls):
    return Probe(server.port_of(tls), tls, server.base, AUTHORIZATION)


def ended(server):
    return [] if server.process.poll() is None else [f"the server ended with {server.process.returncode}"]


def judge(name, server, probe, watch, connections, least_open):
    """Reports and stops the server."""
    failures = ended(server)
    each = watch.grown / (watch.connections if least_open else connections)
    if watch.connections < max(1, least_open):
        failures.append(f"only {watch.connections} connections were open")
    if each > PER_CONNECTION:
        failures.append(f"more than {PER_CONNECTION // 1024} KiB per connection")
    if probe.errors:
        failures.append(f"{len(probe.errors)} ordinary requests failed, as {probe.errors[0]}")
    if not probe.milliseconds or probe.percentile(0.99) > P99_MILLISECONDS:
        failures.append(f"p99 above {P99_MILLISECONDS} ms")
    report(name, failures, f"{watch.connections} open, {each / 1024:.1f} KiB each (peak {watch.most_memory >> 20} MiB), ordinary "
           f"requests {len(probe.milliseconds)}, p50 {probe.percentile(0.5):.1f} ms, p99 {probe.percentile(0.99):.1f} ms, "
           f"max {probe.milliseconds[-1]:.1f} ms")
    server.stop()


def slowhttptest(name, mode, path, options, least_open):
    """A scenario of slowhttptest. least_open: the share of its connections that must be open at one time."""

    def scenario(args):
        for tls in (False, True):
            server = flooded(args)
            url = f"{'https' if tls else 'http'}://127.0.0.1:{server.port_of(tls)}{server.base}/{path}"
            # It has one thread, and opens some 300 connections with TLS in a second; half as many on a busy machine.
            seconds = 3 + args.connections // (150 if tls else 300)
            rate = max(100, args.connections // 2)
            command = ["slowhttptest", mode, "-c", str(args.connections), "-r", str(rate), "-l", str(seconds),
                       "-i", str(1 + args.connections // 1000), "-p", "5", "-v", "0", "-u", url, *options]
            with Watch(server) as watch, probe_of(server, tls) as probe:
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds + 60)
            judge(f"{name}{' through TLS' if tls else ''}", server, probe, watch, args.connections,
                  least_open * min(args.connections, TOOL_CONNECTIONS))

    return scenario


# A header that slowhttptest has an option for carries the password along.
WITH_PASSWORD = f"*/*\r\nAuthorization: {AUTHORIZATION}"


def client_socket(port, source="127.0.0.1", receive_buffer=None):
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(30)
    client.bind((source, 0))
    client.connect(("127.0.0.1", port))
    return client


# The beginning of a ClientHello of 512 bytes; whatever follows is taken for its random part.
HALF_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"


def unverified():
    return ssl._create_unverified_context()


def handshakes(args):
    server = flooded(args)
    clients = []
    with Watch(server) as watch, probe_of(server, True) as probe:
        begun = time.monotonic()
        for i in range(args.connections):
            client = client_socket(server.tls_port, f"127.0.0.{2 + i % 50}")
            if i % 3 == 1:
                client.sendall(HALF_HELLO)
            if i % 3 == 2:
                client = unverified().wrap_socket(client)
            clients.append(client)
        took = time.monotonic() - begun
        watch.look()
        last = closed_within(clients, HEAD_SECONDS + SLACK_SECONDS)
    judge("handshakes", server, probe, watch, args.connections, 0.9 * args.connections)
    report("handshakes end", [] if last is not None else ["some were still open after head_timeout"],
           f"the last of {len(clients)} (opened in {took:.1f} s) closed {last or 0:.1f} s after the last was opened")


def closed_within(clients, seconds):
    """When the last of them saw the end, None when one did not in time. Reads nothing but ends."""
    begun = time.monotonic()
    waiting = selectors.DefaultSelector()
    for client in clients:
        client.setblocking(False)
        waiting.register(client, selectors.EVENT_READ)
    left = len(clients)
    while left and time.monotonic() - begun < seconds:
        for key, _ in waiting.select(max(0.01, seconds - (time.monotonic() - begun))):
            try:
                if key.fileobj.recv(65536):
                    continue
            except (BlockingIOError, ssl.SSLWantReadError):
                continue
            except OSError:
                pass
            waiting.unregister(key.fileobj)
            key.fileobj.close()
            left -= 1
    for key in list(waiting.get_map().values()):
        key.fileobj.close()
    return time.monotonic() - begun if left == 0 else None


def addresses(args):
    most = 20
    server = Target(args.work, "addresses", f"limits: {{connections_per_address: {most}}}\n")
    failures = []
    clients, served = [], {}
    with probe_of(server, False) as probe:
        for source in [f"127.0.1.{i}" for i in range(1, 11)]:
            for _ in range(3 * most):
                try:
                    client = client_socket(server.port, source)
                    clients.append(client)
                    client.sendall(b"GET /status.php HTTP/1.1\r\nHost: h\r\n\r\n")
                    if client.recv(65536).startswith(b"HTTP/1.1 200"):
                        served[source] = served.get(source, 0) + 1
                except OSError:
                    pass  # turned away
    for client in clients:
        client.close()
    wrong = {source: count for source, count in served.items() if count != most}
    if wrong or len(served) != 10:
        failures.append(f"connections per address: {served}")
    if probe.errors:
        failures.append(f"{len(probe.errors)} requests of another address failed, as {probe.errors[0]}")
    report("addresses", failures, f"10 addresses, {3 * most} connections tried from each, {most} allowed and served, another address "
           f"served meanwhile, p99 {probe.percentile(0.99):.1f} ms")
    server.stop()


def descriptors(args):
    limit = 512
    server = Target(args.work, "descriptors", "limits: {connections_per_address: 0}\n", limit)
    failures, clients = [], []
    steady = connect(server.port, False)
    steady.timeout = 10
    assert ask(steady, "GET", "/status.php", AUTHORIZATION)[0] == 200
    for i in range(2 * limit):  # those that are not accepted stay in the backlog
        client = client_socket(server.port, f"127.0.2.{1 + i % 200}")
        client.sendall(b"GET /status.php HTTP/1.1\r\nHost: h\r\n\r\n")
        clients.append(client)
    seconds, status, out = server.command("user:list")
    if status != 0 or USER not in out or seconds > 2:
        failures.append(f"admin socket: exit {status} after {seconds:.1f} s")
    cpu, wall = server.cpu_seconds(), time.monotonic()
    # Content needs descriptors: that of the connections must leave some.
    body = os.urandom(1 << 20)
    for i in range(20):
        stored = ask(steady, "PUT", f"{server.base}/flood-{i}.bin", AUTHORIZATION, body)[0]
        back = ask(steady, "GET", f"{server.base}/flood-{i}.bin", AUTHORIZATION)
        if stored != 201 or back != (200, body):
            failures.append(f"upload {i}: {stored}, download {back[0]}")
            break
    # A loop that spins on accept would show here: the requests above are all there is to do.
    selectors.DefaultSelector().select(1)
    busy = (server.cpu_seconds() - cpu) / (time.monotonic() - wall)
    idle_from, idle_cpu = time.monotonic(), server.cpu_seconds()
    selectors.DefaultSelector().select(2)
    idle = (server.cpu_seconds() - idle_cpu) / (time.monotonic() - idle_from)
    if idle > 0.2:
        failures.append(f"an idle flood costs {idle:.0%} of a processor")
    open_now = server.sockets()
    for client in clients:
        client.close()
    fresh = connect(server.port, False, timeout=10)
    try:
        if ask(fresh, "GET", "/status.php", AUTHORIZATION)[0] != 200:
            failures.append("a new client was not served after the flood")
    except OSError as error:
        failures.append(f"a new client after the flood: {error!r}")
    failures += ended(server)
    report("descriptors", failures, f"{len(clients)} idle connections at ulimit -n {limit}, {open_now} sockets open, admin socket "
           f"{seconds * 1000:.0f} ms, 20 MiB up and down on an open connection, processor {busy:.0%} then and {idle:.0%} idle")
    server.stop()


def uploads(args):
    server = flooded(args)
    size = args.upload_mib << 20
    piece = memoryview(os.urandom(256 * 1024))
    waiting = selectors.DefaultSelector()
    begun = time.monotonic()
    statuses = []
    with Watch(server) as watch, probe_of(server, False) as probe:
        for i in range(UPLOADS):
            client = client_socket(server.port)
            client.sendall(f"PUT {server.base}/upload-{i}.bin HTTP/1.1\r\nHost: h\r\nAuthorization: {AUTHORIZATION}\r\n"
                           f"Content-Length: {size}\r\n\r\n".encode())
            client.setblocking(False)
            waiting.register(client, selectors.EVENT_WRITE, [size])
        while waiting.get_map():
            for key, event in waiting.select(60) or sys.exit("uploads: no progress for 60 s"):
                left = key.data
                if event == selectors.EVENT_WRITE:
                    at = (size - left[0]) % len(piece)
                    left[0] -= key.fileobj.send(piece[at:at + left[0]])
                    if left[0] == 0:
                        waiting.modify(key.fileobj, selectors.EVENT_READ, left)
                else:
                    statuses.append(key.fileobj.recv(65536)[9:12])
                    waiting.unregister(key.fileobj)
                    key.fileobj.close()
    took = time.monotonic() - begun
    failures = ended(server)
    if statuses.count(b"201") != UPLOADS:
        failures.append(f"answers: {sorted(set(statuses))}")
    if watch.grown > UPLOADS * PER_UPLOAD:
        failures.append(f"more than {PER_UPLOAD >> 20} MiB per upload")
    if probe.errors:
        failures.append(f"{len(probe.errors)} ordinary requests failed, as {probe.errors[0]}")
    report("uploads", failures, f"{UPLOADS} x {args.upload_mib} MiB in {took:.1f} s, {watch.grown / UPLOADS / 2**20:.2f} MiB each, "
           f"ordinary requests p99 {probe.percentile(0.99):.1f} ms")
    server.stop()


def seconds_until_closed(client, drip, most):
    """Sends `drip` every half a second, reads nothing; seconds until the server closed."""
    begun = time.monotonic()
    watch = select.poll()
    watch.register(client, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
    while time.monotonic() - begun < most:
        if watch.poll(500):
            return time.monotonic() - begun
        if drip:
            try:
                client.sendall(drip)
            except OSError:
                return time.monotonic() - begun
    return None


def deadlines(args):
    head, body = (10, 60) if args.patient else (2, 4)
    server = Target(args.work, "deadlines", f"limits: {{head_timeout: {head} s, body_timeout: {body} s, connections_per_address: 0}}\n")
    start = f"PUT {server.base}/slow.bin HTTP/1.1\r\nHost: h\r\nAuthorization: {AUTHORIZATION}\r\nContent-Length: 1000000\r\n\r\n"
    get = f"GET {server.base}/large.bin HTTP/1.1\r\nHost: h\r\nAuthorization: {AUTHORIZATION}\r\n\r\n"

    def plain(text, receive_buffer=None):
        client = client_socket(server.port, receive_buffer=receive_buffer)
        client.sendall(text.encode())
        return client

    def tls(text):
        client = unverified().wrap_socket(client_socket(server.tls_port))
        client.sendall(text.encode())
        return client

    def half_hello():
        client = client_socket(server.tls_port)
        client.sendall(HALF_HELLO)
        return client

    rows = [
        ("a head that drips", lambda: (plain("GET / HTTP/1.1\r\nX: "), b"x"), head),
        ("a head that drips, through TLS", lambda: (tls("GET / HTTP/1.1\r\nX: "), b"x"), head),
        ("a handshake that stalls", lambda: (client_socket(server.tls_port), b""), head),
        ("a handshake that drips", lambda: (half_hello(), b"x"), head),
        ("a body that stalls", lambda: (plain(start + "abc"), b""), body),
        ("a body that stalls, through TLS", lambda: (tls(start + "abc"), b""), body),
        ("a reader that stalls", lambda: (plain(get, 4096), b""), body),
    ]
    took = {}

    def measure(name, begin, deadline):
        client, drip = begin()
        took[name] = seconds_until_closed(client, drip, deadline + 10)
        client.close()

    threads = [threading.Thread(target=measure, args=row) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, _, deadline in rows:
        seconds = took.get(name)
        kept = seconds is not None and deadline - 0.5 <= seconds <= deadline + SLACK_SECONDS
        report(f"deadlines: {name}", [] if kept else ["still open, or too early"], f"closed after {seconds or 0:.1f} s, allowed {deadline} s")
    server.stop()


SCENARIOS = {
    # Those of many thousands that came first are closed before the last ones come: 10 s are over.
    "headers": slowhttptest("headers", "-H", "probe.txt", ["-x", "24"], 0.3),
    "body": slowhttptest("body", "-B", "slow.bin", ["-t", "PUT", "-s", "1000000", "-x", "100", "-m", WITH_PASSWORD], 0.9),
    "range": slowhttptest("range", "-R", "probe.txt", ["-t", "GET", "-a", "5", "-b", "2000", "-m", WITH_PASSWORD], 0),
    "read": slowhttptest("read", "-X", "large.bin", ["-t", "GET", "-w", "512", "-y", "1024", "-z", "32", "-m", WITH_PASSWORD], 0.9),
    "handshakes": handshakes,
    "addresses": addresses,
    "descriptors": descriptors,
    "uploads": uploads,
    "deadlines": deadlines,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--upload-mib", type=int, default=8)
    parser.add_argument("--patient", action="store_true")
    parser.add_argument("--only", type=lambda names: names.split(","), default=list(SCENARIOS))
    args = parser.parse_args()
    unknown = set(args.only) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard < args.connections + 1000:
        parser.error(f"{args.connections} connections need `ulimit -Hn` of {args.connections + 1000}; it is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Cairn.binary = os.path.abspath(args.binary)
    args.work = tempfile.mkdtemp(prefix="cairn-slow.")
    try:
        for name in args.only:
            SCENARIOS[name](args)
    finally:  # a scenario that broke off has left its server
        for server in Target.running[:]:
            server.stop()
        shutil.rmtree(args.work, ignore_errors=True)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
