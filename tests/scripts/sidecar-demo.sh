#!/usr/bin/env bash
# Shows the sidecar: three masters with a replica each on this machine, the sidecar before them, and redis-cli, which knows nothing of shards, through it.
# Goes on until Ctrl-C; with --once it ends after the show. Needs redis-server and redis-cli.
#
#   SIDECAR         the command that starts the sidecar. Default: the binary of "make sidecar", else the build
#   SIDECAR_PORT    where clients connect. Default 7379; the admin server is one above, the six servers follow, their bus ports are a hundred above
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '\n# %s\n' "$*"; }
die() { printf 'sidecar-demo: error: %s\n' "$*" >&2; exit 1; }
for program in redis-server redis-cli; do
  command -v $program > /dev/null || die "no $program on PATH. Remedy: make deps, or install redis-server and redis-tools"
done

case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=x64 ;; esac
binary=artifacts/sidecar/linux-$architecture/redis-topology-sidecar
build=src/RedisTopology.Sidecar/bin/${CONFIGURATION:-Release}/net10.0/redis-topology-sidecar.dll
if [ -n "${SIDECAR:-}" ]; then
  read -ra sidecar <<< "$SIDECAR"
elif [ -x "$binary" ]; then
  sidecar=("$binary")
elif [ -f "$build" ]; then
  sidecar=(dotnet "$build")
else
  die "the sidecar is not built. Remedy: make sidecar"
fi

port=${SIDECAR_PORT:-7379} admin=$((${SIDECAR_PORT:-7379} + 1))
# shellcheck source=tests/scripts/local-cluster.sh
. tests/scripts/local-cluster.sh
trap 'exit 0' INT TERM

start_cluster $((admin + 1)) 6 1 100 --cluster-node-timeout 2000
say "Three masters with a replica each: ${nodes[*]}"
# A replica that has never been in touch with its master does not stand for election.
for node in "${nodes[@]}"; do
  for _ in $(seq 100); do
    redis-cli -p "${node#*:}" INFO replication | grep -qE 'role:master|master_link_status:up' && break
    sleep 0.1
  done
done

say "The sidecar: ${sidecar[*]} --seeds ${nodes[0]} --listen 127.0.0.1:$port --admin 127.0.0.1:$admin --failover-buffer 30s"
start_sidecar "$port" "${sidecar[@]}" --seeds "${nodes[0]}" --listen "127.0.0.1:$port" --admin "127.0.0.1:$admin" --failover-buffer 30s

try() {
  printf '$ redis-cli -p %s %s\n' "$port" "$*"
  redis-cli -p "$port" "$@"
}
say "redis-cli thinks it talks to one server, whichever shard a key is on"
try MSET apple red banana yellow cherry red
try MGET apple banana cherry
try DBSIZE

say "A master is killed; a write to its slots waits until its replica has taken over"
kill -9 "${started[0]}"
wait "${started[0]}" 2> /dev/null || true
before=$(date +%s%N)
# The slots of the first master are 0-5460; the slot of "bar" is 5061.
try SET bar survived
printf '(after %d ms; the servers give a silent one 2 s)\n' $((($(date +%s%N) - before) / 1000000))
try GET bar

say "What it tells of itself at http://127.0.0.1:$admin: /livez /readyz /topology /metrics"
if command -v curl > /dev/null; then
  for path in livez readyz; do printf '$ curl http://127.0.0.1:%s/%s\n%s\n' "$admin" $path "$(curl -s "http://127.0.0.1:$admin/$path")"; done
fi

if [ "${1:-}" != --once ]; then
  say "Go on with: redis-cli -p $port. Ctrl-C ends it all."
  wait "$sidecar_pid"
fi
