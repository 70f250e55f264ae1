# shellcheck shell=bash
# What the proofs of the image and of the package share. Both need root and Debian's archive; no container engine.
#
#   CAIRN_ROOT_CACHE   a folder that keeps the bare Debian root for the next time
#   CAIRN_JOBS         how many compilers run at a time (default: one a processor)
#   CCACHE_DIR         a cache of compiled files that the build may use
#   CAIRN_PROOF_PORT   where the server listens on 127.0.0.1 (default: a free port)

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/clients/lib/score.sh
. "$top/tests/clients/lib/score.sh"
export RIG_LARGE_MB=${RIG_LARGE_MB:-64}

die() { echo "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root: it makes and enters root file systems"
# Mounts are this script's own and go with it.
[ -n "${CAIRN_PROOF_INSIDE:-}" ] || CAIRN_PROOF_INSIDE=1 exec unshare --mount --propagation private "$0" "$@"

work=$(mktemp -d /var/tmp/cairn-proof.XXXXXX)
export RIG_LOGS=$work/logs
server=
leave() {
  set +e
  [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; }
  # The deepest first.
  awk -v root="$work/" 'index($2, root) == 1 {print $2}' /proc/self/mounts | sort -r | xargs -r -n 1 umount
  rm -rf --one-file-system "$work"
}
trap leave EXIT

# devices ROOT: the few that programs expect, each by itself: nothing that is done below ROOT reaches this machine's /dev.
devices() {
  local name
  mount -t tmpfs -o mode=755 tmpfs "$1/dev"
  for name in null zero full random urandom; do
    touch "$1/dev/$name"
    mount --bind "/dev/$name" "$1/dev/$name"
  done
  ln -s /proc/self/fd "$1/dev/fd"
}

# debian_root DIR: a bare Debian 12.
debian_root() {
  local cache=${CAIRN_ROOT_CACHE:-$work/cache}
  if [ ! -d "$cache/root/usr" ]; then
    mkdir -p "$cache"
    debootstrap --variant=minbase bookworm "$cache/root" >"$cache/log" 2>&1 || die "debootstrap failed: $cache/log"
  fi
  cp -a "$cache/root" "$1"
  # The archive and its proxy as this machine has them.
  cp /etc/resolv.conf "$1/etc/"
  cp -r /etc/apt/apt.conf.d /etc/apt/sources.list.d "$1/etc/apt/"
  rm -f "$1/etc/apt/sources.list"
  [ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$1/etc/apt/"
  mount -t proc proc "$1/proc"
  devices "$1"
  mkdir "$1/ccache"
  [ -z "${CCACHE_DIR:-}" ] || mount --bind "$CCACHE_DIR" "$1/ccache"
}

export chroot
chroot=$(command -v chroot) # by its path, where the environment is the server's own
in_root() {
  local root=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive TERM=dumb \
    CAIRN_JOBS="${CAIRN_JOBS:-}" CCACHE_DIR=/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1 chroot "$root" "$@"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# await_server LOG: until it says that it serves.
await_server() {
  local tries
  for tries in $(seq 300); do
    grep -q 'is serving on' "$1" && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$1"
  die "the server did not start (${tries})"
}

# end_server: it must stop in order.
end_server() {
  local status=0
  kill -TERM "$server"
  wait "$server" || status=$?
  server=
  [ "$status" = 0 ] || die "the server ended with $status"
}
