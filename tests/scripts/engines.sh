#!/usr/bin/env bash
# Brings newer engines than the system has, from Debian's unstable and experimental archives, into the per-user cache: Valkey 9 and Redis 8, each in a folder that is a whole
# root file system, with a starter beside it. Needs root and debootstrap; quick when all of it is there. Prints the folder. The archive is the one this machine's own package
# sources name.
#
#   <cache>/valkey-9/root            a root file system, for a container
#   <cache>/valkey-9/valkey-server   runs that server here, with the libraries of its root
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/engines

say() { printf 'engines: %s\n' "$*" >&2; }

ready() { [ -x "$cache/$1/$2" ] && "$cache/$1/$2" --version > /dev/null 2>&1; }

mirror() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2> /dev/null || true; } |
    awk '
      $1 == "URIs:" { uri = $2 }
      $1 == "Suites:" && uri != "" && $2 !~ /security/ { print uri; exit }
      $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^(http|https|mirror\+file|file):/) { if ($(i + 1) !~ /security/) { print $i; exit } break } }
    '
}

# A starter, because the libraries of the root are newer than the system's.
starter() { # folder, program
  cat > "$1/$2" << EOF
#!/bin/sh
# Runs $2 of the root file system beside this file.
root=\$(dirname "\$(readlink -f "\$0")")/root
lib=\$(echo "\$root"/usr/lib/*-linux-gnu)
exec "\$(echo "\$lib"/ld-linux-*.so.*)" --argv0 $2 --library-path "\$lib" "\$root/usr/bin/$2" "\$@"
EOF
  chmod +x "$1/$2"
}

install() { # name, suite, packages, programs
  local name=$1 suite=$2 packages=$3 programs=$4 work program
  say "bringing $name"
  work=$(mktemp -d "$cache/.work.XXXXXX")
  if [ ! -d "$cache/base" ]; then
    debootstrap --variant=minbase sid "$work/base" "$archive" > "$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; say "debootstrap failed"; return 1; }
    mv -T "$work/base" "$cache/base"
  fi
  mkdir "$work/$name"
  cp -a "$cache/base" "$work/$name/root"
  printf 'deb %s sid main\ndeb %s experimental main\n' "$archive" "$archive" > "$work/$name/root/etc/apt/sources.list"
  # A mirror may be a copy of an older day. No service is started in there.
  printf '#!/bin/sh\nexit 101\n' > "$work/$name/root/usr/sbin/policy-rc.d"
  chmod +x "$work/$name/root/usr/sbin/policy-rc.d"
  # shellcheck disable=SC2086 # a list of packages
  # In a mount namespace of its own, for a /proc that goes away with it: postinst scripts insist on one.
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount sh -c 'mount -t proc proc "$1/proc" && exec chroot "$1" sh -c "$2"' - "$work/$name/root" "export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o Acquire::Check-Valid-Until=false update && apt-get -qqy -o Dpkg::Use-Pty=0 --no-install-recommends -t $suite install $packages" > "$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; say "no $name from $suite"; rm -rf "$work"; return 1; }
  rm -rf "$work/$name/root/var/lib/apt/lists" "$work/$name/root/var/cache/apt"
  for program in $programs; do starter "$work/$name" "$program"; done
  rm -rf "${cache:?}/$name"
  mv -T "$work/$name" "$cache/$name"
  rm -rf "$work"
  say "$("$cache/$name/${programs%% *}" --version)"
}

mkdir -p "$cache"
printf '%s\n' "$cache"
if ready valkey-9 valkey-server && ready redis-8 redis-server; then exit 0; fi

[ "$(id -u)" = 0 ] || { say "not root: the newer engines are left out"; exit 0; }
command -v debootstrap > /dev/null || { say "no debootstrap: the newer engines are left out"; exit 0; }
archive=$(mirror)
[ -n "$archive" ] || { say "no Debian archive among the package sources: the newer engines are left out"; exit 0; }

exec 9> "$cache/.lock"
flock 9
rm -rf "$cache"/.work.*   # left by a run that was killed: nobody else holds the lock
# What cannot be had is left out: the tests that need it say so.
ready valkey-9 valkey-server || install valkey-9 sid "valkey-server valkey-tools" "valkey-server valkey-cli" || true
# Redis 8.4 and newer are in experimental only.
ready redis-8 redis-server || install redis-8 experimental "redis-server redis-tools" "redis-server redis-cli" || true
