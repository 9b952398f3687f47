#!/bin/sh
# Readiness: the cluster is formed as far as this node sees, and a replica has its copy.
# shellcheck source=/dev/null
. /config/login.sh
# Both in one connection: two would cost two processes and, with TLS, two handshakes, every two seconds. Commands on the client's standard input have that of Redis 7.0 fetch the whole
# of COMMAND DOCS first.
both='return redis.call("cluster", "info") .. redis.call("info", "replication")'
# shellcheck disable=SC2086,SC2154 # words, or none, from login.sh
look() { info=$(timeout 2 "$cli" $tls eval_ro "$both" 0 2>&1); }
look
answered=$?
case $info in
  *WRONGPASS*)
    login || { echo "the server takes no password of this pod"; exit 1; }
    look
    answered=$?
    ;;
esac
[ "$answered" = 0 ] || { echo "the server does not answer"; exit 1; }
case $info in *cluster_state:ok*) ;; *) echo "cluster_state is not ok"; exit 1 ;; esac
case $info in *master_link_status:down*) echo "the link to the master is down"; exit 1 ;; esac
exit 0
