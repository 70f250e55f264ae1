# shellcheck shell=bash
# score CLIENTS SCRIPT BASE USER PASSWORD OUT: runs CLIENTS/SCRIPT.sh into the file OUT and compares what it scores with
# expected.txt. False when it falls below; then it shows what failed.
score() {
  local clients=$1 script=$2 base=$3 user=$4 password=$5 out=$6 result wanted_passed wanted_failed passed failed
  "$clients/$script.sh" "$base" "$user" "$password" >"$out" 2>&1
  result=$(tail -1 "$out")
  read -r wanted_passed wanted_failed < <(awk -v name="$script" '$1 == name {print $2, $3}' "$clients/expected.txt")
  echo "$script: $result (expected at least $wanted_passed passed, at most $wanted_failed failed)"
  passed=${result%% passed*}
  failed=${result#*passed, }
  failed=${failed%% failed*}
  [ "$passed" -ge "$wanted_passed" ] 2>/dev/null && [ "$failed" -le "$wanted_failed" ] 2>/dev/null && return 0
  grep -E '^FAIL' "$out" | head -40
  return 1
}
