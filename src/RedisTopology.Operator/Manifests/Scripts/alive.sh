#!/bin/sh
# Startup and liveness: the server answers, be it only to say that it is loading. A password that was changed under it is no reason to kill it.
if command -v valkey-cli >/dev/null 2>&1; then cli=valkey-cli; else cli=redis-cli; fi
REDISCLI_AUTH=$(cat /auth/password)
export REDISCLI_AUTH
# To this pod's own address, whoever issued its certificate: one that has expired, or of an authority that is on its way out, is no reason to kill the server.
tls=""
[ ! -e /tls/tls.crt ] || tls="--tls --insecure"
# The client puts "AUTH failed: ..." on a line of its own before the answer.
# shellcheck disable=SC2086 # words, or none
answer=$(timeout 4 "$cli" $tls ping 2>&1)
case $answer in
  # It has read its data: see the entry script.
  *PONG*) [ ! -e /run/redis/loading ] || rm -f /run/redis/loading ;;
esac
case $answer in
  *PONG* | *LOADING* | *BUSY* | *MASTERDOWN* | *NOAUTH* | *WRONGPASS*) exit 0 ;;
esac
exit 1
