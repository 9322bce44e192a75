#!/bin/bash
# Installs what `make test` needs and is missing: Debian packages, and cargo-nextest. With the argument `bench` or `e2e` also what
# `make bench` or `make e2e` needs, with `run` only what building needs. Starts no service and removes no package. What cannot be
# installed is named; the tests that need it then fail and say so.
set -euo pipefail
kind="${1:-test}"
# The version the tests are run with here; another one that is installed is left alone.
nextest=0.9.143

# A command or file, and the Debian package it comes with. gcc alone has neither headers nor the start of a program.
needs=(cc:gcc /usr/include/stdio.h:libc6-dev /etc/ssl/certs/ca-certificates.crt:ca-certificates)
if [ "$kind" != run ]; then
  needs+=(perl:perl swaks:swaks smtp-source:postfix smtp-sink:postfix postfix:postfix python3:python3 openssl:openssl
    zsh:zsh /usr/share/zoneinfo/Europe/Berlin:tzdata)
fi
if [ "$kind" = e2e ] || [ "$kind" = test ]; then
  needs+=(chromium:chromium)
fi
if [ "$kind" = bench ]; then
  needs+=(doveadm:dovecot-core /usr/lib/dovecot/lmtp:dovecot-lmtpd)
fi
# cargo may be installed and not yet in the path of this shell.
PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/usr/sbin:/sbin"

packages=()
for need in "${needs[@]}"; do
  wanted="${need%%:*}"
  [ -e "$wanted" ] || command -v "$wanted" >/dev/null || packages+=("${need##*:}")
done
# What swaks needs for TLS is only recommended by its package.
if [ "$kind" != run ]; then
  perl -MNet::SSLeay -e 1 2>/dev/null || packages+=(libnet-ssleay-perl)
fi

if [ ${#packages[@]} -gt 0 ]; then
  mapfile -t packages <<< "$(printf '%s\n' "${packages[@]}" | sort -u)"
  root=()
  if [ "$(id -u)" != 0 ]; then
    # Without a terminal nobody can type a password.
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then root=(sudo -n)
    elif command -v sudo >/dev/null && [ -t 0 ]; then root=(sudo)
    else root=(false); fi
  fi
  if ! command -v apt-get >/dev/null || [ "${root[*]-}" = false ]; then
    echo "needs.sh: missing: ${packages[*]}; install these packages (as root: apt-get install ${packages[*]})" >&2
  else
    echo "needs.sh: installing ${packages[*]}"
    # Postfix asks for a kind of site; "No configuration" starts nothing and takes no port.
    echo 'postfix postfix/main_mailer_type select No configuration' | "${root[@]}" debconf-set-selections 2>/dev/null || true
    # Packages start their services unless this file forbids it; it is ours only if it was not there.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      printf '#!/bin/sh\nexit 101\n' | "${root[@]}" tee "$policy" >/dev/null
      "${root[@]}" chmod +x "$policy"
      trap '"${root[@]}" rm -f "$policy"' EXIT
    fi
    apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3)
    "${apt[@]}" update || echo "needs.sh: the lists of packages could not be read anew; going on with those here" >&2
    "${apt[@]}" install -y --no-remove --no-install-recommends "${packages[@]}" </dev/null >/dev/null ||
      echo "needs.sh: could not install ${packages[*]}; what needs them fails and says so" >&2
  fi
fi

if ! command -v cargo >/dev/null; then
  echo "needs.sh: cargo is missing; install the Rust toolchain (https://rustup.rs) and run this again" >&2
  exit 1
fi
[ "$kind" = run ] && exit 0
for component in fmt clippy; do
  cargo "$component" --version >/dev/null 2>&1 || rustup component add "${component/fmt/rustfmt}" || {
    echo "needs.sh: cargo $component is missing and cannot be added" >&2
    exit 1
  }
done
if ! cargo nextest --version >/dev/null 2>&1; then
  echo "needs.sh: installing cargo-nextest (a few minutes, once)"
  cargo install --locked --quiet "cargo-nextest@$nextest" || echo "needs.sh: cargo-nextest cannot be installed; cargo test does its work" >&2
fi
