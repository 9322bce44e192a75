# The two commands a newcomer needs are `make run` and `make test`; both prepare the machine by themselves.
# CARGO_TARGET_DIR is respected everywhere.

.PHONY: run test console e2e needs fmt fuzz bench bench-large bench-console

# Builds, starts a sample organization on loopback, sends a few messages, shows their traces, and stays up.
run:
	@bash scripts/run.sh

# Installs what the tests need, then formatting, clippy, tidy and every test.
test:
	@bash scripts/test.sh

# The admin center (Node.js 20.19 or newer); the server embeds it when it is built next.
console:
	@bash scripts/console.sh build

# The admin center in Chromium against the built server, with real mail. POSTROOM_PICTURES=1 writes docs/console/*.png.
e2e:
	@bash scripts/needs.sh e2e
	@bash scripts/console.sh build
	cargo build --locked -p server
	@bash scripts/console.sh e2e

# Only what the tests need.
needs:
	@bash scripts/needs.sh

fmt:
	cargo fmt --all

# The property tests again and again with more cases: FUZZ_MINUTES (10) or FUZZ_SECONDS, PROPTEST_CASES (20000).
fuzz:
	@bash scripts/fuzz.sh

# Medians against Postfix and Dovecot on this machine, into docs/benchmarks.md. ROUNDS (5), ONLY (all).
bench:
	@bash scripts/bench.sh

# The trace store with 50 million rows: about 10 GB for it and 17 GB for the CSV, an hour.
bench-large:
	@ONLY=store ROWS=50000000 bash scripts/bench.sh

# First view, first load and scrolling of the admin center in Chromium, into docs/benchmarks.md: for a machine that does
# nothing else. ROUNDS (5); POSTROOM_URL, POSTROOM_USER and POSTROOM_PASSWORD measure filters on the store of a running server.
bench-console:
	@bash scripts/needs.sh e2e
	@bash scripts/console.sh build
	cargo build --release --locked -p server
	@POSTROOM_BIN="$${POSTROOM_BIN:-$${CARGO_TARGET_DIR:-target}/release/postroom}" OUT="$${OUT:-$(CURDIR)/docs/benchmarks.md}" bash scripts/console.sh measure
