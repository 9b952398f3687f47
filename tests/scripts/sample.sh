#!/usr/bin/env bash
# Runs the sample application on this machine: three masters with a replica each, the sidecar before them, the application behind that. Open the address it prints.
# Goes on until Ctrl-C; with --once it shows a few requests and ends, with --measure it prints the table of docs/guides/which-strategy.md. Needs redis-server and redis-cli.
#
#   SIDECAR         the command that starts the sidecar. Default: the binary of "make sidecar", else the build
#   SAMPLE_PORT     where the page is. Default 5080; the sidecar, its admin server and the six servers follow, their bus ports are a hundred above
#   DATABASE        a PostgreSQL ("Host=..."); default: SQLite in a temporary file
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf '\n# %s\n' "$*"; }
die() { printf 'sample: error: %s\n' "$*" >&2; exit 1; }
for program in redis-server redis-cli curl; do
  command -v $program > /dev/null || die "no $program on PATH. Remedy: make deps, or install redis-server, redis-tools and curl"
done

case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=x64 ;; esac
binary=artifacts/sidecar/linux-$architecture/redis-topology-sidecar
build=src/RedisTopology.Sidecar/bin/${CONFIGURATION:-Release}/net10.0/redis-topology-sidecar.dll
sample=src/samples/BlogCricketTweets/bin/${CONFIGURATION:-Release}/net10.0/BlogCricketTweets.dll
if [ -n "${SIDECAR:-}" ]; then
  read -ra sidecar <<< "$SIDECAR"
elif [ -x "$binary" ] && [ "$binary" -nt "$build" ]; then
  sidecar=("$binary")
elif [ -f "$build" ]; then
  sidecar=(dotnet "$build")
else
  die "the sidecar is not built. Remedy: make sample, or make sidecar"
fi
[ -f "$sample" ] || die "the sample is not built. Remedy: make sample"

page=${SAMPLE_PORT:-5080}
port=$((page + 1)) admin=$((page + 2))
# shellcheck source=tests/scripts/local-cluster.sh
. tests/scripts/local-cluster.sh
trap 'exit 0' INT TERM

start_cluster $((admin + 1)) 6 1 100 --cluster-node-timeout 2000

cat > "$folder/sidecar.yaml" << YAML
seeds: [${nodes[0]}]
listen: 127.0.0.1:$port
admin: 127.0.0.1:$admin
YAML
sed "s|127.0.0.1:5080|127.0.0.1:$page|" src/samples/BlogCricketTweets/population.yaml > "$folder/population.yaml"
# A sidecar that is older than the sample (SIDECAR) may not know of population.
populates=no
cat "$folder/sidecar.yaml" "$folder/population.yaml" > "$folder/populated.yaml"
if "${sidecar[@]}" --config "$folder/populated.yaml" --check > /dev/null 2>&1; then
  populates=yes
  mv "$folder/populated.yaml" "$folder/sidecar.yaml"
fi
start_sidecar "$port" "${sidecar[@]}" --config "$folder/sidecar.yaml"

dotnet "$sample" --contentRoot "$PWD/src/samples/BlogCricketTweets" --urls "http://127.0.0.1:$page" --Cache "127.0.0.1:$port" \
  --ConnectionStrings:Database "${DATABASE:-Data Source=$folder/sample.db}" > "$folder/sample.log" 2>&1 &
started+=($!)
for _ in $(seq 300); do
  curl -sf "http://127.0.0.1:$page/api/stats" > /dev/null && break
  kill -0 "${started[-1]}" 2> /dev/null || die "the sample ended: $(tail -n 5 "$folder/sample.log")"
  sleep 0.1
done

# Reads and database calls since the last row, and the times of the latest 500 reads of this kind.
calls=0
row() { # what, story, cached or direct, times, path with N for 1, 2, 3...
  local i figures total
  for i in $(seq "$4"); do curl -sS -o "$folder/answer" -X POST "http://127.0.0.1:$page/api/${5//N/$i}"; done
  figures=$(curl -sS "http://127.0.0.1:$page/api/stats" | jq -c ".$2.$3")
  total=$(jq .originCalls <<< "$figures")
  printf '| %s | %d | %s ms | %s ms |\n' "$1" $((total - calls)) "$(jq .p50 <<< "$figures")" "$(jq .p99 <<< "$figures")"
}
reset() { # story, cached or direct
  calls=$(curl -sS "http://127.0.0.1:$page/api/stats" | jq ".$1.$2.originCalls")
}
measure() {
  printf '| what | database calls | half within | 99 %% within |\n| --- | ---: | ---: | ---: |\n'
  reset blog direct; row '20 posts, 100 readers of each at once, no cache' blog direct 20 'blog/read?id=N&readers=100&cached=false'
  reset blog cached; row 'the same, lazily, nobody has read them yet' blog cached 20 'blog/read?id=N&readers=100&cached=true'
  reset blog cached; row 'the same once more' blog cached 20 'blog/read?id=N&readers=100&cached=true'
  reset score direct; row 'a score, 100 fans at once 20 times, no cache' score direct 20 'cricket/read?readers=100&cached=false'
  reset score cached
  for i in $(seq 20); do curl -sS -o "$folder/answer" -X POST "http://127.0.0.1:$page/api/cricket/ball?runs=1&wicket=false"; curl -sS -o "$folder/answer" -X POST "http://127.0.0.1:$page/api/cricket/read?readers=100&cached=true"; done
  row 'the same, written through, with 20 balls in between' score cached 0 ''
  reset timeline direct; row '5,000 followers, 500 at once, no cache' timeline direct 10 'tweet/read?readers=500&cached=false&page=N'
  curl -sS -o "$folder/answer" -X POST "http://127.0.0.1:$page/api/tweet/post?push=false"
  reset timeline cached; row 'the same, lazily, after a tweet that was not pushed' timeline cached 10 'tweet/read?readers=500&cached=true&page=N'
  curl -sS -o "$folder/answer" -X POST "http://127.0.0.1:$page/api/tweet/post?push=true"
  reset timeline cached; row 'the same, after a tweet that was pushed' timeline cached 10 'tweet/read?readers=500&cached=true&page=N'
  printf '\nThe push: %s\n' "$(jq -r .text < <(curl -sS -X POST "http://127.0.0.1:$page/api/tweet/post?push=true"))"
}
if [ "${1:-}" = --measure ]; then
  command -v jq > /dev/null || die "no jq on PATH. Remedy: make deps"
  measure
  exit 0
fi

post() {
  printf '$ curl -X POST http://127.0.0.1:%s/api/%s\n' "$page" "$1"
  curl -sS -X POST "http://127.0.0.1:$page/api/$1" && echo
}
try() {
  printf '$ redis-cli -p %s %s\n' "$port" "$*"
  redis-cli -p "$port" "$@"
}
say "Lazily: a hundred readers of a post, one database call"
post "blog/read?id=1&readers=100&cached=true"
say "Written through: a ball, and a hundred fans who see it"
post "cricket/ball?runs=4&wicket=false"
post "cricket/read?readers=100&cached=true"
say "Pushed: a tweet in every follower's timeline before they look"
post "tweet/post?push=true"
post "tweet/read?readers=500&cached=true"
if [ $populates = yes ]; then
  say "In any language, by what the sidecar's YAML declares:"
  sed 's/^/  /' "$folder/population.yaml"
  try GET post:3
  try SET score:1 '{"id":1,"teams":"Ireland v Kenya","runs":12,"wickets":1,"balls":9}'
  try GET score:1
else
  say "This sidecar does not know of population: what any language gets from its YAML is not shown"
fi

say "The page: http://127.0.0.1:$page"
if [ "${1:-}" != --once ]; then
  say "Ctrl-C ends it all."
  wait "$sidecar_pid"
fi
