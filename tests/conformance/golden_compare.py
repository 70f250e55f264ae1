"""What two answers have in common: status, the headers that clients read, and the meaning of the body."""

import json
import re
import xml.etree.ElementTree as ET

from golden_trace import PLACEHOLDER, same_binary

NAMESPACES = {"DAV:": "d", "http://sabredav.org/ns": "s", "http://owncloud.org/ns": "oc", "http://nextcloud.org/ns": "nc",
              "http://open-collaboration-services.org/ns": "ocs", "http://open-cloud-mesh.org/ns": "ocm"}

# Compared when recorded, and not allowed when they were not.
EXACT_HEADERS = ["X-OC-MTime", "X-OC-CTime", "OC-Checksum", "WWW-Authenticate", "Location", "Lock-Token"]
# Compared when recorded: one more is no harm.
READ_HEADERS = ["ETag", "OC-ETag", "OC-FileId", "X-NC-OwnerId", "X-NC-Permissions", "Content-Range", "Content-Disposition",
                "Last-Modified", "X-NC-Paginate", "X-NC-Paginate-Total"]

# Values that Cairn has of its own wherever they appear, by the end of their path.
OWN_VALUES = [
    # the version that is reported, and the product
    (r"version", "34.0.1.2", "32.0.6.1"), (r"versionstring|version/string", "34.0.1", "32.0.6"),
    (r"version/major", 34, 32), (r"version/micro", 1, 6), (r"version/major", "34", "32"), (r"version/micro", "1", "6"),
    # no profile page, no editing of accounts, no record of the first login
    (r"profile_enabled", "1", "0"), (r"setDisplayName|setPassword", True, False), (r"setDisplayName|setPassword", "1", ""),
    (r"firstLoginTimestamp", None, -1), (r"firstLoginTimestamp", None, "-1"),
    # the recorded server shows a stale sum
    (r"quota/used", 6334, 0), (r"quota/used", "6334", "0"), (r"quota/used", 6334, 343), (r"quota/used", "6334", "343"),
    # of a user who has not logged in for a while the time is known; at first login it is not written yet
    (r"lastLoginTimestamp|lastLogin", None, 0), (r"lastLoginTimestamp|lastLogin", None, "0"),
]
# Properties that name what else the recorded server has: calendars, principals, comments ...
OWN_PROPERTIES = {"d:supported-report-set", "d:supported-method-set", "d:current-user-privilege-set"}


def compare(trace, answer, values):
    """The differences as texts; none when the answers are equal."""
    out = []
    if answer.status != trace.status:
        out.append(f"status {answer.status}, recorded {trace.status}")
    out += _headers(trace, answer, values)
    if answer.status == trace.status:
        out += _body(trace, answer, values)
    return out


def _headers(trace, answer, values):
    out, wanted = [], trace.response
    for name in EXACT_HEADERS + READ_HEADERS:
        recorded, actual = wanted.header(name), answer.header(name)
        if recorded is None and (actual is None or name in READ_HEADERS):
            continue
        if name == "ETag" and trace.status == 412:
            continue  # no client reads it there
        if recorded is None or actual is None or not values.match(recorded, actual):
            out.append(f"{name}: {actual!r}, recorded {recorded!r}")
    if answer.status != trace.status:
        return out
    recorded, actual = wanted.header("Content-Type"), answer.header("Content-Type")
    if wanted.body and "{{HTML" not in wanted.body and _media_type(recorded) != _media_type(actual):
        out.append(f"Content-Type: {actual!r}, recorded {recorded!r}")
    recorded, actual = wanted.header("DAV"), answer.header("DAV")
    if recorded and not {"1", "2"} <= _tokens(actual) <= _tokens(recorded):
        out.append(f"DAV: {actual!r}, recorded {recorded!r}")
    recorded, actual = wanted.header("Allow"), answer.header("Allow")
    if recorded and trace.status != 405 and _tokens(actual) != _tokens(recorded):
        out.append(f"Allow: {actual!r}, recorded {recorded!r}")
    return out


def _media_type(value):
    return re.sub(r"\s", "", (value or "").lower())


def _tokens(value):
    return {token.strip() for token in (value or "").split(",") if token.strip()}


def _body(trace, answer, values):
    wanted = trace.response.body
    if "{{HTML page" in wanted or answer.method == "HEAD" or not wanted:
        return []
    if wanted.startswith("{{BINARY"):
        return [] if same_binary(wanted, answer.body) else [f"other bytes ({len(answer.body)}): {wanted[:90]}"]
    text = answer.body.decode("utf-8", "surrogateescape")
    if wanted.startswith("<?xml"):
        return _xml(wanted, text, values)
    if wanted[:1] in ("{", "[") and wanted[:2] != "{{":
        return _json(wanted, text, values)
    if wanted.endswith("}}") and "{{CUT" in wanted:
        return [] if text.startswith(wanted[:wanted.index("{{CUT")]) else ["other body"]
    return [] if values.match(wanted, text) else [f"body {text[:200]!r}, recorded {wanted[:200]!r}"]


# ---- JSON

_BARE = re.compile(r"(?<=[:,\[])(\{\{[A-Z_]+\d*\}\})(?=[,\]}])")


def _json(wanted, text, values):
    recorded = json.loads(_BARE.sub(r'"@number \1"', wanted))
    try:
        actual = json.loads(text)
    except ValueError:
        return [f"not JSON: {text[:200]!r}"]
    return _same(recorded, actual, "", values)


def _own(path, recorded, actual):
    for pattern, theirs, ours in OWN_VALUES:
        if ours == actual and type(ours) is type(actual) and (theirs is None or theirs == recorded):
            if re.search(f"(?:^|/)(?:{pattern})$", path):
                return True
    return False


def _same(recorded, actual, path, values):
    if _own(path, recorded, actual):
        return []
    if isinstance(recorded, str) and recorded.startswith("@number "):
        good = type(actual) is int and values.match(recorded[8:], str(actual))
        return [] if good else [f"{path}: {actual!r}, recorded {recorded[8:]}"]
    if type(recorded) is not type(actual):
        return [f"{path}: {actual!r}, recorded {recorded!r}"]
    if isinstance(recorded, dict):
        recorded = {values.fill(key): value for key, value in recorded.items()}
        out = [f"{path}/{key}: missing" for key in recorded if key not in actual]
        out += [f"{path}/{key}: not recorded" for key in actual if key not in recorded]
        for key in recorded:
            if key in actual:
                out += _same(recorded[key], actual[key], f"{path}/{key}", values)
        return out
    if isinstance(recorded, list):
        if len(recorded) != len(actual):
            return [f"{path}: {len(actual)} items, recorded {len(recorded)}"]
        return [line for i, (a, b) in enumerate(zip(recorded, actual)) for line in _same(a, b, f"{path}/{i}", values)]
    good = values.match(recorded, actual) if isinstance(recorded, str) else recorded == actual
    return [] if good else [f"{path}: {actual!r}, recorded {recorded!r}"]


# ---- XML

def _name(tag):
    if not tag.startswith("{"):
        return tag
    namespace, _, local = tag[1:].partition("}")
    return f"{NAMESPACES.get(namespace, '{' + namespace + '}')}:{local}"


def _parse(text):
    try:
        return ET.fromstring(text)
    except (ET.ParseError, ValueError):
        # The recording keeps control characters as they came; a parser takes none.
        return ET.fromstring(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "?", text))


def _xml(wanted, text, values):
    recorded = _parse(wanted)
    try:
        actual = _parse(text)
    except (ET.ParseError, ValueError) as error:
        return [f"not XML ({error}): {text[:200]!r}"]
    kind = _name(recorded.tag)
    if _name(actual.tag) != kind:
        return [f"root element {_name(actual.tag)}, recorded {kind}"]
    if kind == "d:multistatus":
        return _multistatus(recorded, actual, values)
    if kind == "d:error":
        theirs, ours = (root.findtext("{http://sabredav.org/ns}exception") for root in (recorded, actual))
        return [] if theirs == ours else [f"exception {ours}, recorded {theirs}"]
    if kind == "ocs":
        return _same(_tree(recorded), _tree(actual), "", values)
    if kind == "d:prop":
        theirs, ours = ({_name(child.tag): _value(child) for child in root} for root in (recorded, actual))
        return _properties({"": theirs}, {"": ours}, "", values)
    return _text_difference("", _value(recorded), _value(actual), values)


def _tree(element):
    """An OCS document: leaves are texts, lists are lists of what <element> holds."""
    children = list(element)
    if not children:
        return element.text or ""
    if all(child.tag == "element" for child in children):
        return [_tree(child) for child in children]
    return {child.tag: _tree(child) for child in children}


def _value(element):
    """A canonical text of what stands in an element: child elements in order of names, blanks between them left out."""
    children = [f"<{_name(child.tag)}>{_value(child)}</>" for child in element]
    if not children:
        return element.text or ""
    text = ((element.text or "") + "".join(child.tail or "" for child in element)).strip()
    return text + "".join(sorted(children))


def _responses(root):
    out = {}
    for response in root.findall("{DAV:}response"):
        href = response.findtext("{DAV:}href")
        stats = {}
        for propstat in response.findall("{DAV:}propstat"):
            status = (propstat.findtext("{DAV:}status") or "").split(" ")[1:2]
            prop = propstat.find("{DAV:}prop")
            stats[status[0] if status else "?"] = {_name(child.tag): _value(child) for child in prop}
        status = response.findtext("{DAV:}status")
        if status:
            stats["response"] = {"status": status.split(" ")[1]}
        out[href] = stats
    return out


def _multistatus(recorded, actual, values):
    theirs, ours, out = _responses(recorded), _responses(actual), []
    pairs = _pair_hrefs(theirs, ours, values)
    paired = {ours_href for ours_href in pairs.values() if ours_href is not None}
    out += [f"{href}: missing" for href in theirs if pairs[href] is None]
    out += [f"{href}: not recorded" for href in ours if href not in paired]
    for href, ours_href in pairs.items():
        if ours_href is not None:
            out += _properties(theirs[href], ours[ours_href], href, values)
    return out


def _pair_hrefs(theirs, ours, values):
    pairs, left = {}, list(ours)
    for href in theirs:
        plain = values.fill(href)
        found = plain if plain in left else None
        if found is None and PLACEHOLDER.search(href):
            found = next((one for one in left if values.match(href, one)), None)
        pairs[href] = found
        if found is not None:
            left.remove(found)
    return pairs


def _properties(recorded, actual, href, values):
    out = []
    theirs = {name: (status, value) for status, props in recorded.items() for name, value in props.items()}
    ours = {name: (status, value) for status, props in actual.items() for name, value in props.items()}
    for name in sorted(theirs.keys() | ours.keys()):
        if name in OWN_PROPERTIES:
            continue
        if name not in ours or name not in theirs:
            out.append(f"{href} {name}: {'missing' if name not in ours else 'not recorded'}")
        elif theirs[name][0] != ours[name][0]:
            out.append(f"{href} {name}: in {ours[name][0]} ({ours[name][1][:60]!r}), recorded in {theirs[name][0]}"
                       f" ({theirs[name][1][:60]!r})")
        else:
            out += _text_difference(f"{href} {name}", theirs[name][1], ours[name][1], values)
    return out


def _text_difference(where, recorded, actual, values):
    return [] if values.match(recorded, actual) else [f"{where}: {actual[:160]!r}, recorded {recorded[:160]!r}"]
