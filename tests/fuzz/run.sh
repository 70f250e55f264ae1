#!/usr/bin/env bash
# Runs every fuzzer of a build folder, one after another, and prints a row for each: runs, covered edges, what became of it.
#
#   run.sh BUILD_FOLDER [SECONDS [NAME...]]    60 seconds each unless given
#
# What a fuzzer finds stays in BUILD_FOLDER/corpus/NAME for the next run; an input that breaks a property is
# BUILD_FOLDER/found/NAME-*, and the log beside it says which one: fix it, and make it a seed (tests/fuzz/seeds/NAME).
# Exit 1 when one was found.
set -u
seeds=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/seeds
build=$(realpath "$1")
seconds=${2:-60}
shift "$(($# < 2 ? $# : 2))"
[ $# -gt 0 ] || mapfile -t names < <(cd "$seeds" && ls)
[ $# -eq 0 ] || names=("$@")
mkdir -p "$build/found"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
status=0
for name in "${names[@]}"; do
  log=$build/found/$name.log
  mkdir -p "$build/corpus/$name"
  outcome=clean
  "$build/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" -max_len=65536 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$build/found/$name-" "$build/corpus/$name" "$seeds/$name" >"$log" 2>&1 || outcome=FOUND status=1
  runs=$(sed -nE 's/^stat::number_of_executed_units: //p' "$log")
  covered=$(grep -oE 'cov: [0-9]+' "$log" | tail -1)
  printf '%-14s %10s runs, %11s, %s\n' "$name" "${runs:-0}" "${covered:-cov: 0}" "$outcome"
  [ "$outcome" = clean ] || grep -hE 'check failed|ERROR|runtime error|SUMMARY|Test unit' "$log"
done
exit $status
