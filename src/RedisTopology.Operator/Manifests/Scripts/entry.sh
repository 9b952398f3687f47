#!/bin/sh
# Starts the server of this pod. Written for any POSIX shell: the images are the stock ones.
set -eu

if command -v valkey-server >/dev/null 2>&1; then
  server=valkey-server cli=valkey-cli
else
  server=redis-server cli=redis-cli
fi

cd /data
password=$(cat /auth/password)
export REDISCLI_AUTH="$password"

# What differs from pod to pod, and the password, which must not be seen in arguments or in the ConfigMap.
umask 077
quoted=$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')
cat > /run/redis/node.conf <<EOF
requirepass "$quoted"
masterauth "$quoted"
cluster-announce-ip $POD_IP
cluster-announce-hostname $POD_NAME.$POD_SUBDOMAIN.$POD_NAMESPACE.svc
EOF

# maxmemory goes by the memory this container has, which is not that of the spec while a new size is on its way: a server that ends in the middle and starts again must not be
# told to hold more than it may, nor less than it had to hold. Pods made before they were told their limit go by redis.conf.
if [ -n "${MEMORY_LIMIT:-}" ] && [ -f /config/maxmemory-percent ]; then
  echo "maxmemory $((MEMORY_LIMIT * $(cat /config/maxmemory-percent) / 100))" >> /run/redis/node.conf
fi

# What of the data is here. Without persistence a server starts empty, and a file is an old copy. With it nothing is ever deleted, and the newest file counts, whichever
# way of persistence wrote it: the other may not have written its first one yet, and a server that is to log would ignore a snapshot.
dataset=""
if awk '($1 == "appendonly" && $2 == "yes") || ($1 == "save" && $2 != "\"\"") { yes = 1 } END { exit !yes }' /config/redis.conf; then
  dataset=$(ls -t dump.rdb appendonlydir/*.base.* appendonlydir/*.incr.* 2>/dev/null | head -n 1)
else
  rm -f dump.rdb
fi
rm -f temp-*.rdb
case $dataset in
  appendonlydir/*) load="--appendonly yes" ;;
  dump.rdb) load="--appendonly no" ;;
  *) load="" ;;
esac

# The empty-master guard. If the node table says that this is a master with slots and its data is not here, then coming back under that
# identity would make its replicas copy its emptiness. It starts as a new node instead. That no replica is listed
# means nothing: one that was attached a second ago may not be, and its copy would be the only one.
owner=""
if [ -f nodes.conf ]; then
  owner=$(awk '$3 ~ /myself/ && $3 ~ /master/ && NF > 8 { print $1 }' nodes.conf)
fi

if [ -n "$owner" ]; then
  masters=$(awk '$3 ~ /master/ && NF > 8' nodes.conf | wc -l)
  replicas=$(awk -v id="$owner" '$4 == id { sub(/@.*/, "", $2); print $2 }' nodes.conf)
  case $dataset in
    # With three masters or more the others elect a replica, once they have noticed that this one is silent. An address that answers with
    # another identity is never noticed, so stay silent until one has taken over, or until two node timeouts and some seconds show that none will.
    "") echo "entry: the dataset of master $owner is gone: starting under a new identity"
      [ "$masters" -ge 3 ] || replicas="" ;;
    # A snapshot is older than the copies of the replicas, unless it was written at an orderly end, and then a replica has taken over already.
    dump.rdb) echo "entry: the snapshot of master $owner may be older than what its replicas have: they may take over first" ;;
    # Every write that was acknowledged is in the log.
    *) replicas="" ;;
  esac
  # The timeout is read here, not handed over in the environment: it can change while a pod lives.
  timeout=$(awk '$1 == "cluster-node-timeout" { timeout = $2 } END { print timeout }' /config/redis.conf)
  deadline=$(($(date +%s) + 2 * ${timeout:-15000} / 1000 + 6))
  while [ -n "$replicas" ] && [ "$(date +%s)" -lt "$deadline" ]; do
    for replica in $replicas; do
      if timeout 1 "$cli" -h "${replica%:*}" -p "${replica##*:}" cluster nodes 2>/dev/null </dev/null |
        awk -v id="$owner" '$3 ~ /myself/ && $4 != id { found = 1 } END { exit !found }'; then
        break 2
      fi
    done
    sleep 1
  done
  [ -n "$dataset" ] || rm -f nodes.conf
fi

# A replica follows its master by address, not by identity. A new node may stand at the address of an old master, and whoever still
# follows that must not copy its emptiness: it answers no replication until the operator has given it a place in the cluster.
if [ ! -f nodes.conf ]; then
  printf 'user default on ">%s" ~* &* +@all -psync -sync\n' "$quoted" >> /run/redis/node.conf
fi

# shellcheck disable=SC2086 # two words, or none
exec "$server" /config/redis.conf $load
