#!/usr/bin/env bash
# Ensures a directory with etcd, kube-apiserver and kube-controller-manager (and kubectl where found) and prints its
# path as the only line on stdout; progress goes to stderr. Sources, first that has them:
#
#   1. KUBEBUILDER_ASSETS, when set: it must hold all three (envtest's bundles lack kube-controller-manager)
#   2. the per-user cache, ${XDG_CACHE_HOME:-~/.cache}/redis-topology/control-plane/<version>
#   3. the official release binaries, checksummed, when the internet is there
#   4. on Debian 12: built from Debian's own source package (about 5 minutes on two idle cores, once)
#
# Safe to call from several processes at once: one prepares, the others wait for it.
set -euo pipefail

kube_version=v1.33.4
etcd_version=v3.5.21
kube_url=${REDIS_TOPOLOGY_KUBE_RELEASE_URL:-https://dl.k8s.io/release}
etcd_url=${REDIS_TOPOLOGY_ETCD_RELEASE_URL:-https://github.com/etcd-io/etcd/releases/download}
debian_kube=1.20.2                    # what Debian 12 ships; the build below is known to work for it alone
debian_version=v$debian_kube-debian
required=(etcd kube-apiserver kube-controller-manager)

cache=${XDG_CACHE_HOME:-$HOME/.cache}/redis-topology/control-plane

say() { printf 'control-plane: %s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

missing_in() { # directory -> the required binaries it lacks, on stdout
  local binary
  for binary in "${required[@]}"; do [ -x "$1/$binary" ] || printf '%s ' "$binary"; done
}

print_cached() {
  local version
  for version in "$kube_version" "$debian_version"; do
    if [ -d "$cache/$version" ] && [ -z "$(missing_in "$cache/$version")" ]; then
      printf '%s\n' "$cache/$version"
      return 0
    fi
  done
  return 1
}

publish() { # staged directory, version: a rename, so that nobody ever sees half of it
  local lacking
  lacking=$(missing_in "$1")
  [ -z "$lacking" ] || die "the prepared directory lacks: $lacking"
  rm -rf "${cache:?}/$2"
  mv -T "$1" "$cache/$2"
  say "ready: $cache/$2"
}

# --- the official release ---------------------------------------------------------------------------------------------

machine() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64) echo arm64 ;;
    *) return 1 ;;
  esac
}

reachable() { # a bounded attempt; without an answer from the release's host there is "no internet"
  command -v curl > /dev/null && [ "$(uname -s)" = Linux ] && machine > /dev/null &&
    curl -fsSL --connect-timeout 3 --max-time 5 -o /dev/null "$kube_url/$kube_version/bin/linux/$(machine)/kube-apiserver.sha256" 2> /dev/null
}

download() { curl -fsSL --retry 3 --connect-timeout 10 --speed-limit 1024 --speed-time 60 -o "$2" "$1"; }

verify() { # file, sha256
  local actual
  actual=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$actual" = "$2" ] || { say "checksum of ${1##*/} is $actual, published is $2"; return 1; }
}

fetch_release() { # work directory
  local work=$1 arch binary name=
  arch=$(machine)
  mkdir "$work/bin"
  for binary in kube-apiserver kube-controller-manager kubectl; do
    say "downloading $binary $kube_version"
    download "$kube_url/$kube_version/bin/linux/$arch/$binary" "$work/bin/$binary" || return 1
    download "$kube_url/$kube_version/bin/linux/$arch/$binary.sha256" "$work/$binary.sha256" || return 1
    verify "$work/bin/$binary" "$(cut -d' ' -f1 "$work/$binary.sha256")" || return 1
  done
  name=etcd-$etcd_version-linux-$arch
  say "downloading etcd $etcd_version"
  download "$etcd_url/$etcd_version/$name.tar.gz" "$work/$name.tar.gz" || return 1
  download "$etcd_url/$etcd_version/SHA256SUMS" "$work/etcd.sha256" || return 1
  verify "$work/$name.tar.gz" "$(awk -v f="$name.tar.gz" '$2 == f || $2 == "*" f { print $1 }' "$work/etcd.sha256")" || return 1
  tar -xzf "$work/$name.tar.gz" -C "$work" "$name/etcd" || return 1
  mv "$work/$name/etcd" "$work/bin/etcd" || return 1
  chmod +x "$work"/bin/* || return 1
}

# --- Debian's source package ------------------------------------------------------------------------------------------

on_debian_12() { [ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]); }

ensure_tools() { # command:package ...
  local pair lacking=()
  for pair in "$@"; do command -v "${pair%%:*}" > /dev/null || lacking+=("${pair#*:}"); done
  [ ${#lacking[@]} -eq 0 ] && return 0
  [ "$(id -u)" = 0 ] || die "not installed: ${lacking[*]}. As root: apt-get install ${lacking[*]}"
  say "installing ${lacking[*]}"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${lacking[@]}"; } \
    > "$work/install.log" 2>&1 || { tail -n 20 "$work/install.log" >&2; die "could not install ${lacking[*]}"; }
}

debian_sources() { # the system's Debian archives as one-line sources, deb and deb-src; third-party repositories left out
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg file
  {
    # deb822: one stanza per paragraph. A "Signed-By" with an embedded key may hold blank-looking lines (" ."), not empty ones.
    for file in /etc/apt/sources.list.d/*.sources; do
      [ -r "$file" ] || continue
      sed '/^#/d' "$file" | awk 'BEGIN { RS = ""; FS = "\n" } {
        uris = suites = components = ""; enabled = "yes"; key = ""
        for (i = 1; i <= NF; i++) {
          line = $i
          if (line !~ /^[ \t]/) { key = tolower(line); sub(/:.*/, "", key); sub(/^[^:]*:/, "", line) }
          if (key == "uris") uris = uris " " line
          if (key == "suites") suites = suites " " line
          if (key == "components") components = components " " line
          if (key == "enabled") { enabled = tolower(line); gsub(/[ \t]/, "", enabled) }
        }
        if (enabled == "no") next
        n = split(uris, u, /[ \t]+/); m = split(suites, s, /[ \t]+/)
        for (i = 1; i <= n; i++) for (j = 1; j <= m; j++) if (u[i] != "" && s[j] != "") print u[i], s[j], components
      }'
    done
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
      [ -r "$file" ] || continue
      sed -nE 's/#.*//; s/^[ \t]*deb[ \t]+(\[[^]]*\][ \t]+)?//p' "$file"
    done
  } | awk -v keyring="$keyring" '
    # Suites and component as Debian names them; whatever slips through is refused by the keyring.
    $2 ~ /^(bookworm|stable|oldstable)(-updates|-security)?$/ || $2 ~ /^(bookworm|stable|oldstable)\/updates$/ {
      main = 0
      for (i = 3; i <= NF; i++) if ($i == "main") main = 1
      if (main) { print "deb [signed-by=" keyring "] " $1 " " $2 " main"; print "deb-src [signed-by=" keyring "] " $1 " " $2 " main" }
    }' | sort -u
}

build_debian() { # work directory
  local work=$1 source root package log=$1/build.log
  local free
  free=$(df -Pm "$work" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge 4000 ] || die "building needs 4 GB free under $cache, there are $free MB. Set XDG_CACHE_HOME to a roomier place"
  ensure_tools make:make rsync:rsync jq:jq dpkg-source:dpkg-dev patch:patch

  # A private apt: the user's sources, lists and cache stay as they are. Packages are unpacked, not installed.
  mkdir -p "$work"/apt/{lists/partial,cache/archives/partial} "$work"/{bin,deb,go,gopath/src/k8s.io,gocache}
  debian_sources > "$work/apt/sources.list"
  [ -s "$work/apt/sources.list" ] || die "no Debian archive found in /etc/apt/sources.list*: add one with the component main"
  local apt=(-q -o "Dir::Etc::sourcelist=$work/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o "APT::Sandbox::User=$(id -un)")
  say "reading Debian's package lists"
  apt-get "${apt[@]}" update > "$log" 2>&1 || say "some archive did not answer; going on with the others"

  say "fetching Debian's kubernetes source, Go 1.19 and etcd"
  (cd "$work/deb" && apt-get "${apt[@]}" download golang-1.19-go golang-1.19-src golang-github-modern-go-reflect2-dev etcd-server) \
    >> "$log" 2>&1 || { tail -n 20 "$log" >&2; die "could not download Debian packages"; }
  (cd "$work" && apt-get "${apt[@]}" source kubernetes) >> "$log" 2>&1 || { tail -n 20 "$log" >&2; die "could not fetch Debian's kubernetes source"; }
  for package in "$work"/deb/*.deb; do dpkg-deb -x "$package" "$work/go"; done
  cp "$work/go/usr/bin/etcd" "$work/bin/etcd"

  source=$(find "$work" -maxdepth 1 -type d -name 'kubernetes-*')
  case ${source##*/} in
    *"$debian_kube") ;;
    *) die "Debian's source is ${source##*/}; this build is known to work for $debian_kube" ;;
  esac

  # The vendored reflect2 reads runtime internals that Go 1.18 moved: the server would crash. Debian's copy is newer.
  rm -rf "$source/vendor/github.com/modern-go/reflect2"
  cp -rL "$work/go/usr/share/gocode/src/github.com/modern-go/reflect2" "$source/vendor/github.com/modern-go/reflect2"
  # Debian's GOROOT is a tree of links into /usr/share, relative to /usr/lib: it resolves wherever it is unpacked.
  root=$work/go/usr/lib/go-1.19
  ln -s "$source" "$work/gopath/src/k8s.io/kubernetes"

  say "building kube-apiserver and kube-controller-manager $debian_kube (about 5 minutes on two idle cores; log: $log)"
  local started=$SECONDS status=0
  (
    cd "$work/gopath/src/k8s.io/kubernetes"
    export GOROOT=$root GOPATH=$work/gopath GOCACHE=$work/gocache GO111MODULE=off GOFLAGS='' CGO_ENABLED=0 PATH=$root/bin:$PATH
    exec make WHAT="cmd/kube-apiserver cmd/kube-controller-manager" KUBE_GIT_VERSION="v$debian_kube" KUBE_GIT_MAJOR=1 \
      KUBE_GIT_MINOR=20 KUBE_GIT_COMMIT=debian KUBE_GIT_TREE_STATE=clean
  ) >> "$log" 2>&1 9>&- &
  local building=$!
  while kill -0 "$building" 2> /dev/null; do
    for _ in $(seq 30); do kill -0 "$building" 2> /dev/null && sleep 1; done
    say "still building, $((SECONDS - started)) s: $(tail -n 1 "$log" | tr -d '\t' | cut -c 1-100)"
  done
  wait "$building" || status=$?
  [ $status -eq 0 ] || { tail -n 30 "$log" >&2; die "the build failed"; }
  cp "$work/gopath/src/k8s.io/kubernetes/_output/local/go/bin/"kube-{apiserver,controller-manager} "$work/bin/"
}

# ----------------------------------------------------------------------------------------------------------------------

if [ -n "${KUBEBUILDER_ASSETS:-}" ]; then
  absent=$(missing_in "$KUBEBUILDER_ASSETS")
  [ -z "$absent" ] || die "KUBEBUILDER_ASSETS=$KUBEBUILDER_ASSETS lacks: $absent(envtest's bundles have no" \
    "kube-controller-manager: copy the one of the same Kubernetes release there, or unset KUBEBUILDER_ASSETS)"
  (cd "$KUBEBUILDER_ASSETS" && pwd)
  exit 0
fi

print_cached && exit 0

command -v flock > /dev/null || die "flock is missing: install util-linux"
mkdir -p "$cache"
exec 9> "$cache/.lock"
flock -n 9 || { say "another process is preparing the control plane, waiting for it"; flock 9; }
print_cached && exit 0

rm -rf "$cache"/.work.*   # left by a preparation that was killed: nobody else holds the lock
work=$(mktemp -d "$cache/.work.XXXXXX")
trap 'chmod -R u+w "$work" 2> /dev/null; rm -rf "$work"' EXIT

if reachable && fetch_release "$work"; then
  publish "$work/bin" "$kube_version"
elif on_debian_12; then
  rm -rf "${work:?}/bin"
  build_debian "$work"
  publish "$work/bin" "$debian_version"
else
  die "the release binaries could not be downloaded from $kube_url, and this is not Debian 12, where they can be built." \
    "Set KUBEBUILDER_ASSETS to a directory with: ${required[*]}"
fi
print_cached
