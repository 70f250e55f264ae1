#!/usr/bin/env bash
# Proves conf/dist/Dockerfile without a container engine: runs its build step in a bare Debian root, measures the image's root,
# starts it as user 10001 on a read-only root with the image's own environment and command, and passes tests/clients/curl.sh.
#
#   image.sh [BINARY]      BINARY: skips the compilation; strip and image-root.sh run in the Debian root all the same
#
# Environment: see lib.sh.
set -eu
binary=${1:+$(realpath "$1")}
# shellcheck source=tests/package/lib.sh
. "$(dirname "$(realpath "${BASH_SOURCE[0]}")")/lib.sh"
dockerfile=$top/conf/dist/Dockerfile
limit=60000000

# The one RUN line, continuation lines joined.
step=$(awk '/^RUN /{on = 1; sub(/^RUN /, "")} on {more = sub(/\\$/, ""); printf "%s", $0; if (!more) exit}' "$dockerfile")
[ -n "$step" ] || die "no RUN line in $dockerfile"

echo "== build step in a bare Debian root: $step"
root=$work/build
debian_root "$root"
mkdir "$root/src"
git -C "$top" ls-files -z | (cd "$top" && xargs -0 cp --parents -t "$root/src")
if [ -n "$binary" ]; then
  in_root "$root" apt-get update -qq
  # The binary's libraries, as the build packages would bring them.
  in_root "$root" sh -c "apt-get install -y -qq --no-install-recommends ca-certificates binutils \
    \$(awk '\$1 == \"build\" && \$2 ~ /^lib|^fonts|-dev\$/ {print \$2}' /src/packages.txt)" >"$work/apt.log" 2>&1 ||
    die "packages: $(tail -3 "$work/apt.log")"
  install -D -m 755 "$binary" "$root/src/build/release/cairn"
  step=${step#*&& }
fi
in_root "$root" sh -ec "cd /src && $step" >"$work/build.log" 2>&1 || die "build step: $(tail -5 "$work/build.log")"

echo "== size of the image's root"
image=$root/image
size=$(du -s --apparent-size --block-size=1 "$image" | cut -f1)
echo "$size bytes in $(find "$image" -type f | wc -l) files; the limit is $limit"
[ "$size" -lt "$limit" ] || die "larger than $limit bytes"
find "$image" -type f -printf '%s %P\n' | sort -rn | head -5

echo "== start: user 10001, read-only root"
user=$(awk '/^USER /{print $2}' "$dockerfile")
mkdir -p "$image/proc" "$image/dev" # a container engine mounts these
mkdir "$work/data" "$work/tmp"
cp -a "$image/data/." "$work/data"
chown "$user" "$work/data"
chmod --reference="$image/data" "$work/data"
mount --bind "$image" "$image"
mount -o remount,ro,bind "$image"
mount --bind "$work/data" "$image/data"
mount -t tmpfs -o mode=1777 tmpfs "$image/tmp"
mount -t proc proc "$image/proc"
devices "$image"
port=${CAIRN_PROOF_PORT:-$(free_port)}
password=$(head -c 12 /dev/urandom | base64 | tr '+/' 'ab')
mapfile -t environment < <(awk '/^ENV /{for (i = 2; i <= NF; ++i) print $i}' "$dockerfile")
# In a container the address is the container's own.
environment+=("CAIRN_LISTEN=http://127.0.0.1:$port")
container() { env -i "${environment[@]}" "$@"; }
cairn() { container "$chroot" --userspec="$user" --groups= "$image" /usr/bin/cairn "$@"; }
! container "$chroot" --userspec="$user" "$image" /bin/sh -c true 2>/dev/null || die "the image has a shell"
container OC_PASS="$password" "$chroot" --userspec="$user" --groups= "$image" /usr/bin/cairn \
  user:add --password-from-env --group admin alice
# No function here: $! shall be the server.
env -i "${environment[@]}" "$chroot" --userspec="$user" --groups= "$image" /usr/bin/cairn serve >"$work/server.log" 2>&1 &
server=$!
await_server "$work/server.log"
[ "$(stat -c %u "/proc/$server")" = "${user%%:*}" ] || die "it runs as $(stat -c %u "/proc/$server")"

status=0
score "$top/tests/clients" curl "http://127.0.0.1:$port" alice "$password" "$work/curl.out" || status=1

echo "== health check"
health=$(awk '/^HEALTHCHECK/{sub(/.*CMD \[/, ""); sub(/\]$/, ""); gsub(/[",]/, ""); print}' "$dockerfile")
read -ra words <<<"$health"
[ "${words[0]}" = /usr/bin/cairn ] || die "unexpected HEALTHCHECK: $health"
cairn "${words[@]:1}" || die "the health check fails on a good server"
cairn doctor || die "the doctor finds something wrong"
end_server
! cairn "${words[@]:1}" || die "the health check passes without a server"
[ "$status" = 0 ] && echo "image: proved"
exit "$status"
