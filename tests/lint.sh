#!/usr/bin/env bash
# Format, size limits and shell scripts. Prints what is wrong; exit 1 when something is.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
status=0
mapfile -t sources < <(git ls-files '*.cc' '*.h')
clang-format-14 --dry-run -Werror "${sources[@]}" || status=1
while read -r lines file; do
  [ "$file" = total ] && continue
  case $file in
    tests/*) limit=800 ;;
    *.h) limit=200 ;;
    *) limit=600 ;;
  esac
  [ "$lines" -le "$limit" ] || { echo "$file: $lines lines, more than $limit"; status=1; }
done < <(wc -l "${sources[@]}")
# style.md, hard rule 1: no stateful temporaries inside co_await.
if grep -nE 'co_await.*(\[[^]&][^]]*\]|\{[^}])' "${sources[@]}" | grep -vE '^tests/|^[^:]*:[0-9]+:[[:space:]]*//'; then status=1; fi
shellcheck -x dev .ci/run conf/dist/*.sh tests/*.sh tests/conformance/*.sh tests/package/*.sh tests/fuzz/*.sh tests/hostile/*.sh tests/pages/*.sh tests/clients/run.sh tests/clients/lib/score.sh || status=1
exit $status
