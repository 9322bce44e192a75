#!/bin/bash
# The admin center in web/console. `build` makes web/console/dist, which the server embeds when it is compiled next;
# `test` checks types, style and what needs no browser; `e2e` drives it in Chromium against the built server, with names of test
# files only those; `measure` says how fast it is there.
#
# Where Node.js 20.19 or newer is missing it says so and ends well: the server then serves a page that says what to run.
# CHROMIUM (chromium), POSTROOM_BIN (the debug build), POSTROOM_PICTURES=1 (writes docs/console/*.png).
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
cd web/console

if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null ||
  ! command -v npm >/dev/null; then
  echo "console.sh: Node.js 20.19 or newer with npm is missing; the admin center is not built and not tested" >&2
  exit 0
fi

# Installed anew only when the lock file is another one than last time.
if [ ! -e node_modules/.lock ] || ! cmp -s package-lock.json node_modules/.lock; then
  echo "Installing what the admin center is built with ..."
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.lock
fi

case "${1:-}" in
  build) npm run --silent build >/dev/null ;;
  test)
    npm run --silent check
    npm run --silent lint
    npm test --silent
    ;;
  e2e)
    CHROMIUM="$(command -v "${CHROMIUM:-chromium}")" || {
      echo "console.sh: Chromium is missing; install it, or name another one in CHROMIUM" >&2
      exit 1
    }
    export CHROMIUM
    [ -n "${POSTROOM_BIN:-}" ] || ! [ -x "$target/debug/postroom" ] || export POSTROOM_BIN="$target/debug/postroom"
    npm run --silent e2e -- "${@:2}"
    ;;
  measure) npm run --silent measure ;;
  *)
    echo "usage: scripts/console.sh build|test|e2e [FILE ...]|measure" >&2
    exit 2
    ;;
esac
