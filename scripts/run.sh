#!/bin/bash
# A sample organization on loopback: builds, starts, sends a few real messages over SMTP, shows their traces, stays up.
# Needs bash, coreutils, sed and cargo; a C compiler is installed if there is none. Ctrl-C stops it in order.
#
# RUN_DIR (./.run; made anew each time), POSTROOM (a built binary, nothing is built then), PORTS=any (any free ports),
# ONCE=1 (stop after the traces).
set -euo pipefail
cd "$(dirname "$0")/.."

run="${RUN_DIR:-$PWD/.run}"
data="$run/organization"
domain=contoso.example

if [ -z "${POSTROOM:-}" ]; then
  # cargo may be installed and not yet in the path of this shell.
  PATH="$PATH:${CARGO_HOME:-$HOME/.cargo}/bin"
  bash scripts/needs.sh run
  echo "Building (the first time takes some minutes) ..."
  bash scripts/console.sh build
  cargo build --release --locked --quiet -p server
  target="$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')"
  POSTROOM="$target/release/postroom"
fi
[ -x "$POSTROOM" ] || { echo "run.sh: $POSTROOM is not there" >&2; exit 1; }

cmdlet() { "$POSTROOM" --data "$data" "$@"; }

# A sample that still runs here would lose its data under its feet.
if cmdlet Get-AcceptedDomain >/dev/null 2>&1; then
  echo "run.sh: a sample organization runs on $run already; stop it, or set RUN_DIR" >&2
  exit 1
fi
rm -rf "$data"
# A path of a socket has at most 107 bytes.
if [ $((${#data} + 20)) -gt 107 ] || ! mkdir -p "$run" 2>/dev/null || ! [ -w "$run" ]; then
  run="$(mktemp -d)"; data="$run/organization"
fi
mkdir -p "$run"

if [ "${PORTS:-}" = any ]; then ports=(0 0 0 0 0); else ports=(2525 2587 2465 8025 8443); fi
cat > "$run/postroom.toml" <<C
# Made by scripts/run.sh: everything on loopback, no name server.
[listen]
smtp = "127.0.0.1:${ports[0]}"
submission = "127.0.0.1:${ports[1]}"
submissions = "127.0.0.1:${ports[2]}"
http = "127.0.0.1:${ports[3]}"
https = "127.0.0.1:${ports[4]}"

[dns]
servers = ["127.0.0.1:9"]

[log]
file = "$run/service.log"
C

password() { head -c 256 /dev/urandom | base64 -w 0 | tr -dc 'a-zA-Z0-9' | head -c "${1:-14}"; }

"$POSTROOM" init --data "$data" --domain "$domain" --server-name mx1 > "$run/init.txt"
administrator="$(sed -n 's/^Password: *//p' "$run/init.txt")"

# In a process group of its own: Ctrl-C is for this script, which then asks the server to end.
set -m
"$POSTROOM" serve --data "$data" --config "$run/postroom.toml" > "$run/serve.txt" 2>&1 &
server=$!
set +m
stop() {
  trap '' INT TERM
  if kill -TERM "$server" 2>/dev/null; then echo; echo "Stopping ..."; fi
  wait "$server" || true
}
trap 'stop; exit 0' INT TERM
trap stop EXIT

for _ in $(seq 300); do
  [ -s "$data/run/ports.json" ] && break
  if ! kill -0 "$server" 2>/dev/null; then
    echo "run.sh: the server did not start:" >&2
    cat "$run/serve.txt" >&2
    exit 1
  fi
  sleep 0.1
done
port() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$data/run/ports.json"; }
smtp="$(port smtp)" submission="$(port submission)"
[ -n "$smtp" ] || { echo "run.sh: the server was not ready within 30 s; see $run/service.log" >&2; exit 1; }

# ---- people ----
declare -A passwords
for person in ann bob kim; do
  passwords[$person]="$(password)"
  printf '%s\n' "${passwords[$person]}" > "$run/password"
  cmdlet New-Mailbox -Name "$person" -PrimarySmtpAddress "$person@$domain" -PasswordFile "$run/password" -Format json >/dev/null
done
rm -f "$run/password"
cmdlet New-Mailbox -Name sales -Shared -PrimarySmtpAddress "sales@$domain" -Format json >/dev/null
cmdlet Add-MailboxPermission -Identity sales -User bob -AccessRights FullAccess -Format json >/dev/null
cmdlet Add-RecipientPermission -Identity sales -Trustee bob -AccessRights SendAs -Confirm:false -Format json >/dev/null
cmdlet New-MailContact -Name partner -ExternalEmailAddress partner@fabrikam.example -Format json >/dev/null
cmdlet New-DistributionGroup -Name team -PrimarySmtpAddress "team@$domain" -Format json >/dev/null
for member in bob kim partner; do cmdlet Add-DistributionGroupMember -Identity team -Member "$member" -Format json >/dev/null; done
# Port 9 of loopback, where nobody listens: the partner's mail waits in a queue that Get-Queue shows.
cmdlet New-SendConnector -Name "To Fabrikam" -AddressSpaces fabrikam.example -SmartHosts 127.0.0.1 -Port 9 -ProtocolLoggingLevel Verbose -Format json >/dev/null

# People send faster here than the five messages a minute that one client may.
cmdlet Set-ReceiveConnector "Client Frontend mx1" -MessageRateLimit Unlimited -Format json >/dev/null

# ---- messages, by a session typed as a program would ----
# Waits for the whole reply of the server; says it when its first digit is not the one expected.
reply() {
  local line
  while IFS= read -r -t 30 -u 7 line; do
    line="${line%$'\r'}"
    if [ "${line:3:1}" != - ]; then
      [ "${line:0:1}" = "$1" ] || echo "  refused: $line"
      return 0
    fi
  done
  echo "  the server said nothing" >&2
}
say() { printf '%s\r\n' "$1" >&7; reply "$2"; }
# send PORT FROM TO SUBJECT TEXT [USER PASSWORD]
send() {
  echo "$2 -> $3: $4"
  exec 7<>"/dev/tcp/127.0.0.1/$1"
  reply 2
  say "EHLO client.example" 2
  if [ -n "${6:-}" ]; then say "AUTH PLAIN $(printf '\0%s\0%s' "$6" "$7" | base64 -w 0)" 2; fi
  say "MAIL FROM:<$2>" 2
  local refused
  refused="$(say "RCPT TO:<$3>" 2)"
  if [ -n "$refused" ]; then
    echo "$refused"
  else
    say "DATA" 3
    letter "$2" "$3" "$4" "$5"
    say "." 2
  fi
  say "QUIT" 2
  exec 7>&-
}
# letter FROM TO SUBJECT TEXT: the message, to a connection that waits for it. A number tells its Message-ID from others'.
today="$(LC_ALL=C date -R)" letters=0
letter() {
  letters=$((letters + 1))
  printf 'From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s.%s.%s@client.example>\r\n\r\n%s\r\n' \
    "$1" "$2" "$3" "$today" "$BASHPID" "$RANDOM" "$letters" "$4" >&7
}
# many PORT [USER PASSWORD]: sends what stands in standard input, a line "FROM TO SUBJECT" each, over one connection. What is
# refused is part of the picture and not said.
many() {
  local from to subject
  exec 7<>"/dev/tcp/127.0.0.1/$1"
  reply 2
  say "EHLO client.example" 2
  if [ -n "${2:-}" ]; then say "AUTH PLAIN $(printf '\0%s\0%s' "$2" "$3" | base64 -w 0)" 2; fi
  while read -r from to subject; do
    say "MAIL FROM:<$from>" 2
    if [ -n "$(say "RCPT TO:<$to>" 2)" ]; then
      say RSET 2
      continue
    fi
    say DATA 3
    letter "$from" "$to" "$subject" "Hello, this is about: $subject."
    say . 2
  done
  say QUIT 2
  exec 7>&-
}
# Some dozens of messages, as on a quiet morning: most arrive, some wait for the partner, some are refused, some come back.
from_outside() {
  local from to what
  for what in "Order" "Invoice" "Minutes" "Offer" "Delivery" "Question"; do
    for from in pat@tailspin.example lee@wingtip.example news@shop.example; do
      for to in ann kim sales; do echo "$from $to@$domain $what of ${from#*@} for $to"; done
    done
  done
}
from_inside() {
  local to
  for to in "bob@$domain" "kim@$domain" "sales@$domain" "team@$domain" partner@fabrikam.example pat@fabrikam.example lee@fabrikam.example; do
    echo "$1@$domain $to Plans of the week"
    echo "$1@$domain $to Report to read"
  done
  # Nobody has that address: each comes back to its sender as an NDR.
  echo "$1@$domain bobb@$domain A slip of the pen"
}
refused() {
  echo "win@lottery.example info@$domain You won"
  echo "win@lottery.example pat@tailspin.example Nobody relays this"
}
echo "Sending some dozens of messages"
# Refusals are slow on purpose: they go on beside the others.
many "$smtp" < <(refused) & slow=("$!")
many "$smtp" < <(echo "win@lottery.example admin@$domain You won again") & slow+=("$!")
many "$smtp" < <(from_outside)
for person in ann bob kim; do many "$submission" "$person@$domain" "${passwords[$person]}" < <(from_inside "$person"); done
echo "Sending, one by one:"
send "$smtp" mimi@movetocloud.example "ann@$domain" "Test mail flow" "Hello Ann."
send "$smtp" mimi@movetocloud.example "sales@$domain" "A question about prices" "What does it cost?"
send "$submission" "ann@$domain" "team@$domain" "Lunch on Friday" "Who comes along?" "ann@$domain" "${passwords[ann]}"
send "$submission" "bob@$domain" "ann@$domain" "Re: Lunch on Friday" "I do." "bob@$domain" "${passwords[bob]}"
send "$smtp" mimi@movetocloud.example "nobody@$domain" "Is anybody there" "No."
send "$smtp" mimi@movetocloud.example "team@$domain" "Dear team" "A group takes mail from inside only, unless told otherwise."

wait "${slow[@]}" || true
# The traces of the last messages are there within a second; a refused one is not a message.
for _ in $(seq 50); do
  traced="$(cmdlet Get-MessageTrace -Format csv 2>/dev/null | grep -c 'Lunch on Friday' || true)"
  [ "$traced" -ge 5 ] && break
  sleep 0.1
done
echo
cmdlet Get-MessageTrace -ResultSize 20 || true
cat <<T

Postroom runs. Organization $domain, server mx1.$domain
  SMTP        127.0.0.1:$smtp        (mail from outside; try: swaks --server 127.0.0.1:$smtp --to ann@$domain)
  Submission  127.0.0.1:$submission        (sign in below; STARTTLS, or none on loopback)$(
    [ -n "$(port submissions)" ] && printf '\n  Submissions 127.0.0.1:%s        (TLS from the first octet)' "$(port submissions)")
  Admin center http://127.0.0.1:$(port http)/admin/   (sign in as administrator, below)
  HTTP        http://127.0.0.1:$(port http)   (/healthz /readyz /metrics /api/v1/cmdlets/NAME)$(
    [ -n "$(port https)" ] && printf '\n  HTTPS       https://127.0.0.1:%s' "$(port https)")
Accounts
  administrator          $administrator
  ann@$domain    ${passwords[ann]}
  bob@$domain    ${passwords[bob]}   (also reads sales@$domain and sends as it)
  kim@$domain    ${passwords[kim]}
Also: team@$domain (bob, kim and partner@fabrikam.example, whose mail waits in a queue)
Cmdlets
  alias postroom='$POSTROOM --data $data'
  postroom Get-MessageTrace -RecipientAddress ann@$domain
  postroom Get-Queue
  postroom Get-MailboxItem ann@$domain
  postroom help
Data $data, service log $run/service.log
T
[ -n "${ONCE:-}" ] && exit 0
echo "Ctrl-C stops it."
wait "$server" || true
