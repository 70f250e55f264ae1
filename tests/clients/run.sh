#!/usr/bin/env bash
# Starts a fresh server and runs client scripts of this folder against it.
#
#   run.sh BINARY [--behind FRONT] [--path /PATH] [SCRIPT...]
#
# FRONT   tls: the server's own HTTPS; nginx, apache, haproxy, caddy: that proxy, with TLS, from its sample
#         (lib/fronts.sh). Certificates come from a test authority that the clients trust.
# PATH    serve below this path (public_url has it)
# SCRIPT  by name; default all of them, behind a front those that can be told to trust an authority
#
# Environment: RIG_LARGE_MB (curl.sh; here 64 unless set: a 2,100 MiB run is `RIG_LARGE_MB=2100`).
# Each script has its expected score in expected.txt; exit 1 when one falls below it.
set -u
binary=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
# shellcheck source=tests/clients/lib/score.sh
. lib/score.sh
shift
# shellcheck source=tests/clients/lib/fronts.sh
. lib/fronts.sh
# shellcheck source=tests/support/serve.sh
. ../support/serve.sh
# shellcheck source=tests/support/test_ca.sh
. ../support/test_ca.sh

front='' path=''
while [ $# -gt 0 ]; do
  case $1 in
    --behind) front=${2:?--behind needs a front}; shift 2 ;;
    --path) path=${2:?--path needs a path}; shift 2 ;;
    -*) echo "unknown option: $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then
  if [ -n "$front" ]; then set -- litmus curl rclone nextcloudcmd; else set -- litmus cadaver curl rclone davfs2 nextcloudcmd undo; fi
fi
export RIG_LARGE_MB=${RIG_LARGE_MB:-64}
work=$(mktemp -d /tmp/cairn-clients.XXXXXX)
export RIG_LOGS=$work/logs
password=$(head -c 12 /dev/urandom | base64 | tr '+/' 'ab')
SERVER_PID='' FRONT_PID=''
# shellcheck disable=SC2317  # called by the trap
end() {
  local pid
  for pid in $FRONT_PID $SERVER_PID; do
    kill "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  [ -n "${RIG_KEEP:-}" ] || rm -rf "$work"
}
trap end EXIT

# What the clients talk to, and what the server listens on.
port=$(free_port)
listen=http://127.0.0.1:$port base=http://127.0.0.1:$port
if [ -n "$front" ]; then
  make_test_ca "$work/front" || exit 1
  export SSL_CERT_FILE=$work/front/ca.pem CURL_CA_BUNDLE=$work/front/ca.pem
  unset SSL_CERT_DIR
  front_port=$port
  [ "$front" = tls ] || front_port=$(free_port)
  base=https://127.0.0.1:$front_port
  [ "$front" = tls ] && listen=$base
fi
{
  echo "data_dir: $work/data"
  echo "listen: [\"$listen\"]"
  case $front in
    '') [ -z "$path" ] || echo "public_url: $base$path" ;;
    tls) printf 'public_url: %s\ntls: {certificate: %s, key: %s}\n' "$base$path" "$work/front/chain.pem" "$work/front/key.pem" ;;
    *) printf 'public_url: %s\ntrusted_proxies: [127.0.0.1]\n' "$base$path" ;;
  esac
} >"$work/cairn.yaml"
OC_PASS=$password "$binary" --config "$work/cairn.yaml" user:add --password-from-env alice >/dev/null || exit 1
start_server "$binary" "$work/cairn.yaml" "$work/server.log" || exit 1
case $front in '' | tls) ;; *) start_front "$front" "$work/front" "$front_port" "$port" "$path" || exit 1 ;; esac

status=0
for script in "$@"; do
  echo "== $script${front:+ behind $front}${path:+ below $path}"
  score . "$script" "$base$path" alice "$password" "$work/$script.out" "${front:+/tls}" || status=1
done
kill -0 "$SERVER_PID" 2>/dev/null || { echo "the server ended by itself:"; tail -5 "$work/server.log"; status=1; }
exit $status
