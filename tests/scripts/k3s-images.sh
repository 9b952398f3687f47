#!/usr/bin/env bash
# Brings into the Docker engine what the tests on k3s load into their node, and prints settings for them as NAME=value; progress goes to stderr. Ours are built unless the engine has
# them of the very commit that is checked out. Quick, and without a word, where there is no engine or no image of a node: the tests say so themselves.
#
#   K3S_IMAGE, OPERATOR_IMAGE, SIDECAR_IMAGE, REDIS_IMAGE    as in tests/RedisTopology.K3s.Tests/README.md; what is named there is left to the tests
#
# Where the public base image or Redis cannot be pulled, root with debootstrap makes them from Debian's packages.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'k3s-images: %s\n' "$*" >&2; }
have() { docker image inspect "$1" > /dev/null 2>&1 || timeout 300 docker pull --quiet "$1" > /dev/null 2>&1; }
can_make() { [ "$(id -u)" = 0 ] && command -v debootstrap > /dev/null; }

command -v docker > /dev/null && docker version > /dev/null 2>&1 || exit 0
node=${K3S_IMAGE:-$(sed -n 's|.*"\(rancher/k3s:[^"]*\)".*|\1|p' tests/RedisTopology.K3s.Tests/K3sSettings.cs)}
have "$node" || exit 0

if [ -z "${REDIS_IMAGE:-}" ] && ! have redis:7.2 && can_make; then
  docker image inspect redis:debian > /dev/null 2>&1 || tests/scripts/base-image.sh redis:debian redis-server >&2
  echo REDIS_IMAGE=redis:debian
fi

[ -z "${OPERATOR_IMAGE:-}" ] || [ -z "${SIDECAR_IMAGE:-}" ] || exit 0
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
head=$(git rev-parse HEAD 2> /dev/null || true)
fresh=yes
[ -n "$head" ] && [ -z "$(git status --porcelain -- src)" ] || fresh=
for part in operator sidecar; do
  [ "$(docker image inspect -f '{{index .Config.Labels "org.opencontainers.image.revision"}}' "redis-topology-$part:$version" 2> /dev/null)" = "$head" ] || fresh=
done
[ -z "$fresh" ] || exit 0

if [ -z "${BASE:-}" ] && ! have "$(sed -n 's/^ARG BASE=//p' src/RedisTopology.Operator/Dockerfile)" && can_make; then
  docker image inspect redis-topology-base > /dev/null 2>&1 || tests/scripts/base-image.sh redis-topology-base >&2
  export BASE=redis-topology-base
fi
say "building the images of operator and sidecar"
case $(uname -m) in aarch64) architecture=arm64 ;; *) architecture=x64 ;; esac
tests/scripts/publish.sh "$architecture" >&2
env -u REGISTRY -u TAG -u PLATFORMS tests/scripts/images.sh >&2
