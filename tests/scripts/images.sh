#!/usr/bin/env bash
# Builds the images of the operator and the sidecar from what tests/scripts/publish.sh has built.
#
#   BASE        the base image of both. Default: that of the Dockerfiles
#   REGISTRY    in front of the names, such as registry.example/team
#   TAG         Default: the version
#   PLATFORMS   such as linux/amd64,linux/arm64: one image for several, which only a registry can hold: it is pushed. Needs docker buildx.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
tag=${TAG:-$version}
case $(uname -m) in aarch64) own=arm64 ;; *) own=amd64 ;; esac
common=(--build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse HEAD 2> /dev/null || true)" --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)")
[ -z "${BASE:-}" ] || common+=(--build-arg "BASE=$BASE")

for part in Operator Sidecar; do
  name=${REGISTRY:+$REGISTRY/}redis-topology-${part,,}:$tag
  if [ -n "${PLATFORMS:-}" ]; then
    docker buildx build "${common[@]}" --platform "$PLATFORMS" --push --sbom=false --provenance=true -t "$name" -f "src/RedisTopology.$part/Dockerfile" artifacts/publish
  else
    docker build -q "${common[@]}" --build-arg "TARGETARCH=$own" -t "$name" -f "src/RedisTopology.$part/Dockerfile" artifacts/publish > /dev/null
    printf 'images: %s, %s MB\n' "$name" "$(($(docker image inspect -f '{{.Size}}' "$name") / 1000000))"
  fi
done
