#!/usr/bin/env bash
# Sourced by scripts that put the sidecar before redis-server processes of their own. They bring die(); from here they get $folder, a temporary one, and $started, the
# processes that end with them.

folder=$(mktemp -d) started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait 2> /dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

# Starts servers and makes a cluster of them; their addresses are in $nodes then.
start_cluster() { # first port, servers, replicas of each master, what is added to a port for its bus, further arguments of redis-server...
  local first=$1 servers=$2 replicas=$3 bus=$4 at members=()
  shift 4
  nodes=()
  for ((at = first; at < first + servers; at++)); do
    mkdir "$folder/$at"
    redis-server --port $at --bind 127.0.0.1 --dir "$folder/$at" --cluster-enabled yes --cluster-port $((at + bus)) --save '' "$@" > "$folder/$at.log" 2>&1 &
    started+=($!)
    nodes+=("127.0.0.1:$at") members+=("127.0.0.1:$at@$((at + bus))")
  done
  for node in "${nodes[@]}"; do
    for _ in $(seq 100); do
      redis-cli -p "${node#*:}" PING > /dev/null 2>&1 && break
      sleep 0.1
    done
    redis-cli -p "${node#*:}" PING > /dev/null || die "$node did not start: $(tail -n 1 "$folder/${node#*:}.log")"
  done
  redis-cli --cluster create "${members[@]}" --cluster-replicas "$replicas" --cluster-yes > "$folder/create.log" 2>&1 || die "the cluster was not formed: $(tail -n 3 "$folder/create.log")"
}

# Starts the sidecar and waits until it answers; its process is $sidecar_pid then.
start_sidecar() { # port, command...
  local port=$1
  shift
  "$@" 2> "$folder/sidecar.log" &
  sidecar_pid=$!
  started+=("$sidecar_pid")
  for _ in $(seq 300); do
    [ "$(redis-cli -p "$port" GET ready 2>&1 || true)" = "" ] && break
    kill -0 "$sidecar_pid" 2> /dev/null || die "the sidecar ended: $(cat "$folder/sidecar.log")"
    sleep 0.1
  done
}
