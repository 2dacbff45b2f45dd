# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Debian's cloud kernels, downloaded once into target/kernels/<line>/ and unpacked there; nothing is
# installed. `rm -rf target/kernels` lets the next run take newer ones. Sourced.

KERNELS=$ROOT/target/kernels
# A line of kernels: what its versions begin with, and where Debian has the latest of it.
declare -A KERNEL_VERSIONS=([6.1]='6\.1\.' [6.12]='6\.12\.' [newest]='[0-9]+\.')
# shellcheck disable=SC2034 # read by the callers
KERNEL_LINES=(6.1 6.12 newest)
DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg

# The mirror that this machine uses, if it is Debian's.
debian_mirror() {
  local site
  site=$(apt-get indextargets --format '$(SITE)' 'Identifier: Packages' 'Origin: Debian' 2>/dev/null |
    grep '/debian/*$' | head -n 1) || :
  echo "${site:-http://deb.debian.org/debian}"
}

# Lists of our own, so that this machine's are neither needed nor touched.
debian_sources() {
  local mirror=$1
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: amd64\nSigned-By: %s\n\n' \
    "$mirror-security" "bookworm-security trixie-security" "$DEBIAN_KEYS" \
    "$mirror" trixie-backports "$DEBIAN_KEYS"
}

debian_apt() {
  local tool=$1 apt=$KERNELS/apt
  shift
  "$tool" -q -o APT::Architecture=amd64 -o APT::Sandbox::User=root -o Acquire::Languages=none \
    -o Acquire::Retries=3 -o Dir::State="$apt/state" -o Dir::State::status=/dev/null \
    -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/kernels.sources" \
    -o Dir::Etc::sourceparts=- "$@"
}

debian_update() {
  local apt=$KERNELS/apt
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
  debian_sources "$(debian_mirror)" >"$apt/kernels.sources"
  debian_apt apt-get -o APT::Update::Error-Mode=any update
}

# kernel_package LINE: the image of its newest version.
kernel_package() {
  debian_apt apt-cache search --names-only "^linux-image-${KERNEL_VERSIONS[$1]}.*[0-9]-cloud-amd64\$" |
    sed 's/ .*//' | sort -V | tail -n 1
}

# kernel_parts IMAGE: the packages that hold it; since 7.3 the image is split.
kernel_parts() {
  echo "$1"
  debian_apt apt-cache depends --important "$1" |
    sed -nE 's/^ *Depends: (linux-(binary|modules)-.*)/\1/p'
}

kernel_download() {
  local line=$1 folder=$KERNELS/$1 image deb
  image=$(kernel_package "$line")
  [[ $image ]] || { warn "the mirror has no image of a kernel $line"; return 1; }
  rm -rf "$folder"
  mkdir -p "$folder/deb" "$folder/unpacked"
  # shellcheck disable=SC2046 # one word each
  (cd "$folder/deb" && debian_apt apt-get download $(kernel_parts "$image")) || return 1
  for deb in "$folder"/deb/*.deb; do dpkg -x "$deb" "$folder/unpacked" || return 1; done
  rm -rf "$folder/deb"
  # Since 7.3 modules lie below /usr.
  [[ -d $folder/unpacked/lib/modules ]] || ln -s usr/lib "$folder/unpacked/lib"
  kernel_image "$line" >/dev/null && touch "$folder/unpacked/complete"
}

kernel_release() { (cd "$KERNELS/$1/unpacked/lib/modules" && ls); }

kernel_image() {
  find "$KERNELS/$1/unpacked/" -name 'vmlinuz*' -type f | grep .
}

# kernels_fetch LINE…: what is missing of them.
kernels_fetch() {
  local line missing=()
  for line; do
    [[ -e $KERNELS/$line/unpacked/complete ]] || missing+=("$line")
  done
  ((${#missing[@]})) || return 0
  note "Downloading Debian's cloud kernels (once): ${missing[*]}."
  quietly "$ROOT/target/log/kernels-apt.log" debian_update ||
    { warn "cannot reach Debian's mirror $(debian_mirror): the kernels that are not in target/kernels \
yet have to be downloaded from there"; return 1; }
  for line in "${missing[@]}"; do
    quietly "$ROOT/target/log/kernels-$line.log" kernel_download "$line" ||
      { warn "cannot download the kernel $line"; return 1; }
  done
}
