#!/bin/sh
# Startup and liveness: the server answers, be it only to say that it is loading. A password that was changed under it is no reason to kill it.
# shellcheck source=/dev/null
. /config/login.sh
# The client puts "AUTH failed: ..." on a line of its own before the answer.
# shellcheck disable=SC2086,SC2154 # words, or none, from login.sh
answer=$(timeout 4 "$cli" $tls ping 2>&1)
case $answer in
  # It has read its data: see the entry script.
  *PONG*) [ ! -e /run/redis/loading ] || rm -f /run/redis/loading ;;
esac
case $answer in
  *PONG* | *LOADING* | *BUSY* | *MASTERDOWN* | *NOAUTH* | *WRONGPASS*) exit 0 ;;
esac
exit 1
