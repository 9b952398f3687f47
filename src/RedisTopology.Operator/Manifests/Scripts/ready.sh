#!/bin/sh
# Readiness: the cluster is formed as far as this node sees, and a replica has its copy.
if command -v valkey-cli >/dev/null 2>&1; then cli=valkey-cli; else cli=redis-cli; fi
# shellcheck source=/dev/null
. /config/login.sh
# shellcheck disable=SC2086,SC2154 # words, or none, from login.sh
look() { info=$(timeout 2 "$cli" $tls cluster info 2>&1 && timeout 2 "$cli" $tls info replication 2>&1); }
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
