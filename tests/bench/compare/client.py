"""One keep-alive connection to a server, for what is timed request by request."""
import base64
import http.client
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
