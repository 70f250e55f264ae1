#!/usr/bin/env bash
# Starts a fresh server and runs every client script of this folder against it.
#
#   run.sh BINARY [SCRIPT...]      scripts by name, default all of them
#
# Environment: RIG_LARGE_MB (curl.sh; here 64 unless set: a 2,100 MiB run is `RIG_LARGE_MB=2100`).
# Each script has its expected score in expected.txt; exit 1 when one falls below it.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
# shellcheck source=tests/clients/lib/score.sh
. lib/score.sh
binary=$(cd "$OLDPWD" && realpath "$1")
shift
[ $# -gt 0 ] || set -- litmus cadaver curl rclone davfs2 nextcloudcmd
export RIG_LARGE_MB=${RIG_LARGE_MB:-64}
work=$(mktemp -d /tmp/cairn-clients.XXXXXX)
export RIG_LOGS=$work/logs
password=$(head -c 12 /dev/urandom | base64 | tr '+/' 'ab')
OC_PASS=$password "$binary" --data-dir "$work/data" user:add --password-from-env alice >/dev/null || exit 1
"$binary" serve --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; [ -n "${RIG_KEEP:-}" ] || rm -rf "$work"' EXIT
for _ in $(seq 100); do
  base=$(sed -nE 's|.*(http://127\.0\.0\.1:[0-9]+).*|\1|p' "$work/server.log" | head -1)
  [ -n "$base" ] && break
  sleep 0.1
done
[ -n "${base:-}" ] || { echo "the server did not start:"; cat "$work/server.log"; exit 1; }

status=0
for script in "$@"; do
  echo "== $script"
  score . "$script" "$base" alice "$password" "$work/$script.out" || status=1
done
kill -0 "$server" 2>/dev/null || { echo "the server ended by itself:"; tail -5 "$work/server.log"; status=1; }
exit $status
