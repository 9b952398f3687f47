#!/bin/sh
# shellcheck disable=SC2086,SC2154 # $cli, $tls and $tls_others are words, or none, from login.sh
# Before the container is stopped, by an eviction or by a person: a master hands over to the replica that is furthest, so that nothing
# acknowledged is lost and writes stop for a moment only. Bounded: without a replica, or one that does not take over, it ends anyway.
# shellcheck source=/dev/null
. /config/login.sh
if [ -s /auth/others ]; then
  case $(timeout 2 "$cli" $tls ping 2>&1) in *WRONGPASS*) login ;; esac
fi
deadline=$(($(date +%s) + 10))
is_master() { timeout 2 "$cli" $tls info replication 2>/dev/null | grep -q '^role:master'; }
# Twice: a replica may have been told a moment ago to take over, and would go as the master.
is_master || { sleep 1; is_master || exit 0; }

# Without slots there is nothing to agree about: it would be waited for in vain, and the order would stand when the next server here has slots.
timeout 2 "$cli" $tls cluster nodes 2>/dev/null | awk '$3 ~ /myself/ && NF == 8 { none = 1 } END { exit !none }' && exit 0

# "offset ip port" of every replica in sync, the furthest first. An IPv6 address has colons of its own, so fields are cut at commas alone.
successors=$(timeout 2 "$cli" $tls info replication | tr -d '\r' | awk -F , '
  /^slave[0-9]+:/ {
    sub(/^[^:]*:/, "")
    for (i = 1; i <= NF; i++) { cut = index($i, "="); field[substr($i, 1, cut - 1)] = substr($i, cut + 1) }
    if (field["state"] == "online") print field["offset"], field["ip"], field["port"]
  }' | sort -rn)

# The next one only when the one before did not take the order: a server that is frozen stays "online" for a minute.
while read -r offset ip port; do
  [ -n "$port" ] && [ "$(date +%s)" -lt "$deadline" ] || break
  echo "prestop: handing over to $ip at offset $offset"
  answer=$(timeout 2 "$cli" $tls_others -h "$ip" -p "$port" cluster failover </dev/null)
  [ "$answer" = OK ] || { echo "prestop: it does not take over: $answer"; continue; }
  while is_master && [ "$(date +%s)" -lt "$deadline" ]; do
    sleep 0.25 2>/dev/null || sleep 1
  done
  # Let the news of the new master reach the clients' seeds before this one refuses connections.
  sleep 1
  break
done <<EOF
$successors
EOF
exit 0
