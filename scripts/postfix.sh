#!/bin/bash
# A throw-away Postfix on loopback, for tests and benchmarks. Touches nothing of an installed one. Root only.
#
#   postfix.sh start FOLDER PORT MODE    prints the master's pid when it accepts connections
#   postfix.sh stop FOLDER
#   postfix.sh drained FOLDER            exit 0 when its queue is empty
#
# MODE: discard          accepts everything and throws it away
#       maildir          maildirs of dst.test under FOLDER/mail/: u000 to u099, and others/; addresses that begin with
#                        "refused" get 550 5.1.1 at RCPT, those that begin with "later" 450 4.2.0
#       relay:PORT       everything to 127.0.0.1:PORT
#       lmtp:PORT        everything to 127.0.0.1:PORT over LMTP
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"
command="${1:-}" folder="$(realpath -m "${2:?folder}")"

case "$command" in
  stop) exec postfix -c "$folder/etc" stop ;;
  drained) test -z "$(find "$folder"/spool/{maildrop,incoming,active,deferred} -type f -print -quit)"; exit ;;
  start) port="${3:?port}" mode="${4:?mode}" ;;
  *) echo "usage: postfix.sh start FOLDER PORT MODE | stop FOLDER | drained FOLDER" >&2; exit 2 ;;
esac
if [ "$(id -u)" != 0 ]; then echo "postfix.sh: Postfix's master must be started by root" >&2; exit 1; fi
daemons=/usr/lib/postfix/sbin
[ -x "$daemons/master" ] || { echo "postfix.sh: $daemons/master is missing; install Debian's postfix" >&2; exit 1; }

mkdir -p "$folder"/{etc,spool,state,mail}
# The daemons run as postfix and nobody, and must be able to get here from a private temporary folder.
chmod 755 "$folder" "$folder/spool"
chown postfix "$folder/state"
chown nobody "$folder/mail"
cat > "$folder/etc/main.cf" <<M
compatibility_level = 3.6
config_directory = $folder/etc
queue_directory = $folder/spool
data_directory = $folder/state
command_directory = /usr/sbin
daemon_directory = $daemons
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.dst.test
mydomain = dst.test
myorigin = dst.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access regexp:$folder/etc/refused, permit
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
disable_dns_lookups = yes
message_size_limit = 52428800
alias_maps =
local_recipient_maps =
maillog_file = $folder/mail.log
maillog_file_prefixes = $folder
master_service_disable =
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C
M
cat > "$folder/etc/refused" <<'M'
/^refused/ 550 5.1.1 no such mailbox here
/^later/ 450 4.2.0 come back later
M
case "$mode" in
  discard) echo 'transport_maps = static:{discard:}' >> "$folder/etc/main.cf" ;;
  relay:*) echo "relayhost = [127.0.0.1]:${mode#relay:}" >> "$folder/etc/main.cf" ;;
  lmtp:*) echo "transport_maps = static:{lmtp:inet:127.0.0.1:${mode#lmtp:}}" >> "$folder/etc/main.cf" ;;
  maildir) cat >> "$folder/etc/main.cf" <<M
virtual_mailbox_domains = dst.test
virtual_mailbox_base = $folder/mail
virtual_mailbox_maps = texthash:$folder/etc/mailboxes
default_transport = discard
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1000
virtual_mailbox_limit = 0
M
    # A folder each for u000 to u099, one for all the others.
    { for n in $(seq -w 0 99); do echo "u0$n@dst.test u0$n/"; done; echo '@dst.test others/'; } > "$folder/etc/mailboxes" ;;
  *) echo "postfix.sh: unknown mode $mode" >&2; exit 2 ;;
esac
cat > "$folder/etc/master.cf" <<M
127.0.0.1:$port inet n - n - 100 smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
M
postfix -c "$folder/etc" set-permissions >/dev/null 2>&1 || true
if ! said="$(postfix -c "$folder/etc" start 2>&1)"; then
  echo "postfix.sh: $said" >&2
  exit 1
fi
for _ in $(seq 400); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    tr -d ' ' < "$folder/spool/pid/master.pid"
    exit 0
  fi
  sleep 0.05
done
echo "postfix.sh: nothing accepts on 127.0.0.1:$port; $(tail -n 3 "$folder/mail.log" 2>/dev/null)" >&2
postfix -c "$folder/etc" stop >/dev/null 2>&1 || true
exit 1
