#!/usr/bin/env bash
# Builds the sidecar as one native file: artifacts/sidecar/linux-ARCH/redis-topology-sidecar. Argument: x64 or arm64.
# Links with clang where there is one, else with gcc; for another architecture than this machine's with Debian's cross compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'publish-sidecar: %s\n' "$*"; }
die() { say "error: $*" >&2; exit 1; }

architecture=${1:?x64 or arm64}
case $(uname -m) in aarch64) own=arm64 ;; *) own=x64 ;; esac
case $architecture in
  x64) triple=x86_64-linux-gnu ;;
  arm64) triple=aarch64-linux-gnu ;;
  *) die "\"$architecture\" is neither x64 nor arm64" ;;
esac

settings=()
if [ "$architecture" != "$own" ]; then
  command -v $triple-gcc > /dev/null || die "no $triple-gcc. Remedy: apt-get install gcc-${triple//_/-}"
  # The SDK names the target as clang wants to be told; this gcc knows no other target, and refuses the flag.
  linker=$PWD/artifacts/build/$triple-gcc
  mkdir -p "${linker%/*}"
  printf '#!/usr/bin/env bash\nfor flag; do shift; case $flag in --target=*) ;; *) set -- "$@" "$flag" ;; esac; done\nexec %s-gcc "$@"\n' "$triple" > "$linker"
  chmod +x "$linker"
  settings+=("-p:CppCompilerAndLinker=$linker" "-p:ObjCopyName=$triple-objcopy")
elif command -v clang > /dev/null; then
  :
elif command -v gcc > /dev/null; then
  settings+=(-p:CppCompilerAndLinker=gcc)
else
  die "no clang and no gcc to link with. Remedy: make deps, or apt-get install gcc"
fi

# A tree of its own: what is built for a platform and what is built for the tests would have each other restored anew.
output=artifacts/sidecar/linux-$architecture
dotnet publish src/RedisTopology.Sidecar -c Release -r "linux-$architecture" -nologo --nodeReuse:false -warnaserror -v quiet \
  --artifacts-path artifacts/build -o "$output" "${settings[@]}"
# Documentation and symbols stay out of what is deployed.
find "$output" -type f ! -name redis-topology-sidecar -delete
say "$output/redis-topology-sidecar: $(($(stat -c %s "$output/redis-topology-sidecar") / 1024)) KiB"
