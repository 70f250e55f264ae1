"""What area 07 (sharing) needs besides its traces: the state it begins with and the steps between."""

import json
import re

API = "/ocs/v2.php/apps/files_sharing/api/v1"
SKIP = ("X-NC-Skip-Trashbin", "true")
NOTIFICATIONS = "/ocs/v2.php/apps/notifications/api/v2/notifications"
LINK_PASSWORD = "golden-link-password-7"
# Parts that are not built yet: previews, other servers.
NOT_BUILT = [range(260, 261), range(288, 297)]
NO_SUCH_SHARE = "999999"


def takes_part(trace):
    """False: a trace of a part that is not built yet."""
    return trace.area != "07-sharing" or not any(int(trace.number) in part for part in NOT_BUILT)


def name_via(trace):
    """The one file id that stands in recorded answers as it was."""
    if trace.area == "07-sharing":
        trace.response.body = re.sub(r'(?<="via_fileid":)\d+', "{{FILEID}}", trace.response.body)


def _ask(server, user, method, path, fields=""):
    headers = [("OCS-APIRequest", "true"), ("Accept", "application/json")]
    if fields:
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    answer = server.ask(user, method, API + path, headers, fields.encode(), good=(200,))
    return json.loads(answer.body)["ocs"]["data"]


def share(server, path, recipient, permissions):
    fields = f"path={path}&shareType=0&shareWith={recipient}&permissions={permissions}"
    return str(_ask(server, "gold1", "POST", "/shares", fields)["id"])


def end_all(server, _values=None):
    """Ends all that gold1 shares."""
    for share in _ask(server, "gold1", "GET", "/shares"):
        _ask(server, "gold1", "DELETE", f"/shares/{share['id']}")


def _clear(server, user):
    home = f"/remote.php/dav/files/{user}/"
    answer = server.ask(user, "PROPFIND", home, [("Depth", "1")], good=(207,))
    for href in re.findall(r"<d:href>([^<]*)</d:href>", answer.body.decode())[1:]:
        server.ask(user, "DELETE", href, [SKIP], good=(204,))


def prepare_shares(server):
    for user in ("gold1", "gold2", "gold3"):
        _clear(server, user)
    for folder in ("shr", "shr/sub", "shr/many", "pub", "drop", "xfer"):
        server.mkcol(folder)
    server.put("shr/a.txt", b"shared text\n")
    server.put("shr/sub/b.txt", b"b")
    server.put("pub/p.txt", b"p" * 25)
    server.put("xfer/x.txt", b"x" * 12)
    server.put("single.txt", b"single file\n")


def _bind(name, path, recipient, permissions):
    def step(server, values):
        end_all(server)
        values.bound[name] = share(server, path, recipient, permissions)
    return step


def _first(_server, values):
    values.bound["SHAREID2"] = NO_SUCH_SHARE


def _name_clash(server, _values):
    for name in ("box", "copied.txt"):
        server.remove(name, "gold2")
    server.put("single.txt", b"mine", user="gold2")
    share(server, "/single.txt", "gold2", 19)


def _no_clash(server, _values):
    end_all(server)
    server.remove("single.txt", "gold2")


def _pending(server, values):
    server.cli("user:setting", "gold3", "files_sharing", "default_accept", "no")
    _bind("SHAREID29", "/shr", "gold3", 17)(server, values)


def _accepting_again(server, values):
    server.cli("user:setting", "gold3", "files_sharing", "default_accept", "yes")
    _bind("SHAREID31", "/shr", "gold2", 31)(server, values)


def _links(server, values):
    """What links begin with: nothing shared, `pub` with a file and a folder."""
    end_all(server)
    values.fixed["LINKPASSWORD"] = LINK_PASSWORD
    values.fixed["TOKEN9"] = "nosuchtoken1234"
    server.put("pub/p.txt", b"public text\n")
    server.mkcol("pub/inner")
    server.put("pub/inner/i.txt", b"inner text 13")


def _link_logins(_server, values):
    token, with_password = values.bound["TOKEN2"], values.bound["TOKEN3"]
    values.logins.update({
        "TOKEN:empty": f"{token}:", "TOKEN2:empty": f"{with_password}:", "TOKEN2:wrong": f"{with_password}:wrong",
        "TOKEN2:LINKPASSWORD": f"{with_password}:{LINK_PASSWORD}", "unknown token": "nosuchtoken1234:",
        "anonymous:LINKPASSWORD": f"anonymous:{LINK_PASSWORD}", "anonymous:wrong": "anonymous:wrong"})


def _change(name, fields):
    return lambda server, values: _ask(server, "gold1", "PUT", f"/shares/{values.bound[name]}", fields)


def _new_link(path, token, login=None, fields=""):
    def step(server, values):
        link = _ask(server, "gold1", "POST", "/shares", f"path={path}&shareType=3{fields}")
        values.bound[token] = link["token"]
        if login:
            values.logins[login] = f"{link['token']}:"
    return step


def _over(server, values):
    """A link whose time is over answers as one that was taken away."""
    link = _ask(server, "gold1", "POST", "/shares", "path=/pub&shareType=3")
    values.bound["TOKEN12"], values.bound["SHAREID42"] = link["token"], str(link["id"])
    values.logins["expired TOKEN"] = f"{link['token']}:"
    _ask(server, "gold1", "DELETE", f"/shares/{link['id']}")


def _transfer(name):
    """What gold2 is asked by the newest notification."""
    def step(server, values):
        answer = server.ask("gold2", "GET", NOTIFICATIONS, [("Accept", "application/json")], good=(200,))
        told = json.loads(answer.body)["ocs"]["data"][0]
        assert told["object_type"] == "transfer" and told["actions"], told
        values.bound[name] = told["object_id"]
    return step


# Each mask is of a new share.
_MASKS = [*range(13, 48, 2), *range(48, 61, 2)]
SHARES_AFTER = {
    "07-sharing/272": lambda s, _: s.remove("drop/legacy.txt"),
}
# Their order is chance.
SHARES_FORGOTTEN = {"07-sharing/209"}
SHARES_BEFORE = {
    "07-sharing/001": _first,
    # 012 finds nothing
    "07-sharing/012": end_all,
    **{f"07-sharing/{number:03}": end_all for number in _MASKS},
    # what is read-only from 062 on has this id in 076
    "07-sharing/062": _bind("SHAREID27", "/shr", "gold2", 1),
    "07-sharing/077": lambda s, _: s.mkcol("box", "gold2"),
    # "the recipient already has a file of that name": of 4 bytes, and nothing else
    "07-sharing/082": _name_clash,
    "07-sharing/083": _no_clash,
    "07-sharing/091": _pending,
    "07-sharing/096": _bind("SHAREID30", "/shr", "gold3", 17),
    "07-sharing/099": _accepting_again,
    "07-sharing/186": _links,
    "07-sharing/211": _link_logins,
    # 234 to 238 are refused, 239 to 244 are not, 246 shows RG again
    "07-sharing/239": _change("SHAREID35", "permissions=31"),
    "07-sharing/246": _change("SHAREID35", "permissions=17&hideDownload=true"),
    "07-sharing/249": _new_link("/single.txt", "TOKEN10", "TOKEN of a file"),
    "07-sharing/272": lambda s, v: v.logins.update({"TOKEN of the drop": v.bound["TOKEN7"] + ":"}),
    "07-sharing/275": _new_link("/drop", "TOKEN11", None, "&permissions=4&attributes="
                                "%5B%7B%22scope%22%3A%22fileRequest%22%2C%22key%22%3A%22enabled%22%2C%22value%22%3Atrue%7D%5D"),
    "07-sharing/282": _transfer("TRANSFERID"),
    "07-sharing/286": _transfer("TRANSFERID2"),
    "07-sharing/297": _over,
}
