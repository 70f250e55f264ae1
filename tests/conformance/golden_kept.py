"""What areas 05 (trash) and 06 (versions) need besides their traces: the state they begin with and the steps between."""

import re
from urllib.parse import unquote, urlsplit

from golden_shares import end_all, share

HOME, BIN = "/remote.php/dav/files/gold1", "/remote.php/dav/trashbin/gold1"
VERSIONS = "/remote.php/dav/versions/gold1"
SKIP = ("X-NC-Skip-Trashbin", "true")


def _hrefs(server, path):
    answer = server.ask("gold1", "PROPFIND", path, [("Depth", "1")], good=(207,))
    return re.findall(r"<d:href>([^<]*)</d:href>", answer.body.decode())[1:]


def _unlock_all(server):
    """Ends the locks that earlier areas have left."""
    body = b'<d:propfind xmlns:d="DAV:"><d:prop><d:lockdiscovery/></d:prop></d:propfind>'
    answer = server.ask("gold1", "PROPFIND", HOME + "/", [("Depth", "infinity")], body, good=(207,))
    for response in answer.body.decode().split("<d:response>")[1:]:
        href = re.match(r"<d:href>([^<]*)<", response).group(1)
        for token in re.findall(r"<d:locktoken><d:href>([^<]*)<", response):
            server.ask("gold1", "UNLOCK", href, [("Lock-Token", f"<{token}>")], good=(204, 409))


def _empty(server):
    _unlock_all(server)
    for href in _hrefs(server, HOME + "/"):
        server.ask("gold1", "DELETE", href, [SKIP], good=(204,))
    server.ask("gold1", "DELETE", BIN + "/trash", good=(204,))


def _trashed(server, path, body):
    server.put(path, body)
    server.remove(path)


# ---- trash

def prepare_trash(server):
    _empty(server)
    server.mkcol("dir")
    server.mkcol("dir/inner")
    server.put("dir/a.txt", b"aaa")
    server.put("dir/gone.txt", b"gone")
    server.put("dir/inner/x.txt", b"inner")
    server.put("top.txt", b"top")


def replace_top(server, body):
    server.remove("top.txt")
    server.put("top.txt", body)


def remove_both(server, _):
    server.remove("dir/gone.txt")
    server.remove("dir")


def twice(server, _):
    _trashed(server, "twice.txt", b"1")
    _trashed(server, "twice.txt", b"2")


def share_folder(server, _):
    server.ask("gold2", "DELETE", "/remote.php/dav/trashbin/gold2/trash", good=(204,))
    server.mkcol("shared")
    server.put("shared/s.txt", b"shared")
    share(server, "/shared", "gold2", 31)


TRASH_BEFORE = {
    # 016 took the first one out
    "05-trash/017": lambda s, _: _trashed(s, "dir/a.txt", b"aaa"),
    # 024, 027: sizes 3, then 7, then 9
    "05-trash/023": lambda s, _: replace_top(s, b"top two"),
    "05-trash/025": lambda s, _: replace_top(s, b"top three"),
    "05-trash/026": remove_both,
    "05-trash/030": twice,
    "05-trash/036": lambda s, _: s.put("skip.txt", b"skip"),
    "05-trash/040": share_folder,
}
TRASH_AFTER = {
    "05-trash/042": end_all,
}

# The same deletion as before, though another one of its name is left.
SAME_DELETION = {"05-trash/032"}


def bind_deletion(server, trace, values):
    """"NAME.d{{TIMESTAMP}}" in a request: the last deletion of that name."""
    found = re.search(r"/trash/([^/]+)\.d\{\{TIMESTAMP\}\}", trace.request.start)
    if not found or f"{trace.area}/{trace.number}" in SAME_DELETION:
        return
    wanted = re.compile(re.escape(unquote(found.group(1))) + r"\.d(\d+)")
    names = [unquote(urlsplit(href).path.rstrip("/").rsplit("/", 1)[1]) for href in _hrefs(server, BIN + "/trash")]
    stamps = [match.group(1) for match in map(wanted.fullmatch, names) if match]
    if stamps:
        values.bound["TIMESTAMP"] = max(stamps)


# ---- versions

# File ids that stand in the recorded paths as they were.
FILE_IDS = {"9870": "FILEID", "9875": "FILEID9875", "9876": "FILEID3", "9878": "FILEID4"}


def name_file_ids(trace):
    if trace.area != "06-versions":
        return
    def named(text):
        return re.sub(r"(?<=/)(987\d)(?=[/ ]|$)", lambda match: "{{%s}}" % FILE_IDS[match.group(1)], text)
    trace.request.start = named(trace.request.start)
    trace.request.headers = [(name, named(value)) for name, value in trace.request.headers]


def _id_of(server, path):
    body = b'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>'
    answer = server.ask("gold1", "PROPFIND", f"{HOME}/{path}", [("Depth", "0")], body, good=(207,))
    return re.search(rb"<oc:fileid>(\d+)<", answer.body).group(1).decode()


def _write(server, path, body, mtime):
    server.ask("gold1", "PUT", f"{HOME}/{path}", [("X-OC-MTime", str(mtime))], body)


def prepare_versions(server):
    _empty(server)
    _write(server, "v.txt", b"version one", 1700000000)
    server.mkcol("folder")
    _write(server, "same.txt", b"one", 1700000000)
    _write(server, "same.txt", b"two", 1700000000)


def bind_files(server, values):
    values.bound.update(FILEID=_id_of(server, "v.txt"), FILEID9875=_id_of(server, "folder"),
                        FILEID4=_id_of(server, "same.txt"))


def overwrite(server, _):
    _write(server, "v.txt", b"version two.", 1700000100)
    _write(server, "v.txt", b"version three", 1700000200)


def undo_copy(server, values):
    versions = f"{VERSIONS}/versions/{values.bound['FILEID']}"
    server.ask("gold1", "MOVE", f"{versions}/1700000000", [("Destination", f"{VERSIONS}/restore/v")], good=(201,))
    server.ask("gold1", "DELETE", f"{versions}/1700000101", good=(204,))
    values.bound["ETAG2"] = server.ask("gold1", "HEAD", f"{HOME}/v.txt").header("ETag").strip('"')


def share_editable(server, values):
    _write(server, "shv.txt", b"one", 1700000000)
    _write(server, "shv.txt", b"two", 1700000100)
    values.bound["FILEID3"] = _id_of(server, "shv.txt")
    share(server, "/shv.txt", "gold2", 19)


def share_readonly(server, values):
    end_all(server, values)
    share(server, "/shv.txt", "gold2", 1)


VERSIONS_BEFORE = {
    "06-versions/001": bind_files,
    # the lengths are recorded; of the second content nothing else is
    "06-versions/004": overwrite,
    # two contents of 3 bytes, and a recipient
    "06-versions/040": share_editable,
    "06-versions/042": share_readonly,
}
VERSIONS_AFTER = {
    "06-versions/043": end_all,
    "06-versions/022": undo_copy,
}
