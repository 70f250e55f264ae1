#!/usr/bin/env bash
# The web pages in headless Chromium, looked at by axe-core, which npm fetches once into build/pages.
#
#   run.sh BINARY [options of pages.py]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
binary=$1
shift
mkdir -p build/pages
cp tests/pages/package.json tests/pages/package-lock.json build/pages/
axe=build/pages/node_modules/axe-core/axe.min.js
[ -f "$axe" ] || (cd build/pages && npm ci --silent --no-audit --no-fund)
exec tests/pages/pages.py "$binary" --axe "$axe" "$@"
