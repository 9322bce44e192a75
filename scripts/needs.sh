#!/bin/bash
# Installs what `make test` (or, with the argument `bench`, `make bench`) needs and is missing: Debian packages, and
# cargo-nextest. Starts no service. What cannot be installed is named; the tests that need it then fail and say so.
set -euo pipefail

# A command, and the Debian package it comes with.
needs=(cc:gcc perl:perl swaks:swaks smtp-source:postfix smtp-sink:postfix postfix:postfix python3:python3 openssl:openssl)
if [ "${1:-test}" = bench ]; then
  needs+=(doveadm:dovecot-core /usr/lib/dovecot/lmtp:dovecot-lmtpd)
fi
PATH="$PATH:/usr/sbin:/sbin"

packages=()
for need in "${needs[@]}"; do
  command -v "${need%%:*}" >/dev/null || packages+=("${need##*:}")
done
# What swaks needs for TLS is only recommended by its package.
perl -MNet::SSLeay -e 1 2>/dev/null || packages+=(libnet-ssleay-perl)

if [ ${#packages[@]} -gt 0 ]; then
  mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
  root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n); else root=(false); fi
  fi
  if ! command -v apt-get >/dev/null || [ "${root[*]-}" = false ]; then
    echo "needs.sh: missing: ${packages[*]}; install these packages (as root: apt-get install ${packages[*]})" >&2
  else
    echo "needs.sh: installing ${packages[*]}"
    # Postfix asks for a kind of site; "No configuration" starts nothing and takes no port.
    echo 'postfix postfix/main_mailer_type select No configuration' | "${root[@]}" debconf-set-selections 2>/dev/null || true
    apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o Dpkg::Use-Pty=0)
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${packages[@]}" </dev/null >/dev/null
  fi
fi

if ! command -v cargo >/dev/null; then
  echo "needs.sh: cargo is missing; install the Rust toolchain (https://rustup.rs) and run this again" >&2
  exit 1
fi
for component in fmt clippy; do
  cargo "$component" --version >/dev/null 2>&1 || rustup component add "${component/fmt/rustfmt}" || {
    echo "needs.sh: cargo $component is missing and cannot be added" >&2
    exit 1
  }
done
if ! cargo nextest --version >/dev/null 2>&1; then
  echo "needs.sh: installing cargo-nextest (a few minutes, once)"
  cargo install --locked --quiet cargo-nextest || echo "needs.sh: cargo-nextest cannot be installed; cargo test does its work" >&2
fi
