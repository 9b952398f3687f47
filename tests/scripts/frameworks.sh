#!/usr/bin/env bash
# Runs the programs of application frameworks (tests/RedisTopology.Sidecar.Tests/Clients/Frameworks) before three servers: a plain one, the sidecar as it is by default before a cluster of three
# masters with a replica each, and the sidecar with "transactions: PerSlot" and "allow: [FLUSHDB]". Prints a table. Exits with 1 when one fails that should not: before the plain server, or with what
# docs/guides/app-teams.md says it needs. What a framework lacks on this machine is said, and its row left out.
#
#   frameworks.sh [celery] [bullmq] ...     all by default
#
#   SIDECAR   the command that starts the sidecar. Default: the build
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'frameworks: %s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }
for program in redis-server redis-cli; do
  command -v $program > /dev/null || die "no $program on PATH. Remedy: make deps"
done
read -ra sidecar <<< "${SIDECAR:-dotnet $PWD/src/RedisTopology.Sidecar/bin/${CONFIGURATION:-Release}/net10.0/redis-topology-sidecar.dll}"
NODE_PATH=$(tests/scripts/client-packages.sh)
NODE_PATH=${NODE_PATH#*:}
export NODE_PATH PYTHONDONTWRITEBYTECODE=1

# Name, what it needs of the sidecar (- or PerSlot), what has to be there, packages that bring it, command.
python=/usr/lib/python3/dist-packages
frameworks="
celery          PerSlot $python/celery                   python3-celery                                                                   /usr/bin/python3 celery_checks.py PORT
rq              PerSlot $python/rq                       python3-rq                                                                       /usr/bin/python3 rq_checks.py PORT
django          PerSlot $python/channels_redis           python3-django-redis,python3-channels-redis                                      /usr/bin/python3 django_checks.py PORT
flask           -       $python/flask_caching            python3-flask-caching,python3-flask-session,python3-limits,python3-socketio      /usr/bin/python3 flask_checks.py PORT
bullmq          -       $NODE_PATH/bullmq                npm                                                                              node bullmq.js PORT {checks}
bull            -       $NODE_PATH/bull                  npm                                                                              node bull.js PORT {checks}
bee-queue       -       $NODE_PATH/bee-queue             npm                                                                              node bee_queue.js PORT {checks}
resque          -       $NODE_PATH/node-resque           npm                                                                              node resque.js PORT {checks}
express-session -       $NODE_PATH/express-session       npm                                                                              node express_session.js PORT
socket.io       -       $NODE_PATH/socket.io             npm                                                                              node socket_io.js PORT
limits          -       $NODE_PATH/rate-limiter-flexible npm                                                                              node limits.js PORT
caches          PerSlot $NODE_PATH/cache-manager         npm                                                                              node caches.js PORT
messages        -       $NODE_PATH/@nestjs/microservices npm                                                                              node messages.js PORT
sidekiq         PerSlot /usr/share/doc/ruby-sidekiq      ruby-sidekiq                                                                     /usr/bin/ruby sidekiq.rb PORT
rails-cache     -       /usr/share/doc/ruby-activesupport ruby-activesupport,ruby-redis-store                                             /usr/bin/ruby rails_cache.rb PORT
php             -       /usr/share/php/Symfony/Component/Cache php-symfony-cache,php-symfony-lock,php-redis,php-predis                    /usr/bin/php php_checks.php PORT
"

# shellcheck source=tests/scripts/local-cluster.sh
. tests/scripts/local-cluster.sh
trap 'exit 130' INT TERM
base=$((20000 + RANDOM % 8000))
start_cluster "$base" 6 1 1000
plain=$((base + 10)) default=$((base + 11)) tuned=$((base + 12))
mkdir "$folder/plain"
redis-server --port $plain --bind 127.0.0.1 --dir "$folder/plain" --save '' > "$folder/plain.log" 2>&1 &
started+=($!)
printf 'seeds: ["%s"]\nlisten: 127.0.0.1:%d\nadmin: 127.0.0.1:0\n' "${nodes[0]}" $default > "$folder/default.yaml"
printf 'seeds: ["%s"]\nlisten: 127.0.0.1:%d\nadmin: 127.0.0.1:0\ntransactions: PerSlot\nallow: [FLUSHDB]\n' "${nodes[0]}" $tuned > "$folder/tuned.yaml"
start_sidecar $default "${sidecar[@]}" --config "$folder/default.yaml"
start_sidecar $tuned "${sidecar[@]}" --config "$folder/tuned.yaml"

failed=0
run() { # must it pass, name, port, command...: prints the cell
  local must=$1 log="$folder/$2.$3.log" began=$SECONDS port=$3
  shift 3
  for node in "${nodes[@]}"; do redis-cli -p "${node#*:}" FLUSHALL > /dev/null 2>&1 || true; done
  if (cd tests/RedisTopology.Sidecar.Tests/Clients/Frameworks && timeout 120 "${@/PORT/$port}") > "$log" 2>&1 < /dev/null; then
    printf ' %-14s' "passed, $((SECONDS - began)) s"
  elif [ "$must" = yes ]; then
    printf ' %-14s\n' FAILED
    tail -n 20 "$log" | sed 's/^/      /'
    failed=$((failed + 1))
  else
    printf ' %-14s' 'not so'
  fi
}

printf '%-16s %-14s %-14s %-14s\n' '' plain default 'PerSlot'
while read -r name needs present packages command; do
  [ -n "$name" ] || continue
  [ $# -eq 0 ] || [[ " $* " = *" $name "* ]] || continue
  if [ ! -d "$present" ]; then
    say "$name left out: needs ${packages//,/ }"
    continue
  fi
  read -ra words <<< "$command"
  printf '%-16s' "$name"
  run yes "$name" $plain "${words[@]}"
  run "$([ "$needs" = - ] && echo yes || echo no)" "$name" $default "${words[@]}"
  run yes "$name" $tuned "${words[@]}"
  printf '\n'
done <<< "$frameworks"
[ "$failed" -eq 0 ] || die "$failed failed"
