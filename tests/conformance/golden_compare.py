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
                "Last-Modified", "X-NC-Paginate", "X-NC-Paginate-Total", "X-NC-Paginate-Token", "MS-Author-Via"]


def compare(trace, answer, values, excuse, expected):
    """The differences that `excuse` does not cover, as texts."""
    comparison = Comparison(trace, answer, values, excuse, expected)
    comparison.run()
    return comparison.out


class Comparison:
    def __init__(self, trace, answer, values, excuse, expected):
        self.trace, self.answer, self.values = trace, answer, values
        self.excuse, self.expected = excuse, expected
        self.out = []

    def run(self):
        if self.answer.status != self.trace.status:
            self.out.append(f"status {self.answer.status}, recorded {self.trace.status}")
        self._headers()
        if self.answer.status == self.trace.status:
            self._body()

    # ---- every difference goes through one of these two

    def _note(self, kind, where, text, href=""):
        if self.excuse.covers(kind, where, href):
            self.excuse.note(kind, where, href)
        else:
            self.out.append(text)

    def _text(self, kind, where, recorded, actual, href=""):
        """Two texts, of which the recorded one may hold placeholders."""
        # What a header says is the newest word about the resource, excused or not.
        bind = kind == "header" or not self.excuse.covers(kind, where, href)
        if actual is None or not (self.values.match(recorded, actual, bind=bind) or _runs_down(recorded, actual)):
            name = f"{href} {where}".strip()
            shown = None if actual is None else actual[:160]
            self._note(kind, where, f"{name}: {shown!r}, recorded {recorded[:160]!r}", href)

    # ---- headers

    def _headers(self):
        for name in EXACT_HEADERS + READ_HEADERS:
            recorded, actual = self.trace.response.header(name), self.answer.header(name)
            if recorded is None and (actual is None or name in READ_HEADERS):
                continue
            if name == "ETag" and self.trace.status == 412:
                continue  # no client reads it there
            if recorded is None:
                self._note("header", name, f"{name}: {actual!r}, not recorded")
            else:
                self._text("header", name, recorded, actual)
        if self.answer.status != self.trace.status:
            return
        self._token_headers()
        recorded, actual = self.trace.response.header("Content-Type"), self.answer.header("Content-Type")
        body = self.trace.response.body
        if body and "{{HTML" not in body and _media_type(recorded) != _media_type(actual):
            self._note("header", "Content-Type", f"Content-Type: {actual!r}, recorded {recorded!r}")
        if self.answer.method == "HEAD" and self.trace.response.header("Content-Length"):
            self._text("header", "Content-Length", self.trace.response.header("Content-Length"),
                       self.answer.header("Content-Length"))

    def _token_headers(self):
        recorded, actual = self.trace.response.header("DAV"), self.answer.header("DAV")
        if recorded and not {"1", "2"} <= _tokens(actual) <= _tokens(recorded):
            self._note("header", "DAV", f"DAV: {actual!r}, recorded {recorded!r}")
        recorded, actual = self.trace.response.header("Allow"), self.answer.header("Allow")
        if recorded and _tokens(actual) != _tokens(recorded):
            self._note("header", "Allow", f"Allow: {actual!r}, recorded {recorded!r}")

    # ---- bodies

    def _body(self):
        wanted = self.trace.response.body
        if "{{HTML page" in wanted or self.answer.method == "HEAD":
            return
        text = self.answer.body.decode("utf-8", "surrogateescape")
        if not wanted:
            if text and self.trace.status < 400:
                self._note("body", "", f"a body {text[:120]!r}, recorded none")
        elif wanted.startswith("{{BINARY"):
            if not same_binary(wanted, self.answer.body):
                self._note("body", "", f"other bytes ({len(self.answer.body)}): {wanted[:90]}")
        elif wanted.startswith("<?xml"):
            self._xml(wanted, text)
        elif wanted[:1] in ("{", "[") and wanted[:2] != "{{":
            self._json(wanted, text)
        elif wanted.endswith("}}") and "{{CUT" in wanted:
            if not text.startswith(wanted[:wanted.index("{{CUT")]):
                self._note("body", "", "another body")
        else:
            self._text("body", "", wanted, text)

    def _json(self, wanted, text):
        recorded = json.loads(_BARE.sub(r'"@number \1"', wanted))
        try:
            actual = json.loads(text)
        except ValueError:
            self._note("body", "", f"not JSON: {text[:200]!r}")
            return
        self._same(recorded, actual, "", False)

    def _same(self, recorded, actual, path, as_text):
        """Two JSON values, or OCS documents in XML (`as_text`: leaves are texts)."""
        where = _below_data(path)
        if self.expected.is_own(self.trace.key, where, recorded, actual, as_text):
            return
        if isinstance(recorded, str) and recorded.startswith("@number "):
            if type(actual) is int:
                self._text("json", where, recorded[8:], str(actual))
            else:
                self._note("json", where, f"{where}: {actual!r}, recorded the number {recorded[8:]}")
        elif type(recorded) is not type(actual):
            self._note("json", where, f"{where}: {actual!r}, recorded {recorded!r}")
        elif isinstance(recorded, dict):
            recorded = {self.values.fill(key): value for key, value in recorded.items()}
            for key in [*recorded, *(key for key in actual if key not in recorded)]:
                below = f"{path}/{key}"
                if key in recorded and key in actual:
                    self._same(recorded[key], actual[key], below, as_text)
                else:
                    what = "not recorded" if key in actual else "missing"
                    self._note("json", _below_data(below), f"{_below_data(below)}: {what}")
        elif isinstance(recorded, list):
            if len(recorded) != len(actual):
                self._note("json", where, f"{where}: {len(actual)} items, recorded {len(recorded)}")
                return
            for i, (a, b) in enumerate(zip(recorded, actual)):
                self._same(a, b, f"{path}/{i}", as_text)
        elif isinstance(recorded, str):
            self._text("json", where, recorded, actual)
        elif recorded != actual:
            self._note("json", where, f"{where}: {actual!r}, recorded {recorded!r}")

    def _xml(self, wanted, text):
        recorded = _parse(wanted)
        try:
            actual = _parse(text)
        except (ET.ParseError, ValueError) as error:
            self._note("body", "", f"not XML ({error}): {text[:200]!r}")
            return
        kind = _name(recorded.tag)
        if _name(actual.tag) != kind:
            self._note("body", "", f"root element {_name(actual.tag)}, recorded {kind}")
        elif kind == "d:multistatus":
            self._multistatus(recorded, actual)
        elif kind == "d:error":
            self._error(recorded, actual)
        elif kind == "ocs":
            self._same(_tree(recorded), _tree(actual), "", True)
        elif kind == "d:prop":
            theirs, ours = ({_name(child.tag): ("", child) for child in root} for root in (recorded, actual))
            self._properties(theirs, ours, "")
        else:
            self._element(kind, recorded, actual, "")

    def _error(self, recorded, actual):
        """The exception and the preconditions; messages are for people."""
        exceptions = [root.findtext("{http://sabredav.org/ns}exception") for root in (recorded, actual)]
        if exceptions[0] != exceptions[1]:
            self._note("body", "s:exception", f"exception {exceptions[1]}, recorded {exceptions[0]}")
        conditions = [{child.tag for child in root if child.tag.startswith("{DAV:}")} for root in (recorded, actual)]
        if conditions[0] != conditions[1]:
            self._note("body", "condition", f"preconditions {conditions[1]}, recorded {conditions[0]}")

    # ---- multistatus

    def _multistatus(self, recorded, actual):
        theirs, ours = _responses(recorded), _responses(actual)
        pairs = self._pair_hrefs(theirs, ours)
        self_first = self.trace.request.start.startswith("PROPFIND")
        if self_first and next(iter(pairs.values()), None) != next(iter(ours), None):
            self._note("href", next(iter(theirs)), f"{next(iter(ours))} comes first, recorded {next(iter(theirs))}")
        if len(ours) != len(actual.findall("{DAV:}response")):
            self._note("body", "", "a resource is listed twice")
        paired = set(pairs.values())
        for href in ours:
            if href not in paired:
                self._note("href", href, f"{href}: not recorded")
        for href, ours_href in pairs.items():
            if ours_href is None:
                self._note("href", self.values.fill(href), f"{href}: missing")
            else:
                self._response(theirs[href], ours[ours_href], ours_href)

    def _pair_hrefs(self, theirs, ours):
        pairs, left = {}, list(ours)
        for href in theirs:
            plain = self.values.fill(href)
            found = plain if plain in left else None
            if found is None and PLACEHOLDER.search(href):
                found = next((one for one in left if self.values.match(href, one)), None)
            pairs[href] = found
            if found is not None:
                left.remove(found)
        return pairs

    def _response(self, theirs, ours, href):
        if list(ours.order)[:1] != list(theirs.order)[:1] and set(ours.order) == set(theirs.order):
            self._note("body", "", f"{href}: the propstat {ours.order[0]} comes first, recorded {theirs.order[0]}")
        if theirs.status != ours.status:
            self._note("href", href, f"{href}: status {ours.status}, recorded {theirs.status}")
        self._properties(theirs.properties, ours.properties, href)

    def _properties(self, theirs, ours, href):
        for name in [*theirs, *(name for name in ours if name not in theirs)]:
            if name not in ours or name not in theirs:
                what = "missing" if name not in ours else "not recorded"
                self._note("prop", name, f"{href} {name}: {what}", href)
            elif theirs[name][0] != ours[name][0]:
                (status, value), (their_status, their_value) = ours[name], theirs[name]
                self._note("prop", name, f"{href} {name}: in {status} ({_canonical(value)[:60]!r}), recorded in "
                           f"{their_status} ({_canonical(their_value)[:60]!r})", href)
            else:
                self._element(name, theirs[name][1], ours[name][1], href)

    def _element(self, where, recorded, actual, href):
        """Two elements: child by child where the names tell children apart, else as one text."""
        names = [[child.tag for child in element] for element in (recorded, actual)]
        alike = all(len(set(one)) == len(one) for one in names) and names[0] and sorted(names[0]) == sorted(names[1])
        if not alike or recorded.attrib or (recorded.text or "").strip():
            self._text("prop", where, _canonical(recorded), _canonical(actual), href)
            return
        for child in recorded:
            self._element(f"{where}/{_name(child.tag)}", child, actual.find(child.tag), href)


_BARE = re.compile(r"(?<=[:,\[])(\{\{[A-Z_]+\d*\}\})(?=[,\]}])")


def _below_data(path):
    """A path inside the data of an OCS document, whichever format it has."""
    return re.sub(r"^(?:ocs/)?(?:data/)?", "", path.lstrip("/"))


def _runs_down(recorded, actual):
    """A lock's time: what is left of it is less than what was granted."""
    seconds = [re.fullmatch(r"Second-(\d+)", text) for text in (recorded, actual)]
    return all(seconds) and 0 <= int(seconds[0][1]) - int(seconds[1][1]) <= 60


def _media_type(value):
    return re.sub(r"\s", "", (value or "").lower())


def _tokens(value):
    return {token.strip() for token in (value or "").split(",") if token.strip()}


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


def _tree(element):
    """An OCS document: leaves are texts, lists are lists of what <element> holds."""
    children = list(element)
    if not children:
        return element.text or ""
    if all(child.tag == "element" for child in children):
        return [_tree(child) for child in children]
    return {child.tag: _tree(child) for child in children}


def _canonical(element):
    """What stands in an element as one text: attributes, then child elements in order of their texts, without the
    blanks between them."""
    attributes = "".join(f"[{_name(name)}={value}]" for name, value in sorted(element.attrib.items()))
    children = [f"<{_name(child.tag)}>{_canonical(child)}</>" for child in element]
    if not children:
        return attributes + (element.text or "")
    text = ((element.text or "") + "".join(child.tail or "" for child in element)).strip()
    return attributes + text + "".join(sorted(children))


class _Response:
    """One d:response: property -> (status, element), and the statuses in their order."""

    def __init__(self, element):
        self.properties, self.order = {}, []
        for propstat in element.findall("{DAV:}propstat"):
            status = ((propstat.findtext("{DAV:}status") or "").split(" ")[1:2] or ["?"])[0]
            self.order.append(status)
            for child in propstat.find("{DAV:}prop"):
                self.properties[_name(child.tag)] = (status, child)
        self.status = element.findtext("{DAV:}status")


def _responses(root):
    found = {}
    for response in root.findall("{DAV:}response"):
        href = response.findtext("{DAV:}href")
        if href in found:  # two that a placeholder makes look alike
            href = href.replace("{{TIMESTAMP}}", "{{TIMESTAMP2}}")
        found[href] = _Response(response)
    return found
