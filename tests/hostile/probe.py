"""An ordinary client that measures how long its requests take, in a process of its own so that what the test does meanwhile
does not count."""
import base64
import http.client
import multiprocessing
import ssl
import time

METHODS = ("PROPFIND", "GET", "PUT")
SMALL = b"x" * 4096


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def connect(port, tls, timeout=30):
    if tls:
        return http.client.HTTPSConnection("127.0.0.1", port, timeout=timeout, context=ssl._create_unverified_context())
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def ask(connection, method, path, authorization, body=None, headers=()):
    connection.request(method, path, body=body, headers={"Authorization": authorization, **dict(headers)})
    reply = connection.getresponse()
    return reply.status, reply.read()


class Probe:
    """with Probe(port, tls, base, authorization) as probe: ...; then probe.milliseconds (sorted), probe.errors."""

    def __init__(self, port, tls, base, authorization):
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_run, args=(theirs, port, tls, base, authorization), daemon=True)
        self.milliseconds, self.errors = [], []

    def __enter__(self):
        self._process.start()
        self._ours.recv()  # it has begun
        return self

    def __exit__(self, *ignored):
        self._ours.send("stop")
        self.milliseconds, self.errors = self._ours.recv()
        self.milliseconds.sort()
        self._process.join()

    def percentile(self, share):
        return self.milliseconds[min(len(self.milliseconds) - 1, int(len(self.milliseconds) * share))]


def _run(pipe, port, tls, base, authorization):
    times, errors, connection, count = [], [], None, 0
    pipe.send("begun")
    while not pipe.poll(0.01):
        method = METHODS[count % len(METHODS)]
        if count % 5 == 0:  # a new client now and then
            connection = None
        count += 1
        begun = time.monotonic()
        try:
            connection = connection or connect(port, tls)
            status, _ = ask(connection, method, base + "/probe.txt", authorization, SMALL if method == "PUT" else None,
                            {"Depth": "0"} if method == "PROPFIND" else {})
            if status >= 300:
                errors.append(f"{method}: {status}")
        except (OSError, http.client.HTTPException) as error:
            errors.append(f"{method}: {error!r}")
            connection = None
        times.append((time.monotonic() - begun) * 1000)
    pipe.recv()
    pipe.send((times, errors))
