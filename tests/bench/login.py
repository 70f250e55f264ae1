#!/usr/bin/env python3
"""What logging in costs, on the real binary.

    login.py BINARY [--requests N] [--logins N]

Prints the server's processor time per request on one connection with an app password and without credentials, in
alternating rounds of the same request (/ocs/v2.php/config, which anybody may ask); and the p50, p99 and slowest
PROPFIND of a logged-in client while N (1,000) logins with wrong passwords arrive at once, each from another source and
for another account, and without them.
"""
import argparse
import base64
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "crash"))
from kill import PASSWORD, USER, Client, Server  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
PROPFIND = b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>'


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def basic(secret):
    return "Basic " + base64.b64encode(f"{USER}:{secret}".encode()).decode()


BATCH = 16  # requests that go out together: what waking a thread costs is not what is measured


def many(port, request, times):
    """The same request again and again on one connection; answers are of one length."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        time.sleep(0.2)
        length = len(connection.recv(65536))
        for _ in range(times // BATCH):
            connection.sendall(request * BATCH)
            left = length * BATCH
            while left > 0:
                left -= len(connection.recv(65536))


def per_request(server, requests, token):
    head = f"GET /ocs/v2.php/config?format=json HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Request-Id: 01234567890123456789\r\n"
    variants = {"anonymous": head + "\r\n", "app password": head + f"Authorization: {basic(token)}\r\n\r\n",
                "bearer": head + f"Authorization: Bearer {token}\r\n\r\n"}
    times = {name: [] for name in variants}
    rounds = 5
    for _ in range(rounds):
        for name, text in variants.items():
            before = cpu_seconds(server.process.pid)
            many(server.port, text.encode(), requests // rounds)
            times[name].append((cpu_seconds(server.process.pid) - before) / (requests // rounds) * 1e6)
    for name, values in times.items():
        print(f"{name:13} {statistics.median(values):6.2f} us of processor per request, of {requests}")
    for name in ("app password", "bearer"):
        print(f"{name} over anonymous: {statistics.median(times[name]) - statistics.median(times['anonymous']):.2f} us")


def listings(server, seconds, token):
    client = Client(server)
    times = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.perf_counter()
        status, _ = client.request("PROPFIND", f"/remote.php/dav/files/{USER}/", PROPFIND,
                                   {"Depth": "1", "Authorization": basic(token)})
        times.append(time.perf_counter() - begun)
        if status != 207:
            raise SystemExit(f"PROPFIND: {status}")
        time.sleep(0.005)
    return times


def log_in_at_once(port, count):
    """Statuses of `count` wrong logins that are sent at the same moment."""
    selector, answers, begun = selectors.DefaultSelector(), {}, time.monotonic()
    for i in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        login = base64.b64encode(f"user{i}:wrong-{i}".encode()).decode()
        text = (f"GET /ocs/v2.php/cloud/user HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {login}\r\n"
                f"X-Forwarded-For: 10.{i // 65536}.{i // 256 % 256}.{i % 256}\r\nConnection: close\r\n\r\n")
        selector.register(connection, selectors.EVENT_READ, text)
    for key in list(selector.get_map().values()):
        key.fileobj.sendall(key.data.encode())
    left = count
    while left and time.monotonic() - begun < 300:
        for key, _ in selector.select(timeout=5):
            status = key.fileobj.recv(65536)[9:12].decode()
            answers[status] = answers.get(status, 0) + 1
            selector.unregister(key.fileobj)
            key.fileobj.close()
            left -= 1
    return answers, time.monotonic() - begun


def show(what, times):
    times = sorted(times)
    print(f"PROPFIND {what}: p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[int(len(times) * 0.99)] * 1000:.1f} ms, "
          f"slowest {times[-1] * 1000:.1f} ms, of {len(times)}")


def beside_logins(server, logins, token):
    show("alone", listings(server, 5, token))
    result = {}
    thread = threading.Thread(target=lambda: result.update(done=log_in_at_once(server.port, logins)))
    thread.start()
    times = []
    while thread.is_alive():
        times += listings(server, 0.5, token)
    thread.join()
    answers, took = result["done"]
    show(f"beside {logins} logins at once", times)
    print(f"the logins: {answers}, {took:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--logins", type=int, default=1000)
    options = parser.parse_args()
    folder = tempfile.TemporaryDirectory(prefix="cairn-login.")
    data = os.path.join(folder.name, "data")
    cli = [options.binary, "--data-dir", data]
    subprocess.run([*cli, "user:add", "--password-from-env", USER], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "OC_PASS": PASSWORD})
    token = subprocess.run([*cli, "user:auth-tokens:add", USER], check=True, capture_output=True, text=True).stdout.split("\n")[1]
    os.environ["CAIRN_TRUSTED_PROXIES"] = "127.0.0.1"
    os.environ["CAIRN_LIMITS_CONNECTIONS_PER_ADDRESS"] = "0"
    server = Server(options.binary, data)
    server.start()
    try:
        per_request(server, options.requests, token)
        beside_logins(server, options.logins, token)
    finally:
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    main()
