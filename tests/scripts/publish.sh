#!/usr/bin/env bash
# Builds what the images hold, for each architecture named (x64, arm64): artifacts/publish/linux-{amd64,arm64}/{operator,sidecar}, named as images name them,
# and artifacts/publish/sbom, the packages inside of each as CycloneDX. The operator brings its runtime; the sidecar is one native file.
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'publish: %s\n' "$*"; }
[ $# -gt 0 ] || { say "error: name x64, arm64, or both" >&2; exit 1; }

output=artifacts/publish
version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
for architecture; do
  case $architecture in
    x64) image=amd64 ;;
    arm64) image=arm64 ;;
    *) say "error: \"$architecture\" is neither x64 nor arm64" >&2; exit 1 ;;
  esac
  rm -rf "$output/linux-$image"
  # A tree of its own: what is built for a platform and what is built for the tests would have each other restored anew.
  dotnet publish src/RedisTopology.Operator -c Release -r "linux-$architecture" --self-contained -nologo --nodeReuse:false -warnaserror -v quiet \
    -p:DebugType=none -p:SatelliteResourceLanguages=en --artifacts-path artifacts/build -o "$output/linux-$image/operator"
  # What only an editor, a debugger or a crash dump would use.
  rm -f "$output/linux-$image/operator/"{*.xml,createdump,libmscordbi.so,libmscordaccore.so,libcoreclrtraceptprovider.so}
  tests/scripts/publish-sidecar.sh "$architecture"
  mkdir -p "$output/linux-$image/sidecar"
  cp "artifacts/sidecar/linux-$architecture/redis-topology-sidecar" "$output/linux-$image/sidecar/"
  # Images keep modes; a umask of this machine is not to decide who may run them.
  chmod -R a+rX,u+w,go-w "$output/linux-$image"
  say "$output/linux-$image: $(du -sh "$output/linux-$image/operator" | cut -f 1) operator, $(du -sh "$output/linux-$image/sidecar" | cut -f 1) sidecar"
done

dotnet tool restore --verbosity quiet
# By what publishing has restored: in a fresh clone nothing is restored elsewhere, and the lists would be empty.
for part in Operator Sidecar; do
  name=redis-topology-${part,,}
  dotnet tool run dotnet-CycloneDX -- "src/RedisTopology.$part/RedisTopology.$part.csproj" --disable-package-restore --base-intermediate-output-path artifacts/build --output "$output/sbom" --filename "$name.cdx.json" --output-format Json \
    --set-name "$name" --set-version "$version" --set-type Application > "$output/sbom.log" 2>&1 || { cat "$output/sbom.log" >&2; exit 1; }
  packages=$(grep -c '"purl"' "$output/sbom/$name.cdx.json") || { say "error: no package in $output/sbom/$name.cdx.json" >&2; exit 1; }
  say "$output/sbom/$name.cdx.json: $packages packages"
done
chmod -R a+rX "$output/sbom"
