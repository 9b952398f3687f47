#!/usr/bin/env bash
# Runs Redis' own tests, as Debian's source package of redis has them, through the sidecar before a cluster of three masters, and sums up. What is left out, and why:
# conformance-skips.txt. Exits with 1 when a test failed. Needs redis-server, redis-cli, tclsh, dpkg-source and the sidecar's build.
#
#   conformance.sh [unit...]        e.g. unit/type/zset; all of those below when none is named
#
#   SIDECAR            the command that starts the sidecar. Default: the build
#   REDIS_TESTS        a folder with Redis' sources. Default: fetched once into the per-user cache
#   CONFORMANCE_ARGS   further arguments of Redis' test helper, e.g. "--only ..."
set -euo pipefail
cd "$(dirname "$0")/../.."

units=(unit/type/string unit/type/incr unit/type/list unit/type/list-2 unit/type/list-3 unit/type/hash unit/type/set unit/type/zset unit/type/stream unit/type/stream-cgroups
  unit/keyspace unit/scan unit/expire unit/multi unit/pubsub unit/pubsubshard unit/scripting unit/functions unit/sort unit/bitops unit/bitfield unit/geo unit/hyperloglog unit/dump
  unit/protocol unit/quit unit/lazyfree unit/info-command unit/other)
[ $# -eq 0 ] || units=("$@")

say() { printf 'conformance: %s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }
for program in redis-server redis-cli tclsh; do
  command -v $program > /dev/null || die "no $program on PATH. Remedy: make deps"
done
read -ra sidecar <<< "${SIDECAR:-dotnet src/RedisTopology.Sidecar/bin/${CONFIGURATION:-Release}/net10.0/redis-topology-sidecar.dll}"

# shellcheck source=tests/scripts/local-cluster.sh
. tests/scripts/local-cluster.sh
trap 'exit 130' INT TERM

# --- Redis' sources ---------------------------------------------------------------------------------------------------

sources=${REDIS_TESTS:-${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/redis-source}
# shellcheck source=tests/scripts/debian-source.sh
. tests/scripts/debian-source.sh
[ -f "$sources/tests/test_helper.tcl" ] || fetch_source redis "$sources"

# The tests write beside themselves.
mkdir -p "$folder/redis/src"
cp -r "$sources/tests" "$folder/redis/tests"
for program in redis-cli redis-benchmark; do ln -s "$(command -v $program)" "$folder/redis/src/$program"; done

# --- three masters and the sidecar ------------------------------------------------------------------------------------

base=$((20000 + RANDOM % 8000))
start_cluster "$base" 3 0 1000

port=$((base + 10))
cat > "$folder/sidecar.yaml" << EOF
seeds: ["${nodes[0]}"]
listen: 127.0.0.1:$port
admin: 127.0.0.1:$((base + 11))
allow: [FLUSHALL, FLUSHDB, FUNCTION FLUSH, CONFIG GET, CONFIG SET, CONFIG RESETSTAT]
privateConnections: 1024
EOF
start_sidecar "$port" "${sidecar[@]}" --config "$folder/sidecar.yaml"

# --- the tests --------------------------------------------------------------------------------------------------------

sed -nE '/^#/d; s/^[ \t]+//; /./p' tests/scripts/conformance-skips.txt > "$folder/skips"
ran=0 failed=0 left_out=0
for unit in "${units[@]}"; do
  began=$SECONDS
  # shellcheck disable=SC2086 # arguments
  (cd "$folder/redis" && timeout 300 tclsh tests/test_helper.tcl --host 127.0.0.1 --port "$port" --cluster-mode --durable --ignore-encoding --ignore-digest \
    --tags "-needs:debug -needs:config-maxmemory -needs:config-resetstat -needs:pfdebug -needs:save -needs:repl -large-memory" \
    --timeout 120 --skipfile "$folder/skips" --single "$unit" ${CONFORMANCE_ARGS:-}) < /dev/null > "$folder/log" 2>&1 && status=0 || status=$?
  sed -E 's/\x1b\[[0-9;]*m//g' "$folder/log" > "$folder/plain"
  ok=$(grep -c '^\[ok\]' "$folder/plain" || true) bad=$(grep -c '^\[err\]' "$folder/plain" || true) skips=$(grep -cE '^\[(skip|ignore)\]' "$folder/plain" || true)
  [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  ran=$((ran + ok + bad)) failed=$((failed + bad)) left_out=$((left_out + skips))
  printf '  %-28s %4d passed %3d failed %4d left out %4d s\n' "$unit" "$ok" "$bad" "$skips" $((SECONDS - began))
  if [ "$bad" -gt 0 ]; then grep -A 6 -E '^\[(err|exception|TIMEOUT)\]|^Can.t|ERR ' "$folder/plain" | head -n "${CONFORMANCE_LINES:-40}" | sed 's/^/      /' || true; fi
  kill -0 "$sidecar_pid" 2> /dev/null || die "the sidecar ended: $(tail -n 5 "$folder/sidecar.log")"
done
say "left out: $left_out tests: by a tag of theirs (no cluster, DEBUG, more than one database...) or by tests/scripts/conformance-skips.txt"
printf '%d passed, %d failed\n' $((ran - failed)) "$failed"
[ "$failed" -eq 0 ]
