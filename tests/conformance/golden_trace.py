"""Recorded exchanges: reading a trace file, filling its placeholders in, sending it. The format stands in the
recording's README.md."""

import base64
import hashlib
import http.client
import re
from dataclasses import dataclass, field


@dataclass
class Message:
    start: str
    headers: list  # (name, value), in order
    body: str

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if values else None


@dataclass
class Trace:
    area: str
    name: str  # "001-status"
    request: Message
    response: Message

    @property
    def key(self):
        return f"{self.area}/{self.name}"

    @property
    def number(self):
        return self.name[:3]

    @property
    def status(self):
        return int(self.response.start.split(" ")[1])


@dataclass
class Answer:
    status: int
    headers: list
    body: bytes
    method: str = "GET"

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return values[0] if values else None


def _message(text):
    head, _, body = text.partition("\n\n")
    lines = head.split("\n")
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]
    return Message(lines[0], headers, body)


def read_trace(path):
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    cut = text.rindex("\n---\nHTTP/1.1 ")
    response = _message(text[cut + 5:])
    response.body = response.body.removesuffix("\n")
    return Trace(path.parent.name, path.stem, _message(text[:cut]), response)


# What a placeholder stands for, where it is not a fixed text.
KINDS = {
    "ETAG": r'[^"&<>\s]+', "FILEID": r"\d+", "OCID": r"\d{8,}oc[a-z0-9]{10}", "INSTANCEID": r"oc[a-z0-9]{10}",
    "DATE": r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "DATETIME": r".+",
    "ISODATE": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\+00:00|Z)", "TIMESTAMP": r"\d{9,11}", "TIMESTAMPMS": r"\d{12,13}",
    "LOCKTOKEN": r"[^<>]+", "TAGID": r"\d+", "SHAREID": r"\d+", "APPPASSWORD": r"[A-Za-z0-9-]{20,}",
}
# Those of which every occurrence may be another value.
UNBOUND = {"DATE", "DATETIME", "ISODATE", "TIMESTAMP", "TIMESTAMPMS", "REQUESTID"}
# Those that stand for the value seen last.
LATEST = {"LOCKTOKEN"}
# Those of which two never stand for the same value.
DISTINCT = {"OCID", "FILEID", "ETAG"}
PLACEHOLDER = re.compile(r"\{\{([A-Z_]+)(\d*)(:[^}]*)?\}\}")


@dataclass
class Values:
    """What the placeholders of one area stand for. Equal placeholders are equal values; another value rebinds, so
    that one difference does not become a difference of everything after it."""
    fixed: dict
    bound: dict = field(default_factory=dict)
    logins: dict = field(default_factory=dict)  # "gold1" or "gold1:loginpassword" -> "user:password"

    def fill(self, text):
        def value(match):
            kind, number, suffix = match.group(1), match.group(2), match.group(3)
            if kind == "AUTH":
                who = suffix[1:]
                for name, user in self.fixed.items():
                    who = re.sub(rf"^{name}(?=$|:)", user, who)
                login = self.logins.get(who) or f"{who.split(':')[0]}:not-the-password"
                return base64.b64encode(login.encode()).decode()
            name = kind + number
            return self.fixed.get(name) or self.bound.get(name) or f"unbound-{name}"
        return PLACEHOLDER.sub(value, text)

    def match(self, wanted, actual, bind=True):
        """True when `actual` is `wanted`, placeholders taken for what they stand for. Without `bind` they go on
        standing for what they do."""
        groups, pattern, at = [], "", 0
        for found in PLACEHOLDER.finditer(wanted):
            pattern += re.escape(wanted[at:found.start()])
            at = found.end()
            name = found.group(1) + found.group(2)
            if name in self.fixed:
                pattern += re.escape(self.fixed[name])
            else:
                groups.append((found.group(1), name))
                pattern += f"({KINDS.get(found.group(1), '.+?')})"
        found = re.fullmatch(pattern + re.escape(wanted[at:]), actual, re.S)
        if not found:
            return False
        same = True
        for (kind, name), value in zip(groups, found.groups()):
            if kind not in UNBOUND:
                same &= self._stands_for(kind, name, value, bind)
        return same

    def _stands_for(self, kind, name, value, bind):
        known = self.bound.get(name, value)
        if bind:
            self.bound[name] = value
        if known != value and kind not in LATEST:
            return False
        return kind not in DISTINCT or not any(other != name and other.startswith(kind) and taken == value
                                               for other, taken in self.bound.items())


BINARY = re.compile(r"\{\{BINARY (\d+) bytes sha1=([0-9a-f]{40})")


def same_binary(wanted, body):
    found = BINARY.match(wanted)
    return len(body) == int(found.group(1)) and hashlib.sha1(body).hexdigest() == found.group(2)


def send(base, method, path, headers, body=b"", timeout=30):
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(base.removeprefix("http://"), timeout=timeout)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode("utf-8", "surrogateescape"))
        connection.endheaders(body or None)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read(), method)
    finally:
        connection.close()


def replay(trace, values, base):
    method, path, _ = trace.request.start.split(" ", 2)
    body = values.fill(trace.request.body).encode("utf-8", "surrogateescape")
    headers = []
    for name, value in trace.request.headers:
        if name.lower() == "content-length" and "{{" in trace.request.body:
            value = str(len(body))  # recorded before placeholders
        headers.append((name, values.fill(value)))
    return send(base, method, values.fill(path), headers, body)
