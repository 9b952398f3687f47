#!/usr/bin/env bash
# Brings the JavaScript clients that the tests put before the sidecar into the per-user cache, with npm and from the registry it is set up for; quick when they are there. Without npm, or
# when the registry is out of reach, it says so and the tests that need them are skipped. Prints the folder.
set -euo pipefail

packages=(ioredis@5 redis@5)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/clients

say() { printf 'client-packages: %s\n' "$*" >&2; }

wanted="${packages[*]}"
mkdir -p "$cache"
printf '%s\n' "$cache"
exec 9> "$cache/.lock"
flock 9
if [ -d "$cache/node_modules" ] && [ "$(cat "$cache/.packages" 2> /dev/null)" = "$wanted" ]; then exit 0; fi
command -v npm > /dev/null || { say "no npm: the tests of JavaScript clients are skipped"; exit 0; }

work=$(mktemp -d "$cache/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
if ! timeout 120 npm install --prefix "$work" --no-audit --no-fund --no-save --ignore-scripts --fetch-retries 1 --fetch-timeout 30000 "${packages[@]}" > "$work/log" 2>&1; then
  tail -n 5 "$work/log" >&2
  say "npm could not bring $wanted: the tests of JavaScript clients are skipped"
  exit 0
fi
rm -rf "$cache/node_modules"
mv "$work/node_modules" "$cache/node_modules"
printf '%s\n' "$wanted" > "$cache/.packages"
say "brought $wanted"
