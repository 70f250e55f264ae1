# shellcheck shell=bash
# score CLIENTS SCRIPT BASE USER PASSWORD OUT [VARIANT]: runs CLIENTS/SCRIPT.sh into the file OUT and compares what it scores
# with its row of expected.txt, that of the variant ("/tls") if there is one. False when it falls below; then it shows what
# failed.
score() {
  local clients=$1 script=$2 base=$3 user=$4 password=$5 out=$6 variant=${7:-} result wanted_passed wanted_failed passed failed
  "$clients/$script.sh" "$base" "$user" "$password" >"$out" 2>&1
  result=$(tail -1 "$out")
  read -r wanted_passed wanted_failed < <(awk -v name="$script" -v variant="$variant" '$1 == name {row = $2 " " $3}
    variant && $1 == name variant {print $2, $3; found = 1; exit} END {if (!found) print row}' "$clients/expected.txt")
  echo "$script: $result (expected at least $wanted_passed passed, at most $wanted_failed failed)"
  passed=${result%% passed*}
  failed=${result#*passed, }
  failed=${failed%% failed*}
  [ "$passed" -ge "$wanted_passed" ] 2>/dev/null && [ "$failed" -le "$wanted_failed" ] 2>/dev/null && return 0
  grep -E '^FAIL' "$out" | head -40
  return 1
}
