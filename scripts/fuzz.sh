#!/bin/bash
# The property tests of every crate that has some, again and again until FUZZ_MINUTES (or FUZZ_SECONDS) are over; the
# turn that runs then is broken off. Each turn draws new cases, also where a test fixes their number; PROPTEST_CASES is
# how many the others take in one turn. Building does not count.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
seconds="${FUZZ_SECONDS:-$((${FUZZ_MINUTES:-10} * 60))}"
export PROPTEST_CASES="${PROPTEST_CASES:-20000}"

crates=()
for manifest in crates/*/Cargo.toml; do
  crate="$(basename "$(dirname "$manifest")")"
  grep -q '^proptest' "$manifest" && crates+=(-p "$crate")
done
runner=(test)
if cargo nextest --version >/dev/null 2>&1; then runner=(nextest run); fi

cargo test --locked --quiet "${crates[@]}" --no-run
end=$((SECONDS + seconds))
turn=0
while left=$((end - SECONDS)); [ "$left" -gt 0 ]; do
  turn=$((turn + 1))
  echo "== turn $turn, $PROPTEST_CASES cases, $left seconds left"
  code=0
  timeout --foreground --signal=INT --kill-after=10 "$left" cargo "${runner[@]}" --locked "${crates[@]}" || code=$?
  # 124 is the end of the time, anything else a test that failed.
  if [ "$code" = 124 ]; then echo "== the time is over in turn $turn"; break; fi
  [ "$code" = 0 ] || exit "$code"
done
