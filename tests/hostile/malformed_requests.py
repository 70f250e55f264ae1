"""Requests of every kind that the server answers, and what may happen to their bytes. The N-th hostile message of a seed is always
the same."""
import random

USER = "bench"
FILES, UPLOADS = f"/remote.php/dav/files/{USER}", f"/remote.php/dav/uploads/{USER}"
SEPARATOR = b"\r\n"
AUTHORIZATION = b"<authorization>"  # a placeholder: a damaged password would be a failed login, which is another test's matter

XML = "application/xml; charset=utf-8"
PROPERTIES = ('<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>'
              "<d:getetag/><oc:fileid/><oc:size/><oc:permissions/><nc:has-preview/><oc:checksums/></d:prop></d:propfind>")
PATCH = ('<d:propertyupdate xmlns:d="DAV:" xmlns:x="urn:x"><d:set><d:prop><x:a>b</x:a></d:prop></d:set><d:remove><d:prop><x:b/></d:prop>'
         "</d:remove></d:propertyupdate>")
LOCK = ('<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype><d:owner>me</d:owner>'
        "</d:lockinfo>")
REPORT = ('<oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/></d:prop><oc:filter-rules>'
          "<oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>")
EXPAND = '<d:expand-property xmlns:d="DAV:"><d:property name="getetag"/></d:expand-property>'


def request(method, path, fields=(), body=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *fields]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return SEPARATOR.join([*(line.encode() for line in lines), AUTHORIZATION, b"", (body or "").encode()])


def chunked(method, path, *pieces):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    return request(method, path, ["Transfer-Encoding: chunked"]) + body


SMALL, LARGE = "content of a file" * 3, "0123456789abcdef" * 1500  # in the database, in a blob

VALID = [
    request("GET", "/status.php"), request("GET", "/healthz"), request("GET", "/readyz"), request("HEAD", "/status.php"),
    request("OPTIONS", FILES + "/"), request("OPTIONS", "*"),
    request("PUT", FILES + "/a.txt", ["X-OC-Mtime: 1700000000", "OC-Checksum: SHA1:da39a3ee5e6b4b0d3255bfef95601890afd80709"], SMALL),
    request("PUT", FILES + "/a.txt", ["OC-Checksum: ADLER32:00000001", "If-None-Match: *"], SMALL),
    request("PUT", FILES + "/b.bin", ["Content-Type: application/octet-stream", "OC-Total-Length: 24000"], LARGE),
    request("PUT", FILES + "/new/folder/c.txt", ["X-NC-WebDAV-Auto-Mkcol: 1", "Expect: 100-continue"], SMALL),
    request("PUT", FILES + "/b.bin", ["Content-Range: bytes 0-3/4"], "abcd"),
    chunked("PUT", FILES + "/d.txt", b"some", b"thing in " * 40, b"chunks"),
    request("GET", FILES + "/a.txt"), request("HEAD", FILES + "/b.bin"), request("GET", FILES + "/b.bin", ["Range: bytes=0-9,20-29,-5"]),
    request("GET", FILES + "/b.bin", ["Range: bytes=100-", 'If-Range: "abc"']),
    request("GET", FILES + "/a.txt", ['If-None-Match: "a", W/"b"', "If-Modified-Since: Tue, 15 Nov 1994 12:45:26 GMT"]),
    request("GET", FILES + "/?accept=zip&files=%5B%22a.txt%22%2C%22b.bin%22%5D", ["Accept: application/zip"]),
    request("GET", FILES + "/new", ["Accept: application/x-tar;q=0.9, */*;q=0.1", "X-NC-Files: a"]),
    request("MKCOL", FILES + "/folder"), request("MKCOL", FILES + "/folder/deep/er", ["X-NC-WebDAV-Auto-Mkcol: 1"]),
    request("PROPFIND", FILES + "/", ["Depth: 1", f"Content-Type: {XML}"], PROPERTIES), request("PROPFIND", FILES + "/", ["Depth: infinity"]),
    request("PROPFIND", FILES + "/folder", ["Depth: 1", "X-NC-Paginate: true", "X-NC-Paginate-Count: 2", "X-NC-Paginate-Offset: 1"]),
    request("PROPFIND", "/remote.php/webdav/", ["Depth: 0"], '<d:propfind xmlns:d="DAV:"><d:allprop/></d:propfind>'),
    request("PROPFIND", "/remote.php/dav/", ["Depth: 1"]), request("PROPFIND", f"/remote.php/dav/principals/users/{USER}/", ["Depth: 0"]),
    request("PROPFIND", f"/remote.php/dav/trashbin/{USER}/trash", ["Depth: 1"]), request("PROPFIND", f"/remote.php/dav/versions/{USER}/versions/1"),
    *(request(method, f"/remote.php/dav/{tree}", [f"Destination: http://127.0.0.1/remote.php/dav/{tree.partition('/')[0]}/{USER}/restore/x", "If-Match: 1700000000"])
      for method in ("GET", "MOVE", "COPY", "DELETE") for tree in (f"trashbin/{USER}/trash/a.txt.d1700000000", f"versions/{USER}/versions/7/1700000000")),
    request("PROPPATCH", f"/remote.php/dav/versions/{USER}/versions/7/1700000000", [f"Content-Type: {XML}"], PATCH),
    request("PROPPATCH", FILES + "/a.txt", [f"Content-Type: {XML}"], PATCH), request("PATCH", FILES + "/b.bin", ["X-Recalculate-Hash: sha1"]),
    request("REPORT", FILES + "/", [f"Content-Type: {XML}"], REPORT), request("REPORT", "/remote.php/dav/", [], EXPAND),
    request("LOCK", FILES + "/locked", ["Timeout: Second-600, Infinite", "Depth: 0"], LOCK),
    request("LOCK", FILES + "/locked", ["If: (<urn:uuid:00000000-0000-0000-0000-000000000000>)", "Timeout: Second-1"]),
    request("UNLOCK", FILES + "/locked", ["Lock-Token: <urn:uuid:00000000-0000-0000-0000-000000000000>"]),
    request("MOVE", FILES + "/a.txt", [f"Destination: http://127.0.0.1{FILES}/folder/moved.txt", "Overwrite: T"]),
    request("COPY", FILES + "/folder", [f"Destination: {FILES}/copy", "Depth: infinity", "Overwrite: F"]),
    request("COPY", FILES + "/b.bin", [f"Destination: http://127.0.0.1{FILES}/a.txt", 'If: </a> (["abc"] Not <DAV:no-lock>)']),
    request("DELETE", FILES + "/copy", ["If-Match: *"]), request("DELETE", FILES + "/new"),
    request("MKCOL", UPLOADS + "/session", [f"Destination: http://127.0.0.1{FILES}/sent.bin"]),
    request("PUT", UPLOADS + "/session/00001", [f"Destination: http://127.0.0.1{FILES}/sent.bin", "OC-Total-Length: 24000"], LARGE),
    request("PROPFIND", UPLOADS + "/session", ["Depth: 1"]),
    request("MOVE", UPLOADS + "/session/.file", [f"Destination: http://127.0.0.1{FILES}/sent.bin", "OC-Total-Length: 24000", "X-OC-Mtime: 1700000000"]),
    request("DELETE", UPLOADS + "/session"),
    *(request("GET", f"/ocs/{version}.php{path}", ["OCS-APIRequest: true", "Accept: application/json"]) for version in ("v1", "v2") for path in (
        "/cloud/capabilities?format=json", "/cloud/user?format=xml", f"/cloud/users/{USER}", f"/cloud/users/{USER}/groups", "/config", "/core/navigation/apps?absolute=true")),
    request("GET", "/ocs/v2.php/core/getapppassword?format=json", ["OCS-APIRequest: true"]),
    request("POST", "/index.php/login/v2", ["Content-Type: application/x-www-form-urlencoded"], "token=a%20b&c=d"),
    request("GET", "/metrics"), request("GET", "/.well-known/caldav"),
]

TELLING = [bytes([byte]) for byte in b"\0\t\n\r \"%&'(),-./:;<=>?@[\\]{}0aZ\x7f\x80\xc3\xff"] + [
    b"\r\n", b"\r\n\r\n", b"%00", b"%2e%2e", b"%2F", b"%ff", b"%", b"../", b"//", b"\xed\xa0\x80", "é".encode(), "e\u0301".encode(),
    b"<!DOCTYPE a [<!ENTITY b \"c\">]>", b"&b;", b"&#0;", b"]]>", b"<a>" * 200, b"xmlns:x=\"\"", b"A" * 300, b"/a" * 200, b"A" * 9000, b"(" * 100, b"[" * 500]
NUMBERS = [b"0", b"-1", b"1e9", b"255", b"65536", b"2147483648", b"4294967296", b"9223372036854775807", b"9223372036854775808", b"18446744073709551615",
           b"99999999999999999999", b"0x10", b"00000000", b"1.5", b"NaN", b"+1"]


def place(random_, data):
    return random_.randrange(len(data) + 1)


def replace_byte(random_, data):
    at = place(random_, data)
    return data[:at] + random_.choice(TELLING) + data[at + 1:]


def insert(random_, data):
    at = place(random_, data)
    return data[:at] + random_.choice(TELLING) + data[at:]


def flip(random_, data):
    at = random_.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random_.randrange(8))]) + data[at + 1:]


def cut_out(random_, data):
    at = place(random_, data)
    return data[:at] + data[at + random_.randrange(1, 40):]


def repeat(random_, data):
    at = place(random_, data)
    piece = data[at:at + random_.randrange(1, 60)]
    return data[:at] + piece * random_.choice((2, 3, 50)) + data[at:]


def truncate(random_, data):
    return data[:random_.randrange(1, len(data) + 1)]


def number(random_, data):
    """Another number in place of one."""
    digits = [at for at, byte in enumerate(data) if 48 <= byte <= 57 and not (at and 48 <= data[at - 1] <= 57)]
    if not digits:
        return data
    at = end = random_.choice(digits)
    while end < len(data) and 48 <= data[end] <= 57:
        end += 1
    return data[:at] + random_.choice(NUMBERS) + data[end:]


def lines(change):
    def mutate(random_, data):
        head, separator, body = data.partition(b"\r\n\r\n")
        rows = head.split(SEPARATOR)
        change(random_, rows)
        return SEPARATOR.join(rows) + separator + body
    return mutate


def repeat_line(random_, rows):
    rows.insert(random_.randrange(len(rows) + 1), random_.choice(rows))


def drop_line(random_, rows):
    rows.pop(random_.randrange(len(rows)))


def foreign_line(random_, rows):
    """A field of another request."""
    rows.insert(random_.randrange(1, len(rows) + 1), random_.choice(random_.choice(VALID).partition(b"\r\n\r\n")[0].split(SEPARATOR)[1:]))


def many_lines(random_, rows):
    rows[1:1] = [b"X-%d: %s" % (n, b"v" * random_.randrange(100)) for n in range(random_.choice((20, 99, 150)))]


def other_method(random_, rows):
    rows[0] = random_.choice(VALID).split(b" ")[0] + b" " + rows[0].partition(b" ")[2]


def other_path(random_, rows):
    words, others = rows[0].split(b" "), random_.choice(VALID).split(b" ")
    if len(words) > 1:
        words[1] = others[1]
    rows[0] = b" ".join(words)


def splice(random_, data):
    other = random_.choice(VALID)
    return data[:place(random_, data)] + other[place(random_, other):]


def foreign_body(random_, data):
    """The body of another request, with its length."""
    body = random_.choice(VALID).partition(b"\r\n\r\n")[2]
    head = [row for row in data.partition(b"\r\n\r\n")[0].split(SEPARATOR) if not row.lower().startswith((b"content-length", b"transfer-enc"))]
    return SEPARATOR.join([*head, b"Content-Length: %d" % len(body), b"", body])


def body_change(change):
    """A change of the body alone, whose length stays right."""
    def mutate(random_, data):
        head, separator, body = data.partition(b"\r\n\r\n")
        if not body or b"chunked" in head:
            return change(random_, data)
        changed = change(random_, body)
        return head.replace(b"Content-Length: %d" % len(body), b"Content-Length: %d" % len(changed)) + separator + changed
    return mutate


def pipeline(random_, data):
    return data + random_.choice(VALID) + random_.choice(VALID)


MUTATIONS = [replace_byte, insert, flip, cut_out, repeat, truncate, number, splice, foreign_body, pipeline,
             *(lines(change) for change in (repeat_line, drop_line, foreign_line, many_lines, other_method, other_path)),
             *(body_change(change) for change in (replace_byte, insert, flip, cut_out, repeat, number))]


def hostile(seed, number_):
    """(the bytes; how they are sent: "whole", "pieces", "gone" before the answer comes)."""
    random_ = random.Random(f"{seed}/{number_}")
    data = random_.choice(VALID)
    for _ in range(random_.choice((0, 1, 1, 1, 2, 2, 3, 6))):
        if data:
            data = random_.choice(MUTATIONS)(random_, data)
    return data, random_.choices(("whole", "pieces", "gone"), (8, 1, 1))[0]
