#!/usr/bin/env bash
# What Debian's testssl.sh finds at a fresh server's TLS listener. The certificate is signed by a test authority that testssl
# knows, so that only findings about the server remain.
#
#   testssl.sh BINARY [--keep FILE]    FILE: where the JSON report is left
#
# Prints the number of findings by severity and each one above INFO; exit 1 when one is above LOW, or when the report is not whole.
set -u
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/clients/lib/fronts.sh
. "$here/../clients/lib/fronts.sh"
# shellcheck source=tests/support/serve.sh
. "$here/../support/serve.sh"
# shellcheck source=tests/support/test_ca.sh
. "$here/../support/test_ca.sh"
binary=$(realpath "$1")
keep=''
[ "${2:-}" = --keep ] && keep=$(realpath "$3")

work=$(mktemp -d /tmp/cairn-testssl.XXXXXX)
SERVER_PID=''
# shellcheck disable=SC2317  # called by the trap
end() {
  if [ -n "$SERVER_PID" ]; then kill "$SERVER_PID"; wait "$SERVER_PID"; fi
  rm -rf "$work"
}
trap end EXIT
make_test_ca "$work/ca" || exit 1
port=$(free_port)
cat >"$work/cairn.yaml" <<YAML
data_dir: $work/data
listen: [https://127.0.0.1:$port]
tls: {certificate: $work/ca/chain.pem, key: $work/ca/key.pem}
YAML
start_server "$binary" "$work/cairn.yaml" "$work/log" || exit 1
# Its exit status counts findings; the report is what is judged.
timeout 900 testssl --quiet --color 0 --warnings off --add-ca "$work/ca/ca.pem" --jsonfile "$work/report.json" \
  "https://127.0.0.1:$port/" >"$work/out" 2>&1
[ -z "$keep" ] || cp "$work/report.json" "$keep"
python3 - "$work/report.json" <<'PYTHON'
import collections
import json
import sys

with open(sys.argv[1]) as report:
    findings = json.load(report)
count = collections.Counter(finding["severity"] for finding in findings)
for finding in findings:
    if finding["severity"] not in ("OK", "INFO"):
        print(f"{finding['severity']:9}{finding['id']}: {finding['finding']}")
print(", ".join(f"{count[name]} {name}" for name in ("CRITICAL", "HIGH", "MEDIUM", "LOW", "WARN", "FATAL", "INFO", "OK")))
whole = any(finding["id"] == "TLS1_3" for finding in findings) and any(finding["id"].startswith("HSTS") for finding in findings)
if not whole:
    print("the report is not whole")
sys.exit(0 if whole and not sum(count[name] for name in ("CRITICAL", "HIGH", "MEDIUM", "FATAL")) else 1)
PYTHON
