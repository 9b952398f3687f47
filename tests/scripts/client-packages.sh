#!/usr/bin/env bash
# Brings the JavaScript clients that the tests put before the sidecar, and frameworks that use such clients, into the per-user cache, with npm and from the registry it is set up for; quick when
# they are there. Without npm, or when the registry is out of reach, it says so and the tests that need them are skipped. Prints the two folders, with a colon between them.
set -euo pipefail

both=(ioredis@5 redis@5)
clients=("${both[@]}" iovalkey@0 @valkey/valkey-glide@2)
frameworks=(
  bullmq@5 bull@4 bee-queue@2 node-resque@9 bottleneck@2
  express@4 express-session@1 connect-redis@8 express-rate-limit@7 rate-limit-redis@4
  socket.io@4 socket.io-client@4 @socket.io/redis-adapter@8 @socket.io/redis-emitter@5
  rate-limiter-flexible@7 redlock@4 cache-manager@7 keyv@5 @keyv/redis@5
  graphql@16 graphql-subscriptions@2 graphql-redis-subscriptions@2
  @nestjs/common@11 @nestjs/core@11 @nestjs/microservices@11 reflect-metadata@0.2 rxjs@7
  "${both[@]}"
)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology

say() { printf 'client-packages: %s\n' "$*" >&2; }

bring() ( # folder, packages...
  folder=$cache/$1 what="the JavaScript $1"
  shift
  mkdir -p "$folder"
  exec 9> "$folder/.lock"
  flock 9
  if [ -d "$folder/node_modules" ] && [ "$(cat "$folder/.packages" 2> /dev/null)" = "$*" ]; then exit 0; fi
  command -v npm > /dev/null || { say "no npm: the tests of $what are skipped"; exit 0; }

  work=$(mktemp -d "$folder/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if ! timeout 240 npm install --prefix "$work" --no-audit --no-fund --no-save --ignore-scripts --fetch-retries 1 --fetch-timeout 30000 "$@" > "$work/log" 2>&1; then
    tail -n 5 "$work/log" >&2
    say "npm could not bring $*: the tests of $what are skipped"
    exit 0
  fi
  rm -rf "$folder/node_modules"
  mv "$work/node_modules" "$folder/node_modules"
  printf '%s\n' "$*" > "$folder/.packages"
  say "brought $*"
)

bring clients "${clients[@]}"
bring frameworks "${frameworks[@]}"
printf '%s\n' "$cache/clients/node_modules:$cache/frameworks/node_modules"
