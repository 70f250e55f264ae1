#!/usr/bin/env bash
# image-root.sh BINARY DIR: the root file system of the image: the binary, the shared libraries that it loads, certificates of
# well-known authorities, a font, a user and an empty /data and /tmp.
set -euo pipefail
binary=$1 root=$2
rm -rf "$root"
mkdir -p "$root"/{usr/bin,etc/ssl/certs,data,tmp}
install -m 755 "$binary" "$root/usr/bin/cairn"
# Each library at the path where the loader looks for it; symbolic links are followed.
ldd "$binary" | awk '/=> \//{print $3} /^[[:space:]]*\/lib/{print $1}' | sort -u | while read -r library; do
  install -D -m 644 "$library" "$root$library"
done
chmod 755 "$root"/lib64/ld-linux-*.so.* 2>/dev/null || chmod 755 "$root"/lib/*/ld-linux-*.so.*
# Locale data of C.UTF-8 comes with libc.
mkdir -p "$root/usr/lib/locale"
cp -r /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
# The font of avatars' letters. Without it the pictures have none.
font=/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf
[ ! -f "$font" ] || install -D -m 644 "$font" "$root$font"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
printf 'cairn:x:10001:10001::/data:/usr/bin/cairn\n' >"$root/etc/passwd"
printf 'cairn:x:10001:\n' >"$root/etc/group"
chown -R 10001:10001 "$root/data" "$root/tmp"
chmod 700 "$root/data"
chmod 1777 "$root/tmp"
