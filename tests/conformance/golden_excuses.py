"""expected_failures.txt: which differences are expected, and why.

    own PATH RECORDED CAIRN  REASON       this value of a JSON or OCS document is Cairn's own, wherever it stands
    set NAME A,B,C                        a list to be named as $NAME below
    AREA/NNN-name  REASON                 the whole answer is another one
    AREA/NNN-name  ignore-KIND:A,B ...  REASON
                                          the answer is compared but for what is named

RECORDED and CAIRN are JSON literals without blanks; RECORDED may be *. KIND is one of
    props     a property, "nc:lock", or an element inside one, "d:lockdiscovery/d:activelock/d:depth"; "HREF#nc:lock":
              of these resources only
    hrefs     a response of a multistatus
    json      a path below the data of a JSON or OCS document, "capabilities/files/undelete", and all below it
    headers   a header
Names are globs, but for headers.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

KINDS = {"ignore-props": "prop", "ignore-hrefs": "href", "ignore-json": "json", "ignore-headers": "header"}


@dataclass
class Excuse:
    """One row: what of an exchange is not compared. Empty: everything is."""
    reason: str = ""
    whole: bool = False
    patterns: list = field(default_factory=list)  # (kind, pattern)
    used: set = field(default_factory=set)

    def covers(self, kind, where, href=""):
        return any(self._matches(pattern, kind, where, href) for pattern in self.patterns)

    def note(self, kind, where, href=""):
        """A difference that is covered was seen."""
        self.used |= {pattern for pattern in self.patterns if self._matches(pattern, kind, where, href)}

    def unused(self):
        return [f"{kind} {pattern}" for kind, pattern in self.patterns if (kind, pattern) not in self.used]

    @staticmethod
    def _matches(pattern, kind, where, href):
        wanted_kind, glob = pattern
        if wanted_kind != kind:
            return False
        if kind == "header":
            return glob.lower() == where.lower()
        if kind == "prop" and "#" in glob:
            of_href, glob = glob.split("#", 1)
            if not fnmatchcase(href, of_href):
                return False
        return fnmatchcase(where, glob) or fnmatchcase(where, glob + "/*")


@dataclass
class OwnValue:
    path: str
    recorded: object  # None: any
    ours: object
    reason: str
    any_recorded: bool = False
    seen: set = field(default_factory=set)  # keys of the traces that have it

    def holds(self, path, recorded, actual, as_text):
        if not fnmatchcase(path, self.path):
            return False
        def is_value(wanted, value):
            wanted = xml_text(wanted) if as_text else wanted
            return type(wanted) is type(value) and wanted == value
        return is_value(self.ours, actual) and (self.any_recorded or is_value(self.recorded, recorded))


def xml_text(value):
    """A JSON value as OCS writes it in XML."""
    if isinstance(value, bool) or value is None:
        return "1" if value else ""
    return str(value)


class Expected:
    """The rows of the file. Ends the program at one that it does not understand."""

    def __init__(self, path):
        self.excuses, self.own, self.sets = {}, [], {}
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                try:
                    self._read(line)
                except ValueError as error:
                    sys.exit(f"{path.name}:{number}: {error}")

    def _read(self, line):
        words = line.split()
        if words[0] == "set":
            if len(words) != 3:
                raise ValueError("set NAME A,B,C")
            self.sets[words[1]] = words[2].split(",")
        elif words[0] == "own":
            if len(words) < 5:
                raise ValueError("own PATH RECORDED CAIRN REASON")
            recorded = None if words[2] == "*" else json.loads(words[2])
            self.own.append(OwnValue(words[1], recorded, json.loads(words[3]), " ".join(words[4:]), words[2] == "*"))
        else:
            self._read_row(words)

    def _read_row(self, words):
        key, excuse, at = words[0], Excuse(), 1
        if key in self.excuses:
            raise ValueError(f"{key} stands here twice")
        while at < len(words) and words[at].startswith("ignore-"):
            kind, _, names = words[at].partition(":")
            if kind not in KINDS or not names:
                raise ValueError(f"{words[at]}: no such thing to ignore")
            for name in names.split(","):
                known = self.sets[name[1:]] if name.startswith("$") and name[1:] in self.sets else [name]
                excuse.patterns += [(KINDS[kind], one) for one in known]
            at += 1
        excuse.reason = " ".join(words[at:])
        if not excuse.reason:
            raise ValueError(f"no reason for {key}")
        excuse.whole = not excuse.patterns
        self.excuses[key] = excuse

    def excuse_of(self, key):
        found = self.excuses.get(key)
        return found if found is not None else Excuse()

    def is_own(self, key, path, recorded, actual, as_text):
        found = next((value for value in self.own if value.holds(path, recorded, actual, as_text)), None)
        if found is not None:
            found.seen.add(key)
        return found is not None

    def with_own_values(self):
        return set().union(*(value.seen for value in self.own))
