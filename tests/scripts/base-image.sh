#!/usr/bin/env bash
# Makes images from Debian packages where no registry of images is in reach, to build and test ours on; needs root, debootstrap and a Docker engine.
#
#   base-image.sh NAME [PACKAGE...]     for example:  base-image.sh debian-base;  base-image.sh redis:7.0 redis-server
#
# Without packages it has what the Dockerfiles of operator and sidecar expect of their base. The archive is the one this machine's own package sources name.
set -euo pipefail

name=${1:?the name of the image}
shift
[ $# -gt 0 ] || set -- libssl3 libstdc++6 zlib1g
packages=$(IFS=,; echo "ca-certificates,$*")

archive=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2> /dev/null || true; } | awk '
  $1 == "URIs:" { uri = $2 }
  $1 == "Suites:" && uri != "" && $2 !~ /security/ { print uri, $2; exit }
  $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^(https?|file):/) { if ($(i + 1) !~ /security/) { print $i, $(i + 1); exit } break } }')
[ -n "$archive" ] || { echo "base-image: no Debian archive among the package sources" >&2; exit 1; }
read -r uri suite <<< "$archive"

work=$(mktemp -d /var/tmp/base-image.XXXXXX)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" "$uri" > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
rm -rf "$work"/root/var/{lib/apt/lists,cache/apt,log}/* "$work"/root/usr/share/{doc,man,locale}/*
tar -C "$work/root" --numeric-owner --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* -c . | docker import - "$name" > /dev/null
printf 'base-image: %s, %s MB\n' "$name" "$(($(docker image inspect -f '{{.Size}}' "$name") / 1000000))"
