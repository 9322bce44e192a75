#!/bin/bash
# A throw-away Dovecot 2.3 that takes LMTP for everybody into maildirs. Root only.
#
#   dovecot.sh start FOLDER PORT     prints the master's pid
#   dovecot.sh stop FOLDER
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"
command="${1:-}" folder="$(realpath -m "${2:?folder}")"
case "$command" in
  stop) exec doveadm -c "$folder/dovecot.conf" stop ;;
  start) port="${3:?port}" ;;
  *) echo "usage: dovecot.sh start FOLDER PORT | stop FOLDER" >&2; exit 2 ;;
esac
mkdir -p "$folder"/{run,state,mail,log}
chmod 755 "$folder"
chown nobody "$folder"/{mail,log}
cat > "$folder/dovecot.conf" <<C
base_dir = $folder/run
state_dir = $folder/state
log_path = $folder/log/dovecot.log
info_log_path = $folder/log/info.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
mail_home = $folder/mail/%n
mail_location = maildir:%h/Maildir
auth_username_format = %n
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$folder/mail/%n allow_all_users=yes
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = $port
  }
}
service anvil {
  chroot =
}
C
# It stays, and must not hold the pipe of who reads our pid.
dovecot -c "$folder/dovecot.conf" </dev/null >"$folder/log/start.log" 2>&1
for _ in $(seq 400); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then cat "$folder/run/master.pid"; exit 0; fi
  sleep 0.05
done
echo "dovecot.sh: nothing accepts on 127.0.0.1:$port; $(tail -n 3 "$folder/log/dovecot.log")" >&2
exit 1
