"""One keep-alive connection to a server, for what is timed request by request."""
import base64
import http.client
import re
import ssl
import time

from servers import PASSWORD, USER

AUTH = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
PIECE = 256 * 1024


class Client:
    def __init__(self, server, tls=False):
        if tls:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, timeout=600, context=context)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        self.server = server

    def time(self, method, path, destination=None):
        """Seconds of one request without a body, with as little work of our own as can be."""
        lines = [f"{method} {self.server.base + path} HTTP/1.1", f"Host: 127.0.0.1:{self.server.port}", f"Authorization: {AUTH}"]
        if destination is not None:
            lines.append(f"Destination: http://127.0.0.1:{self.server.port}{self.server.base}{destination}")
        request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if self.connection.sock is None:
            self.connection.connect()
        wire = self.connection.sock
        begun = time.perf_counter()
        wire.sendall(request)
        answer = wire.recv(65536)
        seconds = time.perf_counter() - begun
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        missing = int(length.group(1)) - len(body) if length else 0
        while missing > 0:
            missing -= len(wire.recv(65536))
        if not re.match(rb"HTTP/1.1 2\d\d", head):
            raise SystemExit(f"{self.server.name}: {method} {path}: {answer[:300]}")
        return seconds

    def ask(self, method, path, body=None, headers=None, expect=range(200, 300)):
        """Path below the user's files, or absolute with a leading "//". Returns seconds and the body."""
        target = path[1:] if path.startswith("//") else self.server.base + path
        fields = {"Authorization": AUTH, **(headers or {})}
        if "Destination" in fields:
            fields["Destination"] = f"http://127.0.0.1:{self.server.port}{self.server.base}{fields['Destination']}"
        begun = time.perf_counter()
        self.connection.request(method, target, body, fields)
        answer = self.connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status not in expect:
            raise SystemExit(f"{self.server.name}: {method} {target}: {answer.status} {content[:300]}")
        return seconds, content

    def get_and_verify(self, path, block, count):
        """Reads a file of `count` times `block` and checks every byte. Seconds."""
        begun = time.perf_counter()
        self.connection.request("GET", self.server.base + path, None, {"Authorization": AUTH})
        answer = self.connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{self.server.name}: GET {path}: {answer.status}")
        room, seen, right = bytearray(len(block)), 0, True
        view = memoryview(room)
        for _ in range(count):
            filled = 0
            while filled < len(block):
                size = answer.readinto(view[filled:])
                if size == 0:
                    break
                filled += size
            right = right and room == block
            seen += filled
        seconds = time.perf_counter() - begun
        if not right or seen != len(block) * count or answer.read(1):
            raise SystemExit(f"{self.server.name}: GET {path}: wrong bytes")
        return seconds
