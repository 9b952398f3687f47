#!/usr/bin/env bash
# Runs the test suites of public clients, as their authors wrote them, against the sidecar before a cluster of three masters: what they call redis-server is the sidecar. Redis.pm (Perl) and
# hiredis (C), from Debian's source packages. What is changed in them, and why: client-suites-changes.txt. Exits with 1 when a test failed.
#
#   client-suites.sh [Redis.pm] [hiredis]     both by default
#
#   SIDECAR   the command that starts the sidecar. Default: the build
set -euo pipefail
cd "$(dirname "$0")/../.."

suites=(Redis.pm hiredis)
[ $# -eq 0 ] || suites=("$@")

say() { printf 'client-suites: %s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }
for program in redis-server redis-cli perl prove cc; do
  command -v $program > /dev/null || die "no $program on PATH. Remedy: make deps"
done
perl -MRedis -MTest::Deep -MTest::Fatal -MTest::SharedFork -MTest::TCP -MIO::String -e 1 2> /dev/null ||
  die "Perl modules are missing. Remedy: apt-get install libredis-perl libtest-deep-perl libtest-fatal-perl libtest-sharedfork-perl libtest-tcp-perl libio-string-perl"
read -ra sidecar <<< "${SIDECAR:-dotnet $PWD/src/RedisTopology.Sidecar/bin/${CONFIGURATION:-Release}/net10.0/redis-topology-sidecar.dll}"

# shellcheck source=tests/scripts/local-cluster.sh
. tests/scripts/local-cluster.sh
# shellcheck source=tests/scripts/debian-source.sh
. tests/scripts/debian-source.sh
trap 'exit 130' INT TERM
sources=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/client-sources
[ -d "$sources/libredis-perl" ] || fetch_source libredis-perl "$sources/libredis-perl"
[ -d "$sources/hiredis" ] || fetch_source hiredis "$sources/hiredis"

base=$((20000 + RANDOM % 8000))
start_cluster "$base" 3 0 1000

# What a suite starts as redis-server, with the port and the socket of the configuration file it is given: a fresh sidecar before an empty cluster.
cat > "$folder/server" << EOF
#!/usr/bin/env bash
set -eu
for node in ${nodes[*]}; do redis-cli -h 127.0.0.1 -p "\${node#*:}" FLUSHALL > /dev/null; done
field() { sed -nE "s/^ *\$1 +//p" "\$2"; }
cat > "\$1.yaml" << YAML
seeds: ["${nodes[0]}"]
listen: 127.0.0.1:\$(field port "\$1")
unixSocket: \$(field unixsocket "\$1")
admin: 127.0.0.1:0
allow: [FLUSHALL, FLUSHDB, SAVE, BGSAVE]
YAML
exec ${sidecar[*]} --config "\$1.yaml" 2>> "$folder/sidecar.log"
EOF
chmod +x "$folder/server"

passed=0 failed=0
count() { # suite, log, what a line begins with that tells of a test that passed, and of one that did not, whether it ended well
  local ok bad
  ok=$(grep -cE "$3" "$2" || true) bad=$(grep -cE "$4" "$2" || true)
  [ "$5" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  printf '  %-10s %4d passed %3d failed\n' "$1" "$ok" "$bad"
  [ "$bad" -eq 0 ] || tail -n "${SUITE_LINES:-60}" "$2" | sed 's/^/      /'
  passed=$((passed + ok)) failed=$((failed + bad))
}

# Copies a suite and changes what is to be changed.
prepare() { # suite, source
  local name file expression
  cp -r "$sources/$2" "$folder/$1"
  while read -r name file expression; do
    [ "$name" != "$1" ] || sed -i -E "$expression" "$folder/$1/$file"
  done < <(grep -v '^#' tests/scripts/client-suites-changes.txt)
}

run_redis_pm() {
  prepare Redis.pm libredis-perl
  local log="$folder/Redis.pm.log" status=0
  (cd "$folder/Redis.pm" && REDIS_SERVER_PATH="$folder/server" timeout 600 prove -v -I lib -I t/tlib t/) > "$log" 2>&1 < /dev/null || status=$?
  # Tests within a test are indented, and count as one.
  count Redis.pm "$log" '^ok ' '^not ok ' $status
}

run_hiredis() {
  prepare hiredis hiredis
  local log="$folder/hiredis.log" status=0 port=$((base + 10))
  printf 'port %d\nunixsocket %s\n' "$port" "$folder/hiredis.sock" > "$folder/hiredis.conf"
  make -C "$folder/hiredis" hiredis-test > "$folder/make.log" 2>&1 || { tail -n 5 "$folder/make.log"; die "hiredis could not be built"; }
  start_sidecar "$port" "$folder/server" "$folder/hiredis.conf"
  timeout 300 "$folder/hiredis/hiredis-test" -h 127.0.0.1 -p "$port" -s "$folder/hiredis.sock" > "$log" 2>&1 || status=$?
  kill "$sidecar_pid"
  sed -i 's/\x1b\[[0-9;]*m//g' "$log"
  count hiredis "$log" 'PASSED$' 'FAILED$' $status
}

for suite in "${suites[@]}"; do
  case $suite in
    Redis.pm) run_redis_pm ;;
    hiredis) run_hiredis ;;
    *) die "there is no suite $suite" ;;
  esac
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
