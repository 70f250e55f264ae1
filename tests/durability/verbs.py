"""Every request and command that changes something, with what it costs: how often the log is synced, how many blobs
are made. A lone client's write costs one sync; where it costs more, the row says why."""
import collections

USER, PASSWORD = "alice", "order-test-password"
FILES = f"/remote.php/dav/files/{USER}"
UPLOADS = f"/remote.php/dav/uploads/{USER}"
BIN = f"/remote.php/dav/trashbin/{USER}"
VERSIONS = f"/remote.php/dav/versions/{USER}"
TRANSFERS = "/ocs/v2.php/apps/files/api/v1/transferownership"
NOTIFICATIONS = "/ocs/v2.php/apps/notifications/api/v2/notifications"
GET_APP_PASSWORD = "/ocs/v2.php/core/getapppassword?format=json"
LARGE = bytes(range(256)) * 1200   # above the inline limit: a blob
SMALL = b"small"

# `run(client)` sends one request or runs one command, and returns an answer's status or None.
Row = collections.namedtuple("Row", "name syncs blobs run")


def http(name, method, path, *, body=None, status=(200, 201, 204, 207), syncs=1, blobs=0, **headers):
    fields = {key.replace("_", "-"): value for key, value in headers.items()}

    def run(client):
        where = path(client) if callable(path) else path
        answer = client.request(method, where, body, {k: v(client) if callable(v) else v for k, v in fields.items()})
        if answer not in status:
            raise SystemExit(f"{name}: {method} {where} was answered with {answer}")
        return method

    return Row(name, syncs, blobs, run)


def command(args, *, syncs=1):
    words = args.split()

    def run(client):
        client.command(words)
        return words[0]

    return Row(args, syncs, 0, run)


def to(path):
    return FILES + path


def last_listed(client):
    return client.hrefs[-1]


def versions_of_it(client):
    return f"{VERSIONS}/versions/{client.file_id}"


def lock_token(client):
    return f"<{client.lock_token}>"


def if_locked(client):
    return f"(<{client.lock_token}>)"


PROPERTIES = (b'<d:propertyupdate xmlns:d="DAV:" xmlns:x="http://example.org/"><d:set><d:prop><x:colour>red</x:colour>'
              b"</d:prop></d:set></d:propertyupdate>")
FAVOURITE = (b'<d:propertyupdate xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:set><d:prop><oc:favorite>1'
             b"</oc:favorite></d:prop></d:set></d:propertyupdate>")
LOCK = (b'<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype>'
        b"</d:lockinfo>")


FILE_ID = b'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><oc:fileid/></d:prop></d:propfind>'
LABEL = (b'<d:propertyupdate xmlns:d="DAV:" xmlns:nc="http://nextcloud.org/ns"><d:set><d:prop><nc:version-label>kept'
         b"</nc:version-label></d:prop></d:set></d:propertyupdate>")


def rows():
    # A try is written before the password is looked at, and taken back when it was right (auth/throttle.h).
    yield http("the first login with a password", "PROPFIND", FILES + "/", syncs=2, Depth="0")
    # The first new file also makes the block of file ids durable that its id is taken from.
    yield http("the first PUT of a process", "PUT", FILES + "/first", body=SMALL, syncs=2)
    yield http("PUT of a small file", "PUT", FILES + "/small", body=SMALL)
    yield http("PUT over a small file", "PUT", FILES + "/small", body=SMALL + SMALL)
    yield http("PUT of an empty file", "PUT", FILES + "/empty", body=b"")
    yield http("PUT of a large file", "PUT", FILES + "/large", body=LARGE, blobs=1)
    yield http("PUT over a large file", "PUT", FILES + "/large", body=LARGE[1:], blobs=1)
    yield http("PUT that is refused", "PUT", FILES + "/small", body=SMALL, status=(412,), syncs=0, If_None_Match="*")
    yield http("PUT that makes its parents", "PUT", FILES + "/a/b/c", body=SMALL, X_NC_WebDAV_Auto_Mkcol="1")
    yield http("PATCH of the checksum", "PATCH", FILES + "/large", X_Recalculate_Hash="sha1")
    yield http("MKCOL", "MKCOL", FILES + "/folder")
    yield http("MKCOL that is refused", "MKCOL", FILES + "/folder", status=(405,), syncs=0)
    yield http("PROPPATCH", "PROPPATCH", FILES + "/small", body=PROPERTIES)
    yield http("PROPPATCH of a favourite", "PROPPATCH", FILES + "/small", body=FAVOURITE)
    yield http("LOCK", "LOCK", FILES + "/small", body=LOCK, Timeout="Second-600")
    yield http("LOCK that is refreshed", "LOCK", FILES + "/small", If=if_locked)
    yield http("PUT to a locked file, refused", "PUT", FILES + "/small", body=SMALL, status=(423,), syncs=0)
    yield http("UNLOCK", "UNLOCK", FILES + "/small", Lock_Token=lock_token)
    yield http("LOCK of a free name", "LOCK", FILES + "/reserved", body=LOCK)
    yield http("DELETE of a locked file", "DELETE", FILES + "/reserved", If=if_locked)
    yield http("COPY of a file", "COPY", FILES + "/large", Destination=to("/folder/copy"))
    yield http("COPY over a file", "COPY", FILES + "/small", Destination=to("/folder/copy"))
    # A staged root, one step for its members, the attachment: each durable before the next.
    yield http("COPY of a folder", "COPY", FILES + "/folder", Destination=to("/other"), syncs=3)
    yield http("COPY of an empty folder", "COPY", FILES + "/folder", Destination=to("/bare"), Depth="0")
    yield http("MOVE of a file", "MOVE", FILES + "/empty", Destination=to("/folder/moved"))
    yield http("MOVE over a file", "MOVE", FILES + "/folder/moved", Destination=to("/folder/copy"))
    yield http("MOVE of a folder", "MOVE", FILES + "/folder", Destination=to("/a/folder"))
    yield http("DELETE of a file", "DELETE", FILES + "/first")
    yield http("DELETE of a folder", "DELETE", FILES + "/a")

    yield http("a listing of the trash", "PROPFIND", BIN + "/trash", syncs=0)
    yield http("MOVE of a deletion to where it was", "MOVE", last_listed, Destination=BIN + "/restore/x")
    yield http("what is left in the trash", "PROPFIND", BIN + "/trash", syncs=0)
    yield http("MOVE of a deletion to the files", "MOVE", last_listed, Destination=to("/out"))
    yield http("what is left then", "PROPFIND", BIN + "/trash", syncs=0)
    yield http("DELETE of a deletion", "DELETE", last_listed)
    yield http("DELETE of the trash", "DELETE", BIN + "/trash")
    yield http("DELETE of an empty trash", "DELETE", BIN + "/trash", syncs=0)

    yield http("the id of a file", "PROPFIND", FILES + "/small", body=FILE_ID, syncs=0, Depth="0")
    yield http("its versions", "PROPFIND", versions_of_it, syncs=0)
    yield http("the label of a version", "PROPPATCH", last_listed, body=LABEL)
    yield http("COPY of a version to its file", "COPY", last_listed, Destination=VERSIONS + "/restore/x")
    yield http("MOVE of a version to the files", "MOVE", last_listed, Destination=to("/old"))
    yield http("its versions again", "PROPFIND", versions_of_it, syncs=0)
    yield http("MOVE of a version to its file", "MOVE", last_listed, Destination=VERSIONS + "/restore/x")
    yield http("its versions then", "PROPFIND", versions_of_it, syncs=0)
    yield http("DELETE of a version", "DELETE", last_listed)

    yield http("MKCOL of an upload", "MKCOL", UPLOADS + "/one", Destination=to("/one"))
    yield http("PUT of a chunk", "PUT", UPLOADS + "/one/1", body=LARGE, blobs=1, Destination=to("/one"))
    yield http("PUT of a chunk again", "PUT", UPLOADS + "/one/1", body=LARGE[2:], blobs=1, Destination=to("/one"))
    yield http("MOVE of an upload of one chunk", "MOVE", UPLOADS + "/one/.file", Destination=to("/one"))
    yield http("MOVE of it again", "MOVE", UPLOADS + "/one/.file", Destination=to("/one"), syncs=0)
    yield http("MKCOL of a second upload", "MKCOL", UPLOADS + "/two", Destination=to("/two"))
    yield http("PUT of its first chunk", "PUT", UPLOADS + "/two/1", body=LARGE, blobs=1, Destination=to("/two"))
    yield http("PUT of its second chunk", "PUT", UPLOADS + "/two/2", body=LARGE, blobs=1, Destination=to("/two"))
    # The pages of the manifest, outside of the space's key, then the file.
    yield http("MOVE of an upload of two chunks", "MOVE", UPLOADS + "/two/.file", Destination=to("/two"), syncs=2)
    yield http("MKCOL of a third upload", "MKCOL", UPLOADS + "/three", Destination=to("/three"))
    yield http("PUT of its chunk", "PUT", UPLOADS + "/three/1", body=LARGE, blobs=1, Destination=to("/three"))
    yield http("DELETE of a chunk", "DELETE", UPLOADS + "/three/1")
    yield http("DELETE of an upload", "DELETE", UPLOADS + "/three")

    # The first one also makes its block of numbers durable.
    yield http("the first app password of a process", "GET", GET_APP_PASSWORD, OCS_APIRequest="true", syncs=2)
    yield http("the end of an app password", "DELETE", "/ocs/v2.php/core/apppassword", OCS_APIRequest="true")
    yield http("an app password", "GET", GET_APP_PASSWORD, OCS_APIRequest="true")
    yield http("the end of the second one", "DELETE", "/ocs/v2.php/core/apppassword", OCS_APIRequest="true")
    for method, path in (("GET", "/small"), ("HEAD", "/small"), ("PROPFIND", "/"), ("OPTIONS", "/")):
        yield http(method, method, FILES + path, syncs=0)
    report = (b'<oc:filter-files xmlns:oc="http://owncloud.org/ns"><oc:filter-rules><oc:favorite>1</oc:favorite>'
              b"</oc:filter-rules></oc:filter-files>")
    yield http("REPORT", "REPORT", FILES + "/", body=report, syncs=0)

    yield http("a file to be deleted", "PUT", FILES + "/rubbish", body=SMALL)
    yield http("its deletion", "DELETE", FILES + "/rubbish")
    yield command(f"trashbin:size {USER}", syncs=0)
    yield command(f"trashbin:expire {USER}", syncs=0)
    yield command(f"trashbin:restore {USER}")
    yield http("its deletion again", "DELETE", FILES + "/rubbish")
    yield command(f"trashbin:cleanup {USER}")
    yield command(f"versions:expire {USER}", syncs=0)
    yield command(f"versions:cleanup {USER}")
    yield command(f"quota:recalculate {USER}", syncs=0)

    yield command("user:add --password-from-env bob")
    yield http("a file to be given away", "PUT", FILES + "/gift", body=SMALL)
    yield command(f"files:transfer-ownership {USER} bob --path=/gift")
    yield http("a file to be offered", "PUT", FILES + "/offer", body=SMALL)
    # The name of the recipient is counted as a search before it is looked up.
    yield http("an offer", "POST", TRANSFERS, body=b"recipient=bob&path=/offer", syncs=2)
    yield http("its end", "DELETE", TRANSFERS + "/1")
    yield http("notifications", "GET", NOTIFICATIONS, syncs=0)
    yield http("their end", "DELETE", NOTIFICATIONS, syncs=0)
    yield command("user:disable bob")
    yield command("user:enable bob")
    yield command("user:resetpassword --password-from-env bob")
    yield command("user:setting bob files quota 1GB")
    yield command("user:auth-tokens:add bob")
    yield command("user:auth-tokens:delete bob --last-used-before 2100-01-01")
    yield command("twofactorauth:backup-codes bob")
    yield command("twofactorauth:disable bob totp")
    yield command("twofactorauth:enforce --off")
    yield command("security:bruteforce:reset 192.0.2.1")
    yield command("group:add team")
    yield command("group:adduser team bob")
    yield command("group:removeuser team bob")
    yield command("group:delete team")
    yield command("user:delete bob")
    yield command("config:system:set log.level --value warn")
    yield command("config:system:delete log.level")
    yield command("maintenance:mode --on")
    yield command("maintenance:mode --off")
