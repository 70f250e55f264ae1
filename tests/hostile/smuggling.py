#!/usr/bin/env python3
"""Requests hidden in or after messages that two parsers may read differently (smuggling_cases.py), sent to a fresh server.

    smuggling.py BINARY [--behind FRONT,...]

Directly: each message is refused with 400, 405, 413, 414, 431, 501 or 505 and nothing else, and the connection closed (the right
ones among them are carried out, and what is in their bodies is not). Behind a front (nginx, apache, haproxy, caddy; the samples of conf/dist/proxies): the hidden requests are below a folder that the front
itself forbids, so that one which is executed came past it; ordinary requests get their own answers meanwhile.
The last line is `N passed, N failed`; exit 1 when anything failed.
"""
import argparse
import concurrent.futures
import contextlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "bench", "compare"))
from servers import PASSWORD, USER, Cairn, free_port  # noqa: E402

from probe import ask, basic, connect  # noqa: E402
from smuggling_cases import CASES, HARMLESS, filled  # noqa: E402

AUTHORIZATION = basic(USER, PASSWORD)
REFUSALS = {400, 405, 413, 414, 431, 501, 505}
HIDDEN_FOLDER = f"{Cairn.base}/hidden"
MESSAGES = CASES + HARMLESS
SECONDS = 10  # until a server that says nothing more has failed
SILENCE = 0.3  # after which a front has answered: it may keep the connection

results = []


def report(name, failure):
    results.append(not failure)
    if failure:
        print(f"FAIL {name}: {failure}", flush=True)


def hidden_request(name, host):
    return (f"PUT {HIDDEN_FOLDER}/{name} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {AUTHORIZATION}\r\n"
            "Content-Length: 1\r\n\r\nx").encode()


class Line:
    """A connection."""

    def __init__(self, port, tls):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        if tls:
            self._socket = ssl._create_unverified_context().wrap_socket(self._socket, server_hostname="localhost")

    def exchange(self, message, seconds):
        """(all that was answered, whether the other end closed)."""
        answer = b""
        with self._socket:
            with contextlib.suppress(OSError):  # closed while it was being sent
                self._socket.sendall(message)
            self._socket.settimeout(seconds)
            try:
                while piece := self._socket.recv(65536):
                    answer += piece
            except TimeoutError:
                return answer, False
            except OSError:
                pass
        return answer, True


def statuses(answer):
    return [int(status) for status in re.findall(rb"(?:^|\r\n|[>}])HTTP/1\.[01] (\d{3}) ", answer)]


def case_bytes(number, message, host):
    return filled(message, f"{Cairn.base}/outer".encode(), host.encode(), AUTHORIZATION.encode(),
                  hidden_request(str(number), host))


def send_all(port, tls, seconds):
    host = f"127.0.0.1:{port}"

    def send(number, message):
        return Line(port, tls).exchange(case_bytes(number, message, host), seconds if number < len(CASES) else SILENCE)

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        jobs = [pool.submit(send, number, message)
                for number, (_, message) in enumerate(MESSAGES)]
        return [job.result() for job in jobs]


def executed(server):
    """Which of the hidden requests were."""
    status, body = ask(connect(server.port, False), "PROPFIND", HIDDEN_FOLDER + "/", AUTHORIZATION, headers={"Depth": "1"})
    if status != 207:
        raise SystemExit(f"PROPFIND of the hidden folder answered {status}")
    return set(re.findall(rb"<d:href>[^<]*/hidden/([^/<]+)</d:href>", body))


def prepare(server):
    connection = connect(server.port, False)
    assert ask(connection, "MKCOL", HIDDEN_FOLDER, AUTHORIZATION)[0] == 201
    for number in range(8):
        assert ask(connection, "PUT", f"{Cairn.base}/own{number}", AUTHORIZATION, b"%d" % number)[0] == 201
    # What is looked for can be found.
    answer, _ = Line(server.port, False).exchange(hidden_request("seen", "h"), SILENCE)
    assert statuses(answer) == [201] and executed(server) == {b"seen"}, answer
    assert ask(connection, "DELETE", f"{HIDDEN_FOLDER}/seen", AUTHORIZATION)[0] == 204


def directly(work):
    server = Cairn(work)
    try:
        prepare(server)
        outcomes = send_all(server.port, False, SECONDS)
        found = executed(server)
    finally:
        server.stop()
    for number, ((name, _), (answer, closed)) in enumerate(zip(MESSAGES, outcomes)):
        failure, right = None, number >= len(CASES)
        if right and statuses(answer)[:1] not in ([201], [204]):
            failure = f"answered {statuses(answer) or answer[:80]}"
        elif not right and not (len(statuses(answer)) == 1 and statuses(answer)[0] in REFUSALS):
            failure = f"answered {statuses(answer) or answer[:80]}"
        elif not right and not closed:
            failure = "the connection is still open"
        if b"%d" % number in found:
            failure = "the hidden request was executed"
        report(f"direct: {name[:60]}", failure)


class Front:
    """FRONT from its sample, before the server at `upstream`, which forbids the hidden folder."""

    def __init__(self, kind, work, upstream):
        self.port = free_port()
        script = (f". {HERE}/../support/test_ca.sh; . {HERE}/../clients/lib/fronts.sh; make_test_ca {work} && "
                  f"start_front {kind} {work} {self.port} {upstream} >&2 && echo $FRONT_PID && wait $FRONT_PID")
        environment = {**os.environ, "FRONT_DENY": HIDDEN_FOLDER}
        self._process = subprocess.Popen(["bash", "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{kind} did not start")
        self._pid = int(line)

    def stop(self):
        os.kill(self._pid, signal.SIGTERM)
        self._process.wait(SECONDS)


class Proxied(Cairn):
    name, settings = "proxied", Cairn.settings + "trusted_proxies: [127.0.0.1]\n"


def behind(kind, work):
    os.makedirs(work)
    server = Proxied(work)
    try:
        prepare(server)
        front = Front(kind, os.path.join(work, "front"), server.port)
        try:
            connection = connect(front.port, True)
            assert ask(connection, "PUT", f"{HIDDEN_FOLDER}/asked", AUTHORIZATION, b"x")[0] == 403, f"{kind} forbids nothing"
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                sent = pool.submit(send_all, front.port, True, SILENCE)
                strange, count = [], 0
                while not sent.done() or count < 100:
                    own = count % 8
                    status, body = ask(connect(front.port, True), "GET", f"{Cairn.base}/own{own}", AUTHORIZATION)
                    if (status, body) != (200, b"%d" % own):
                        strange.append((own, status, body[:40]))
                    count += 1
                outcomes = sent.result()
        finally:
            front.stop()
        found = executed(server)
    finally:
        server.stop()
    report(f"{kind}: {count} ordinary requests meanwhile", f"{len(strange)} of them: {strange[:3]}" if strange else None)
    for number, ((name, _), _) in enumerate(zip(MESSAGES, outcomes)):
        report(f"{kind}: {name}", "the hidden request was executed" if b"%d" % number in found else None)
    passed = sum(1 for answer, _ in outcomes if statuses(answer)[:1] and statuses(answer)[0] not in REFUSALS)
    print(f"{kind}: {len(outcomes)} messages, {passed} of them answered with something else than a refusal; "
          f"{len(found)} hidden requests executed; {count} ordinary requests", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--behind", type=lambda names: names.split(","), default=[])
    args = parser.parse_args()
    Cairn.binary = os.path.abspath(args.binary)
    work = tempfile.mkdtemp(prefix="cairn-smuggling.")
    os.chmod(work, 0o755)
    try:
        directly(work)
        print(f"direct: {len(CASES)} messages to refuse and {len(HARMLESS)} right ones, {results.count(True)} as they should", flush=True)
        for kind in args.behind:
            behind(kind, os.path.join(work, kind))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
