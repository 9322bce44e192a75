#!/bin/bash
# Everything that must hold before a change lands: formatting, clippy, tidy, every test.
set -euo pipefail
cd "$(dirname "$0")/.."
# Building this repository is mostly linking debug information nobody reads; see docs/decisions/build-time.md.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"

step() { printf '\n== %s\n' "$*"; "$@"; }

bash scripts/needs.sh
# ~/.cargo/bin may have been made just now.
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/usr/sbin:/sbin"
export PATH

# First, for the server embeds it.
step bash scripts/console.sh build
step bash scripts/console.sh test
step cargo fmt --all --check
# Before anything else that builds: a lock file that does not fit is an error here and not quietly written anew.
cargo metadata --locked --format-version 1 --quiet >/dev/null
step cargo xtask tidy
step cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
# The programs in tests/programs/ drive this binary; built here, it is built once and not by each of them.
step cargo build --locked --workspace --bins --quiet
if cargo nextest --version >/dev/null 2>&1; then
  step cargo nextest run --locked --workspace --no-fail-fast
else
  step cargo test --locked --workspace --no-fail-fast
fi
# The admin center's main paths; `make e2e` has all of them.
step bash scripts/console.sh e2e sign-in message-trace mailboxes groups queues hostile
