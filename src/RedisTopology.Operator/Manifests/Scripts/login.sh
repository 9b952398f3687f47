#!/bin/sh
# For the scripts beside this one: a client, and a password that the server of this pod takes. While the password is being changed there are several, and the files here may be a
# minute older or newer than what the server was told.
if command -v valkey-cli >/dev/null 2>&1; then cli=valkey-cli; else cli=redis-cli; fi
REDISCLI_AUTH=$(cat /auth/password)
export REDISCLI_AUTH

# How to talk to the server of this pod, whoever issued its certificate: one that has expired, or of an authority that is on its way out, is still this pod's own. And to others.
tls=""
# shellcheck disable=SC2034 # read by the script that reads this one
tls_others=""
if [ -e /tls/tls.crt ]; then
  tls="--tls --insecure"
  # shellcheck disable=SC2034
  tls_others="--tls --cacert /tls/ca.crt"
fi

# Finds the one it takes, for whoever was refused with the one in use.
login() {
  [ -s /auth/others ] || return 1
  while IFS= read -r line; do
    REDISCLI_AUTH=${line#* }
    # shellcheck disable=SC2086 # words, or none
    case $(timeout 1 "$cli" $tls ping 2>&1 </dev/null) in *WRONGPASS*) ;; *) return 0 ;; esac
  done </auth/others
  return 1
}
