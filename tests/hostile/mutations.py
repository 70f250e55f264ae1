"""Requests that are nearly right: every method and endpoint as clients send it, and what a seeded generator makes of it.

    for plan in Generator(seed, base, authorization): ...

A Plan is the pieces to send, and how the connection ends: "read" all answers, "close" without reading, "reset".
"""
import dataclasses
import random

NS = 'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"'
XML = '<?xml version="1.0" encoding="utf-8"?>'
PROPFIND = (f'{XML}<d:propfind {NS}><d:prop><d:resourcetype/><d:getetag/><oc:id/><oc:size/><oc:permissions/><oc:checksums/>'
            '<nc:is-encrypted/><x:y xmlns:x="urn:x"/></d:prop></d:propfind>')
PROPPATCH = (f'{XML}<d:propertyupdate {NS}><d:set><d:prop><x:colour xmlns:x="urn:x">red<b/></x:colour>'
             '<d:lastmodified>1700000000</d:lastmodified><oc:favorite>1</oc:favorite></d:prop></d:set><d:remove><d:prop>'
             '<x:gone xmlns:x="urn:x"/></d:prop></d:remove></d:propertyupdate>')
LOCK = (f'{XML}<d:lockinfo {NS}><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>me'
        '</d:owner></d:lockinfo>')
FAVOURITES = f'{XML}<oc:filter-files {NS}><d:prop><d:getetag/></d:prop><oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>'
EXPAND = f'{XML}<d:expand-property {NS}><d:property name="displayname"><d:property name="x"/></d:property></d:expand-property>'
SEARCH = (f'{XML}<d:searchrequest {NS}><d:basicsearch><d:select><d:prop><d:getetag/></d:prop></d:select><d:from><d:scope>'
          '<d:href>/files/bench</d:href><d:depth>infinity</d:depth></d:scope></d:from><d:where><d:like><d:prop><d:displayname/>'
          '</d:prop><d:literal>%a%</d:literal></d:like></d:where></d:basicsearch></d:searchrequest>')
TOKEN = "opaquelocktoken:00000000-0000-0000-0000-000000000000"
OCS = {"OCS-APIRequest": "true", "Accept": "application/json"}

# method, target ({f} a place in the user's files, {u} one in his uploads, {o} the former as a Destination), fields, body
REQUESTS = [
    ("OPTIONS", "{f}", {}, None), ("GET", "{f}/a.txt", {}, None), ("HEAD", "{f}/a.txt", {}, None),
    ("GET", "{f}/b.bin", {"Range": "bytes=0-99,200-299,-5"}, None), ("GET", "{f}/b.bin", {"If-None-Match": '"abc", W/"d"'}, None),
    ("GET", "{f}/b.bin", {"Range": "bytes=5-", "If-Range": '"abc"', "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, None),
    ("GET", "{f}/?accept=zip&files=%5B%22a.txt%22%5D", {}, None), ("GET", "{f}/", {"Accept": "application/x-tar", "X-NC-Files": "a.txt"}, None),
    ("PUT", "{f}/new.txt", {"X-OC-MTime": "1700000000", "OC-Checksum": "SHA1:0beec7b5ea3f0fdbc95d0dd47f3c5bc275da8a33"}, "foo"),
    ("PUT", "{f}/big.bin", {"OC-Total-Length": "40000"}, "x" * 40000), ("PUT", "{f}/sub/c.txt", {"If-Match": '"abc"'}, "c"),
    ("PUT", "{f}/deep/er/c.txt", {"X-NC-WebDAV-Auto-Mkcol": "1"}, "c"), ("PATCH", "{f}/a.txt", {"X-Update-Range": "append"}, "x"),
    ("MKCOL", "{f}/sub", {}, None), ("MKCOL", "{f}/sub2", {"Content-Type": "application/xml"}, f"{XML}<d:mkcol {NS}><d:set><d:prop/></d:set></d:mkcol>"),
    ("DELETE", "{f}/sub", {}, None), ("DELETE", "{f}/new.txt", {"If": f"(<{TOKEN}>)"}, None),
    ("MOVE", "{f}/new.txt", {"Destination": "{o}/moved.txt", "Overwrite": "T"}, None),
    ("COPY", "{f}/sub", {"Destination": "{o}/copy", "Depth": "infinity", "Overwrite": "F"}, None),
    ("COPY", "{f}/a.txt", {"Destination": "{o}/sub/a.txt"}, None),
    ("PROPFIND", "{f}/", {"Depth": "1"}, PROPFIND), ("PROPFIND", "{f}/", {"Depth": "infinity"}, f"{XML}<d:propfind {NS}><d:allprop/></d:propfind>"),
    ("PROPFIND", "{f}/a.txt", {"Depth": "0"}, f"{XML}<d:propfind {NS}><d:propname/></d:propfind>"), ("PROPFIND", "{f}/", {"Depth": "1"}, None),
    ("PROPFIND", "{f}/", {"Depth": "1", "X-NC-Paginate": "true", "X-NC-Paginate-Count": "2"}, PROPFIND),
    ("PROPPATCH", "{f}/a.txt", {}, PROPPATCH), ("LOCK", "{f}/a.txt", {"Timeout": "Second-60, Infinite", "Depth": "0"}, LOCK),
    ("LOCK", "{f}/sub", {"Timeout": "Second-5", "X-User-Lock": "1"}, None), ("LOCK", "{f}/a.txt", {"If": f"<{'{o}'}/a.txt> (<{TOKEN}>)"}, None),
    ("UNLOCK", "{f}/a.txt", {"Lock-Token": f"<{TOKEN}>"}, None), ("REPORT", "{f}/", {}, FAVOURITES), ("REPORT", "{f}/", {}, EXPAND),
    ("SEARCH", "/remote.php/dav/", {}, SEARCH), ("PROPFIND", "/remote.php/dav/", {"Depth": "1"}, None),
    ("PROPFIND", "/remote.php/webdav/", {"Depth": "0"}, PROPFIND), ("GET", "/remote.php/webdav/hostile/a.txt", {}, None),
    ("MKCOL", "{u}/session", {"Destination": "{o}/up.bin"}, None), ("PUT", "{u}/session/00001", {"OC-Total-Length": "6"}, "chunk1"),
    ("PUT", "{u}/session/2", {}, "x" * 3000), ("PROPFIND", "{u}/session", {"Depth": "1"}, None),
    ("MOVE", "{u}/session/.file", {"Destination": "{o}/up.bin", "OC-Total-Length": "6", "X-OC-MTime": "1700000000"}, None),
    ("DELETE", "{u}/session", {}, None), ("GET", "/status.php", {}, None), ("GET", "/ocs/v2.php/cloud/capabilities?format=json", OCS, None),
    ("GET", "/ocs/v1.php/cloud/user?format=xml", OCS, None), ("GET", "/ocs/v2.php/cloud/users/bench", OCS, None),
    ("GET", "/ocs/v2.php/cloud/users/bench/groups", OCS, None), ("GET", "/ocs/v1.php/config", OCS, None),
    ("GET", "/ocs/v2.php/core/navigation/apps?absolute=true", OCS, None), ("DELETE", "/ocs/v2.php/core/apppassword", OCS, None),
    ("POST", "/ocs/v2.php/cloud/users", OCS, "userid=x&password=y"), ("GET", "/", {}, None), ("GET", "/index.php/204", {}, None),
    ("HEAD", "/remote.php/dav/files", {}, None), ("POST", "/index.php/login/v2", {}, None), ("GET", "/.well-known/caldav", {}, None),
]

# What parsers look out for.
TELLING = [b"\0", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b"/", b"//", b"..", b"/../", b"%", b"%00", b"%2e%2e", b"%2f", b"%zz",
           b"%c0%ae", b"%ff", b"\\", b"?", b"#", b"&", b"=", b"<", b">", b"]]>", b"&x;", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
           b"<!--", b"<?x?>", b"xmlns:a='b'", b"\"", b"'", b";", b",", b"(", b")", b"[", b"{", b"*", b"-1", b"0", b"+1", b"1e9", b"0x10",
           b"2147483648", b"4294967296", b"9223372036854775807", b"9223372036854775808", b"18446744073709551616", b"9" * 40, b"\xff", b"\xc3",
           b"\xed\xa0\x80", b"\xef\xbf\xbf", "\u202e".encode(), "e\u0301".encode(), b"HTTP/1.1", b"chunked", b"infinity", b"A" * 300, b"A" * 9000]
FIELDS = ["Depth", "Overwrite", "Destination", "If", "If-Match", "If-None-Match", "Range", "Content-Length", "Transfer-Encoding", "Expect",
          "Content-Type", "Content-Encoding", "Content-Range", "OC-Checksum", "OC-Total-Length", "X-OC-MTime", "X-OC-CTime", "Timeout",
          "Lock-Token", "X-User-Lock", "X-Expected-Entity-Length", "X-NC-Paginate", "X-NC-Paginate-Offset", "X-NC-Paginate-Token", "X-NC-Files",
          "X-NC-Skip-Trashbin", "X-Request-Id", "X-Forwarded-For", "Host", "Connection", "Accept", "Authorization", "Cookie", "X-Update-Range"]


@dataclasses.dataclass
class Plan:
    pieces: list
    end: str


class Generator:
    """Plans without end; equal seeds give equal ones."""

    def __init__(self, seed, base, user, authorization):
        self.random = random.Random(seed)
        self.places = {"{f}": f"{base}/hostile", "{o}": f"http://h{base}/hostile", "{u}": f"/remote.php/dav/uploads/{user}"}
        self.authorization = authorization

    def __iter__(self):
        while True:
            yield self.plan()

    def fill(self, text):
        for place, path in self.places.items():
            text = text.replace(place, path)
        return text

    def request(self):
        """(head, body), right or nearly so, before any byte of it is changed."""
        rnd = self.random
        method, target, fields, body = rnd.choice(REQUESTS)
        if rnd.random() < 0.1:
            method = rnd.choice(REQUESTS)[0]
        if rnd.random() < 0.1:
            body = rnd.choice(REQUESTS)[3]
        lines = [f"{method} {self.fill(target)} HTTP/1.1", "Host: h"]
        lines += [f"{name}: {self.fill(value)}" for name, value in fields.items()]
        if rnd.random() < 0.97:
            lines.append(f"Authorization: {self.authorization}")
        body = body.encode() if body is not None else b""
        if body and rnd.random() < 0.3:
            lines.append("Transfer-Encoding: chunked")
            body = self.chunked(body)
        elif body or rnd.random() < 0.2:
            lines.append(f"Content-Length: {len(body)}")
        if rnd.random() < 0.05:
            lines.append("Expect: 100-continue")
        return [line.encode() for line in lines], body

    def chunked(self, body):
        rnd, out = self.random, b""
        while body:
            size = min(len(body), rnd.choice((1, 7, 300, 5000, 70000)))
            extension = rnd.choice((b"", b"", b"", b";a", b';a="b;c"'))
            out += f"{size:x}".encode() + extension + b"\r\n" + body[:size] + b"\r\n"
            body = body[size:]
        return out + b"0\r\n" + rnd.choice((b"", b"", b"A: b\r\n")) + b"\r\n"

    def change_bytes(self, data):
        rnd = self.random
        for _ in range(rnd.choice((1, 1, 1, 2, 5))):
            at = rnd.randrange(len(data) + 1)
            end = min(len(data), at + rnd.choice((0, 1, 1, 4, 20)))
            what = rnd.randrange(5)
            if what == 0:  # other bytes
                data = data[:at] + bytes(rnd.randrange(256) for _ in range(end - at)) + data[end:]
            elif what == 1:  # fewer
                data = data[:at] + data[end:]
            elif what == 2:  # twice
                data = data[:end] + data[at:end] + data[end:]
            else:
                data = data[:at] + rnd.choice(TELLING) + data[end:]
        return data

    def change_lines(self, lines):
        rnd = self.random
        what, at = rnd.randrange(7), rnd.randrange(len(lines))
        if what == 0:
            del lines[at]
        elif what == 1:
            lines.insert(at, lines[rnd.randrange(len(lines))])
        elif what == 2:
            lines.append(rnd.choice(FIELDS).encode() + b": " + rnd.choice(TELLING))
        elif what == 3:  # another value
            lines[at] = lines[at].partition(b":")[0] + b": " + rnd.choice(TELLING)
        elif what == 4:  # another target
            parts = lines[0].split(b" ") if lines else []
            if len(parts) == 3:
                parts[1] = rnd.choice((parts[1] + rnd.choice(TELLING), parts[1] * rnd.choice((2, 30)), self.change_bytes(parts[1])))
                lines[0] = b" ".join(parts)
        elif what == 5:
            lines += [b"X-%d: a" % i for i in range(rnd.choice((50, 99, 150)))]
        else:
            lines[at] = self.change_bytes(lines[at])
        return lines

    def plan(self):
        rnd, data = self.random, b""
        for _ in range(rnd.choice((1, 1, 1, 2, 5))):  # pipelined
            lines, body = self.request()
            if rnd.random() < 0.6:
                lines = self.change_lines(lines)
            if body and rnd.random() < 0.5:
                body = self.change_bytes(body)
            data += b"\r\n".join(lines) + b"\r\n\r\n" + body
        if rnd.random() < 0.15:
            data = self.change_bytes(data)
        if rnd.random() < 0.15:
            data = data[:rnd.randrange(len(data) + 1)]
        pieces = [data]
        for _ in range(rnd.choice((0, 0, 0, 1, 3))):  # slowly: the server gets to read in between
            last = pieces.pop()
            cut = rnd.randrange(len(last) + 1)
            pieces += [last[:cut], last[cut:]]
        return Plan(pieces, rnd.choice(("read",) * 8 + ("close", "reset")))
