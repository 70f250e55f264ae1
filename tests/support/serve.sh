# shellcheck shell=bash
# start_server BINARY CONFIG LOG: sets SERVER_PID and returns when it listens; 1 with the log's end when it does not start.
start_server() {
  local log=$3 try
  : >"$log"
  "$1" --config "$2" serve >"$log" 2>&1 &
  SERVER_PID=$!
  for try in $(seq 100); do
    grep -q 'serving on' "$log" && return
    kill -0 "$SERVER_PID" 2>/dev/null || break
    sleep 0.1
  done
  echo "the server did not start (after $try tries):" >&2
  tail -n 5 "$log" >&2
  return 1
}
