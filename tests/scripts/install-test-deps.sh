#!/usr/bin/env bash
# Installs what the tests need on Debian or Ubuntu, as root; quick when all of it is there. No service is left running
# that was not running before: the tests start their own servers.
set -euo pipefail

say() { printf 'install-test-deps: %s\n' "$*"; }

command -v apt-get > /dev/null || {
  say "error: this is not Debian or Ubuntu. Install: redis-server, redis-cli, etcd, ip, nft, jq, rsync, make, nsenter, setpriv" >&2
  exit 1
}

packages=()
need() { # package, a command it brings
  PATH=$PATH:/usr/sbin:/sbin command -v "$2" > /dev/null || packages+=("$1")
}

need_package() { # without a command of its own
  dpkg-query -W -f '${Status}' "$1" 2> /dev/null | grep -q 'ok installed' || packages+=("$1")
}

need redis-server redis-server
need redis-tools redis-cli
need etcd-server etcd
need iproute2 ip
need nftables nft
need jq jq
need procps ps
need util-linux setpriv
# The scripts of the data pods are tried in every shell the stock images have.
need busybox-static busybox
need mount mount
need curl curl
need ca-certificates update-ca-certificates
# Linking the native sidecar (make sidecar).
need gcc gcc
# Newer engines than the system's (tests/scripts/engines.sh).
need debootstrap debootstrap
# Building the control plane from Debian's source (tests/scripts/control-plane.sh).
need make make
need rsync rsync
need patch patch
need dpkg-dev dpkg-source
# Clients of the sidecar: redis-py, phpredis, Predis, redis-rb, hiredis and what compiles a program with it, Redis::Fast, lua-redis. (Those in JavaScript: tests/scripts/client-packages.sh.)
need_package python3-redis
need php-cli php
need_package php-redis
need_package php-predis
need_package ruby-redis
need_package libhiredis-dev
need_package libredis-fast-perl
need_package lua-redis
need lua5.1 lua5.1
# Frameworks that keep jobs, caches, sessions and locks there.
need_package python3-celery
need_package python3-rq
need_package python3-django-redis
need_package python3-channels-redis
need_package ruby-sidekiq
need_package php-symfony-cache
need_package php-symfony-lock
need_package libc6-dev
# Runs Redis' own tests against the sidecar (tests/scripts/conformance.sh).
need tcl tclsh
# A proxy to compare the sidecar with (make bench).
need nutcracker nutcracker
# A database of the sample.
need_package postgresql
# Looks at the sample's page; Ubuntu has it as a snap alone, where the test is skipped.
need chromium chromium
need_package fonts-dejavu-core
# Debian's kubernetes-client conflicts with a kubectl of another origin: any kubectl will do.
need kubernetes-client kubectl
# Has the queries of dashboards and alerts answered by a real operator; promtool checks them.
need prometheus prometheus
# Completion is tried in the shells it is for.
need zsh zsh
need fish fish
# Unpacks helm (tests/scripts/helm.sh).
need unzip unzip
if [ ${#packages[@]} -eq 0 ]; then
  say "all there"
  exit 0
fi
[ "$(id -u)" = 0 ] || { say "error: not installed: ${packages[*]}. Run this as root." >&2; exit 1; }

say "installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q

# Packages of servers start them right away unless a policy says no.
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d/redis-topology.conf
made=
trap 'rm -f $made $clusters' EXIT
if [ ! -e $policy ]; then
  printf '#!/bin/sh\nexit 101\n' > $policy
  chmod +x $policy
  made=$policy
fi
# PostgreSQL's package makes a database of its own unless told otherwise.
if [[ " ${packages[*]} " = *" postgresql "* ]]; then
  mkdir -p "${clusters%/*}"
  echo 'create_main_cluster = false' > $clusters
fi
available=()
# Not every release has every package (kubernetes-client, etcd-server); what needs one says so itself.
for package in "${packages[@]}"; do
  if apt-cache show "$package" > /dev/null 2>&1; then available+=("$package"); else say "no package $package here, going on without"; fi
done
[ ${#available[@]} -eq 0 ] || apt-get install -qy --no-install-recommends "${available[@]}"

# Not started now, and not at the next boot either, unless an administrator had set it up before.
if [ -d /run/systemd/system ]; then
  for service in redis-server etcd nutcracker prometheus postgresql; do
    case " ${available[*]} " in
      *" $service"*) systemctl disable --now "$service" > /dev/null 2>&1 || true ;;
    esac
  done
fi
say "done"
