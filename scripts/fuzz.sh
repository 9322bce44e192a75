#!/bin/bash
# The property tests of every crate that has some, again and again until FUZZ_MINUTES are over. Each turn draws new
# cases, also where a test fixes their number; PROPTEST_CASES is how many the others take in one turn.
set -euo pipefail
cd "$(dirname "$0")/.."
minutes="${FUZZ_MINUTES:-10}"
export PROPTEST_CASES="${PROPTEST_CASES:-20000}"

crates=()
for manifest in crates/*/Cargo.toml; do
  if grep -q '^proptest' "$manifest"; then crates+=(-p "$(basename "$(dirname "$manifest")")"); fi
done
runner=(test)
if cargo nextest --version >/dev/null 2>&1; then runner=(nextest run); fi

end=$((SECONDS + minutes * 60))
turn=0
while [ "$SECONDS" -lt "$end" ]; do
  turn=$((turn + 1))
  echo "== turn $turn, $PROPTEST_CASES cases, $(((end - SECONDS) / 60)) minutes left"
  cargo "${runner[@]}" "${crates[@]}"
done
