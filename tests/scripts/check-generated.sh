#!/usr/bin/env bash
# The generated files in config/, charts/ and docs/ are what the operator and the sidecar generate now. Arguments: their dlls.
set -euo pipefail
cd "$(dirname "$0")/../.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
dotnet "$1" manifests --output "$fresh/config" --docs "$fresh/docs" --charts "$fresh/charts"
dotnet "$2" docs "$fresh/docs"

failed=0 count=0
while IFS= read -r file; do
  count=$((count + 1))
  diff -u "$file" "$fresh/$file" || failed=1
done < <(cd "$fresh" && find . -type f | sed 's|^\./||' | sort)
[ "$count" -gt 0 ] || { echo "check-generated: nothing was generated"; exit 1; }
[ $failed = 0 ] || { echo "check-generated: config/, charts/ or docs/ is not up to date. Run: make manifests"; exit 1; }
echo "check-generated: $count files are up to date"
