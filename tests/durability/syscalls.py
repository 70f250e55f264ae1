"""What a server did, read from a trace of its system calls: which bytes were on the disk when it answered.

`read(path, data)` yields the steps of a trace that `strace -f -yy` wrote, in their order. Disk follows them and knows
what a power cut would take at each moment.
"""
import collections
import re

CALLS = ("openat,openat2,write,writev,pwrite64,pwritev,fsync,fdatasync,sync_file_range,"
         "recvfrom,recvmsg,read,readv,sendto,sendmsg")
RECEIVING = {"recvfrom", "recvmsg", "read", "readv"}
SENDING = {"sendto", "sendmsg", "write", "writev"}
WRITING = {"write", "writev", "pwrite64", "pwritev"}
SYNCING = {"fsync", "fdatasync"}

# kind: append, create, sync-begins, sync-ends, request, reply; what: the file below the data directory.
Step = collections.namedtuple("Step", "kind what thread")
LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>)?(.*)$")
CALL = re.compile(r"^(\w+)\((\d+|AT_FDCWD)<(.*)$")
RESULT = re.compile(r" = (-?\d+)(?:<([^>]*)>)?")
SOCKETS = ("TCP:[127.0.0.1:", "UNIX-STREAM:[")


def read(path, data):
    """The steps of the trace. Of a call that blocks, a sync begins at its call and ends at its return."""
    begun = {}
    with open(path, encoding="latin-1") as lines:
        for line in lines:
            found = LINE.match(line.rstrip("\n"))
            if not found:
                continue
            thread, resumed, rest = found.groups()
            if resumed:
                call, target, flags = begun.pop(thread, (None, None, ""))
                if call == resumed:
                    yield from _ended(call, target, flags, rest, thread, data)
                continue
            parts = CALL.match(rest)
            if not parts:
                continue
            call, _, after = parts.groups()
            target = after.split(">", 1)[0] if not after.startswith(SOCKETS) else after.split("]", 1)[0]
            name = _below(target, data)
            if call in SYNCING and name is not None:
                yield Step("sync-begins", name, thread)
            if call in SENDING and after.startswith(SOCKETS):
                yield Step("reply", target, thread)
            if rest.endswith("<unfinished ...>"):
                begun[thread] = (call, target, rest)
            else:
                yield from _ended(call, target, rest, rest, thread, data)


def _ended(call, target, flags, rest, thread, data):
    results = RESULT.findall(rest)
    value, opened = results[-1] if results else ("-1", "")
    value = int(value)
    name = _below(target, data)
    if call in SYNCING and name is not None and value == 0:
        yield Step("sync-ends", name, thread)
    elif call in WRITING and name is not None and value > 0:
        yield Step("append", name, thread)
    elif call.startswith("openat") and "O_CREAT" in flags and value >= 0 and _below(opened, data) is not None:
        yield Step("create", _below(opened, data), thread)
    elif call in RECEIVING and target.startswith(SOCKETS) and value > 0:
        yield Step("request", target, thread)


def _below(target, data):
    return target[len(data) + 1:] if target.startswith(data + "/") else None


def is_log(name):
    return name.startswith("meta/") and name.endswith(".log")


def is_blob(name):
    return name.startswith("blobs/") and name.count("/") == 2


class Disk:
    """What is not durable yet. The watermark is never synced, by design, and does not count."""

    def __init__(self):
        self.written = {}    # file -> number of its last append
        self.syncing = {}    # (thread, file) -> the appends that its sync covers
        self.unnamed = {}    # directory -> files that its next sync makes durable
        self.count = 0
        self.log_syncs = 0
        self.blobs = 0

    def take(self, step):
        self.count += 1
        name = step.what
        if step.kind == "create" and is_blob(name):
            self.blobs += 1
            self.unnamed.setdefault(name.rsplit("/", 1)[0], set()).add(name)
        elif step.kind == "append" and (is_log(name) or is_blob(name)):
            self.written[name] = self.count
        elif step.kind == "sync-begins":
            self.syncing[step.thread, name] = (self.count, frozenset(self.unnamed.get(name, ())))
        elif step.kind == "sync-ends":
            covered, names = self.syncing.pop((step.thread, name), (0, frozenset()))
            self.log_syncs += is_log(name)
            if self.written.get(name, covered + 1) <= covered:
                del self.written[name]
            self.unnamed[name] = self.unnamed.get(name, set()) - names

    def unsynced_blobs(self):
        return sorted({name for name in self.written if is_blob(name)} | set().union(*self.unnamed.values()))

    def unsynced(self):
        return sorted(set(self.written) | set(self.unsynced_blobs()))
