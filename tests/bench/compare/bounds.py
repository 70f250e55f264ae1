"""What Cairn promises without a comparison: memory that does not follow sizes, and the yield of one sync for many writers."""
import os
import subprocess

from client import Client, PIECE
from servers import Cairn

LISTED = 100_000
GIGABYTE = 1 << 30
SLOWER = 0.002  # seconds that slow_sync.c adds


def peak_growth(server, run):
    """MiB by which the resident memory was at most larger during `run` than before."""
    pid = server.process.pid
    with open(f"/proc/{pid}/clear_refs", "w") as clear:
        clear.write("5")  # the peak begins anew

    def kib(field):
        with open(f"/proc/{pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field))
    before = kib("VmRSS")
    run()
    return (kib("VmHWM") - before) / 1024


def memory(server, load, block):
    """Rows (name, MiB). `load(path, seconds)` writes small files named path... with many connections."""
    client = Client(server)

    def up():
        client.ask("PUT", "/gigabyte.bin", (block for _ in range(GIGABYTE // PIECE)), {"Content-Length": str(GIGABYTE)})
    yield "1 GiB up", peak_growth(server, up)
    yield "1 GiB down", peak_growth(server, lambda: client.get_and_verify("/gigabyte.bin", block, GIGABYTE // PIECE))
    client.ask("DELETE", "/gigabyte.bin")

    client.ask("MKCOL", "/wide/")
    made = 0
    while made < LISTED:
        made += load(f"/wide/{made}-", 5)
    listed = {}

    def propfind():
        _, listed["body"] = client.ask("PROPFIND", "/wide/", None, {"Depth": "1"})
    growth = peak_growth(server, propfind)
    count = listed["body"].count(b"<d:response>")
    if count <= LISTED:
        raise SystemExit(f"PROPFIND of {made} files gave {count}")
    yield f"Depth 1 of {count - 1:,} files", growth


def slow_sync(work, load, sync):
    """(PUTs a second with 6 connections, what 6/(2 x sync + 2 ms) allows) on a disk whose sync takes 2 ms more."""
    here = os.path.dirname(os.path.abspath(__file__))
    shim = os.path.join(work, "slow_sync.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", shim, os.path.join(here, "slow_sync.c"), "-ldl"], check=True)
    place = os.path.join(work, "slow")
    os.makedirs(place)
    server = Cairn(place, preload=shim)
    try:
        Client(server).ask("MKCOL", "/put/")
        return load(server), 6 / (2 * (sync + SLOWER) + 0.002)
    finally:
        server.stop()
