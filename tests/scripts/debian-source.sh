#!/usr/bin/env bash
# Sourced by scripts that run other people's tests, after local-cluster.sh: fetches one of Debian's source packages. They bring say() and die().

# With a private apt: the user's sources, lists and cache stay as they are. Where the archive has lost Debian's own part of a package, the original alone is unpacked.
fetch_source() { # package, folder that its sources become
  local file package=$1 target=$2 at="$folder/fetch-$1" apt
  apt=(-q -o "Dir::Etc::sourcelist=$folder/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache" -o "APT::Sandbox::User=$(id -un)")
  command -v dpkg-source > /dev/null || die "no dpkg-source. Remedy: make deps"
  mkdir -p "$folder"/apt/{lists/partial,cache/archives/partial} "$at" "${target%/*}"
  [ -s "$folder/apt/sources.list" ] || debian_archives
  say "fetching Debian's source of $package"
  [ -n "$(ls "$folder"/apt/lists/*Sources* 2> /dev/null)" ] || apt-get "${apt[@]}" update > "$at.log" 2>&1 || { tail -n 5 "$at.log"; die "Debian's lists of sources could not be fetched"; }
  if ! (cd "$at" && apt-get "${apt[@]}" source "$package") >> "$at.log" 2>&1; then
    for file in "$at"/*.orig.tar.*; do
      tar -C "$at" -xf "$file" 2> /dev/null || { tail -n 5 "$at.log"; die "Debian's source of $package could not be fetched"; }
    done
  fi
  rm -rf "$target"
  mv "$at"/*/ "$target"
}

# The Debian archives among this machine's package sources, as a list of their sources.
debian_archives() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    sed '/^#/d' "$file" | awk 'BEGIN { RS = ""; FS = "\n" } {
      uri = suites = components = ""
      for (i = 1; i <= NF; i++) {
        if (sub(/^URIs: */, "", $i)) uri = $i
        else if (sub(/^Suites: */, "", $i)) suites = $i
        else if (sub(/^Components: */, "", $i)) components = $i
      }
      n = split(suites, suite, / +/)
      if (components ~ /main/) for (i = 1; i <= n; i++) print uri, suite[i]
    }'
  done > "$folder/archives"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    sed -nE 's/#.*//; s/^deb[ \t]+(\[[^]]*\][ \t]+)?([^ \t]+)[ \t]+([^ \t]+)[ \t].*main.*/\2 \3/p' "$file"
  done >> "$folder/archives"
  # Of Debian, and of Debian alone: whatever slips through is refused by its keyring.
  grep -E ' (bookworm|trixie|stable|oldstable)(-updates|-security)?$' "$folder/archives" | sort -u |
    sed 's|.*|deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] & main|' > "$folder/apt/sources.list"
  [ -s "$folder/apt/sources.list" ] || die "no Debian archive among the package sources"
}
