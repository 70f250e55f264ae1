#!/usr/bin/env bash
# Replays the recorded exchanges of a Nextcloud server against a fresh Cairn and compares what the answers mean.
#
#   golden.sh BINARY [--verbose] [AREA/NNN...]     only these traces are shown; all are replayed
#
# CAIRN_GOLDEN: where the recording is; ../shared/protocol/golden beside the project unless set. Without a recording
# nothing is checked: the script says so and succeeds. What is to differ stands in expected_failures.txt.
set -u
export PYTHONDONTWRITEBYTECODE=1
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
[ $# -ge 1 ] || { sed -n 's/^#   //p' "$0"; exit 2; }
binary=$(cd "$OLDPWD" && realpath "$1")
shift
golden=${CAIRN_GOLDEN:-../../../shared/protocol/golden}
if [ ! -d "$golden/traces" ]; then
  echo "golden: no recording at $golden, nothing checked (set CAIRN_GOLDEN)"
  exit 0
fi
work=$(mktemp -d /tmp/cairn-golden.XXXXXX)
users="admin gold1 gold2 gold3"
for user in $users; do
  OC_PASS="login-$user" "$binary" --data-dir "$work/data" user:add --password-from-env "$user" >/dev/null || exit 1
done
: >"$work/server.log"  # the loop below may read it before the server writes it
# No schedule for versions: what was overwritten in minutes is overwritten at once here.
CAIRN_VERSIONS_RETENTION=disabled "$binary" serve --data-dir "$work/data" --listen 127.0.0.1:0 >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; [ -n "${RIG_KEEP:-}" ] || rm -rf "$work"' EXIT
for _ in $(seq 100); do
  base=$(sed -nE 's|.*(http://127\.0\.0\.1:[0-9]+).*|\1|p' "$work/server.log" | head -1)
  [ -n "$base" ] && break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
[ -n "${base:-}" ] || { echo "the server did not start:"; cat "$work/server.log"; exit 1; }
python3 golden.py --base "$base" --golden "$golden" --binary "$binary" --data-dir "$work/data" "$@"
status=$?
kill -0 "$server" 2>/dev/null || { echo "the server ended by itself:"; tail -5 "$work/server.log"; status=1; }
exit $status
