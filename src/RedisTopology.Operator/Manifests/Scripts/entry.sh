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
tls=""
[ ! -e /tls/tls.crt ] || tls="--tls --cacert /tls/ca.crt"

# What differs from pod to pod, and the passwords, which must not be seen in arguments or in the ConfigMap. While the password is being changed there are others beside it, and
# this server must be open to whoever has not heard of the change, or has heard of it earlier.
umask 077
quoted=$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')
others=""
if [ -s /auth/others ]; then
  others=$(sed -e 's/^[^ ]* //' -e 's/[\\"]/\\&/g' -e 's/.*/ ">&"/' /auth/others | tr -d '\n')
fi
cat > /run/redis/node.conf <<EOF
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

# A server that ended before it had read its data will hardly read it this time. When another server holds the data by now, it is set aside and copied from there; the only
# copy is left as it is, to be tried again and for a person to mend.
unread=""
if [ -n "$dataset" ] && [ -e /run/redis/loading ]; then
  unread=yes
fi
held=""
# shellcheck disable=SC2086 # words, or none
ask() { timeout 1 "$cli" $tls -h "${1%:*}" -p "${1##*:}" cluster nodes 2>/dev/null </dev/null; }

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
    *) [ -n "$unread" ] || replicas="" ;;
  esac
  # The timeout is read here, not handed over in the environment: it can change while a pod lives.
  timeout=$(awk '$1 == "cluster-node-timeout" { timeout = $2 } END { print timeout }' /config/redis.conf)
  deadline=$(($(date +%s) + 2 * ${timeout:-15000} / 1000 + 6))
  while [ -n "$replicas" ] && [ "$(date +%s)" -lt "$deadline" ]; do
    for replica in $replicas; do
      if ask "$replica" | awk -v id="$owner" '$3 ~ /myself/ && $4 != id { found = 1 } END { exit !found }'; then
        held=yes
        break 2
      fi
    done
    sleep 1
  done
  if [ -n "$unread" ] && [ -n "$held" ]; then
    dataset=""
  fi
  [ -n "$dataset" ] || rm -f nodes.conf
elif [ -n "$unread" ] && [ -f nodes.conf ]; then
  self=$(awk '$3 ~ /myself/ { print $1 }' nodes.conf)
  for peer in $(awk '$3 !~ /myself|noaddr|handshake/ && NF >= 8 { sub(/@.*/, "", $2); print $2 }' nodes.conf); do
    if ask "$peer" | awk -v id="$self" '
      $1 == id && $3 ~ /slave/ { master = $4 }
      $3 ~ /master/ && $3 !~ /fail/ && NF > 8 { serves[$1] = 1 }
      END { exit !(master in serves) }'; then
      held=yes
      break
    fi
  done
fi

if [ -n "$unread" ] && [ -n "$held" ]; then
  echo "entry: the data was not read at the last start, and another server has it: moved to /data/unread, to be copied from there"
  rm -rf unread
  mkdir unread
  for file in appendonlydir dump.rdb; do
    [ ! -e "$file" ] || mv "$file" unread/
  done
  load=""
elif [ -n "$unread" ]; then
  # What Kubernetes shows of a container that has ended, should this one end as well.
  echo "the server ended before it had read /data/$dataset, and no other server has that data: kubectl logs $POD_NAME -c redis --previous says why. Mend the file" \
    "(redis-check-aof --fix, redis-check-rdb), or delete the pod and its claim to give the data up" > /run/redis/ended
fi
: > /run/redis/loading

# A replica follows its master by address, not by identity. A new node may stand at the address of an old master, and whoever still
# follows that must not copy its emptiness: it answers no replication until the operator has given it a place in the cluster.
fresh=""
if [ ! -f nodes.conf ]; then
  fresh=" -psync -sync"

  # Without its node table (a disk that was mended) a server claims every slot of which it has a key, whoever owns it by now. What it acknowledged until it hears of them would be
  # lost: it takes no writes until the operator knows whose they are, and sets this back.
  [ -z "$dataset" ] || load="$load --min-replicas-to-write 1"
fi
printf 'user default on ">%s"%s ~* &* +@all%s\n' "$quoted" "$others" "$fresh" >> /run/redis/node.conf

# shellcheck disable=SC2086 # words, or none
exec "$server" /config/redis.conf $load
