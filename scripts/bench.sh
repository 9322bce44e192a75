#!/bin/bash
# ONLY=store measures the trace store alone (ROWS: 1000000,10000000). Otherwise installs the peers, builds the release binaries and measures. ROUNDS (5), ONLY (names of groups), OUT (docs/benchmarks.md).
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/needs.sh bench
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/usr/sbin:/sbin"
export PATH
target="$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')"
if [ "${ONLY:-}" = store ]; then
  cargo build --release --quiet -p trace --example store
  exec python3 benches/store.py --target "$target/release" --rows "${ROWS:-1000000,10000000}" --out "${OUT:-docs/benchmarks.md}" "$@"
fi
# What the trace costs is measured against a build whose day store drops events.
cargo build --release --locked --quiet -p server --features bench-drop-events
cp "$target/release/postroom" "$target/release/postroom-without-trace"
cargo build --release --locked --quiet -p server -p benches
cargo build --release --locked --quiet -p spool --example start
arguments=(--target "$target/release" --rounds "${ROUNDS:-5}" --out "${OUT:-docs/benchmarks.md}")
if [ -n "${ONLY:-}" ]; then arguments+=(--only "$ONLY"); fi
exec python3 benches/run.py "${arguments[@]}" "$@"
