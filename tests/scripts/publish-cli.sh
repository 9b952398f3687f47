#!/usr/bin/env bash
# Builds kubectl-cache as one file with all it needs: artifacts/cli/linux-ARCH/kubectl-cache. Argument: x64 or arm64.
# Not native code, as the sidecar is: the Kubernetes client finds its models by reflection. Where the runtime's package cannot be had, the
# file needs the .NET runtime 10 on the machine it runs on, and it is said so.
set -euo pipefail
cd "$(dirname "$0")/../.."

architecture=${1:?x64 or arm64}
case $architecture in x64 | arm64) ;; *) echo "publish-cli: error: \"$architecture\" is neither x64 nor arm64" >&2; exit 1 ;; esac
output=artifacts/cli/linux-$architecture

publish() { # self-contained: true or false
  dotnet publish src/RedisTopology.Cli -c Release -r "linux-$architecture" --self-contained "$1" -nologo --nodeReuse:false -warnaserror -v quiet \
    -p:PublishSingleFile=true -p:EnableCompressionInSingleFile="$1" -p:DebugType=none --artifacts-path artifacts/build -o "$output"
}

rm -rf "$output"
note=
publish true || {
  echo "publish-cli: no self-contained file can be made here; trying one that needs the .NET runtime 10"
  rm -rf "$output"
  publish false
  note=', needs the .NET runtime 10'
}
# Documentation stays out of what is handed on.
find "$output" -type f ! -name kubectl-cache -delete
echo "publish-cli: $output/kubectl-cache: $(($(stat -c %s "$output/kubectl-cache") / 1024)) KiB$note"
