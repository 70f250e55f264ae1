#!/usr/bin/env bash
# Proves the Debian package: installs it in a bare Debian root, verifies the unit, starts the server as the unit does and as
# its user, passes tests/clients/curl.sh, and removes it without touching what people have stored.
#
#   deb.sh PACKAGE.deb       what `./dev package` makes
#
# Environment: see lib.sh.
set -eu
[ $# = 1 ] || { sed -n 2,8p "$0" >&2; exit 2; }
package=$(realpath "$1")
# shellcheck source=tests/package/lib.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lib.sh"

echo "== install in a bare Debian root"
root=$work/root
debian_root "$root"
cp "$package" "$root/cairn.deb"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started in a root without an init
chmod 755 "$root/usr/sbin/policy-rc.d"
in_root "$root" apt-get update -qq
# systemd for its targets, which the unit refers to.
in_root "$root" apt-get install -y -qq --no-install-recommends systemd /cairn.deb >"$work/apt.log" 2>&1 ||
  die "install: $(tail -5 "$work/apt.log")"
# shellcheck disable=SC2016 # dpkg's own fields
in_root "$root" dpkg-query -W -f '${Package} ${Version} ${Installed-Size} KiB\n' cairn

echo "== what was installed"
[ "$(in_root "$root" stat -c '%U %a' /var/lib/cairn)" = "cairn 700" ] || die "/var/lib/cairn is not private"
in_root "$root" stat -c %n /usr/bin/cairn /etc/cairn/cairn.yaml /lib/systemd/system/cairn.service
missing=$(in_root "$root" ldd /usr/bin/cairn | grep 'not found' || true)
[ -z "$missing" ] || die "libraries that the package does not depend on: $missing"

echo "== the unit"
if ! in_root "$root" systemd-analyze verify --man=no cairn.service >"$work/unit.log" 2>&1 || [ -s "$work/unit.log" ]; then
  die "systemd-analyze verify: $(cat "$work/unit.log")"
fi
in_root "$root" systemd-analyze security --offline=true cairn.service | tail -1

echo "== start as the unit does"
command=$(sed -nE 's/^ExecStart=//p' "$root/lib/systemd/system/cairn.service")
read -ra words <<<"$command"
port=${CAIRN_PROOF_PORT:-$(free_port)}
password=$(head -c 12 /dev/urandom | base64 | tr '+/' 'ab')
as_cairn() { env -i "CAIRN_LISTEN=http://127.0.0.1:$port" "$@"; }
as_cairn OC_PASS="$password" "$chroot" --userspec=cairn:cairn "$root" /usr/bin/cairn user:add --password-from-env alice
# No function here: $! shall be the server.
env -i "CAIRN_LISTEN=http://127.0.0.1:$port" "$chroot" --userspec=cairn:cairn "$root" "${words[@]}" >"$work/server.log" 2>&1 &
server=$!
await_server "$work/server.log"
status=0
score "$top/tests/clients" curl "http://127.0.0.1:$port" alice "$password" "$work/curl.out" || status=1
as_cairn "$chroot" --userspec=cairn:cairn "$root" /usr/bin/cairn doctor || die "the doctor finds something wrong"
end_server

echo "== purge"
in_root "$root" apt-get purge -y -qq cairn >"$work/purge.log" 2>&1 || die "purge: $(tail -5 "$work/purge.log")"
[ ! -e "$root/usr/bin/cairn" ] || die "the binary is still there"
[ -d "$root/var/lib/cairn/meta" ] || die "the data are gone"
[ "$status" = 0 ] && echo "package: proved"
exit "$status"
