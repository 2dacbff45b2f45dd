#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the container image: made twice it is the same; confined as the DaemonSet confines it, it carries
# requests. The group "image" of deploy/verify runs it.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/lib/check.sh"

TOPIC=image
OUT=$ROOT/target/image
# The oldest part of the list of classes may go stale before start-up suffers.
ENOUGH_ARCHIVED=85

# twice: from two places, by users of other habits.
twice() {
  local copy=$OUT/copy
  mkdir -p "$OUT"
  (
    umask 077
    rm -rf "$copy"
    cp -r "$ROOT/target/millrace" "$copy"
    TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$ROOT/deploy/image/build" "$copy" "$OUT/again.tar" >/dev/null
  ) &
  "$ROOT/deploy/image/build" "$ROOT/target/millrace" "$OUT/check.tar" >/dev/null
  wait $!
  rm -rf "$copy"
  expect "made twice, the same digest" "$(sha256sum <"$OUT/check.tar")" "$(sha256sum <"$OUT/again.tar")"
}

# layout: what registries and runtimes read.
layout() {
  local manifest config
  manifest=blobs/sha256/$(image_json "$OUT/check.tar" index.json '.manifests[0].digest | ltrimstr("sha256:")')
  config=blobs/sha256/$(image_json "$OUT/check.tar" "$manifest" '.config.digest | ltrimstr("sha256:")')
  expect "entrypoint and command" "/opt/millrace/bin/millrace agent 0:0" \
    "$(image_json "$OUT/check.tar" "$config" '.config | [.Entrypoint[], .Cmd[], .User] | join(" ")')"
  expect "every blob has its digest for a name, and nothing else is in it" "" "$(blobs_wrong)"
  expect "layers in the order of the manifest have the digests of the configuration" \
    "$(image_json "$OUT/check.tar" "$config" '.rootfs.diff_ids[]')" "$(plain_digests)"
  expect "all files are root's" "0/0" "$(list_files | awk '{ print $2 }' | sort -u)"
  expect "no shell" "" "$(list_files | grep -E '/(ba|da|)sh$')"
}

blobs_wrong() {
  local blob
  tar --list --file "$OUT/check.tar" | grep '^blobs/sha256/.' | while read -r blob; do
    tar --extract --to-stdout --file "$OUT/check.tar" "$blob" | sha256sum | grep -q "^${blob##*/} " ||
      echo "$blob"
  done
}

plain_digests() {
  local layer
  image_layers "$OUT/check.tar" | while read -r layer; do
    tar --extract --to-stdout --file "$OUT/check.tar" "$layer" | gunzip | sha256sum
  done | sed 's/\(.*\) .*/sha256:\1/; s/ *$//'
}

list_files() {
  local layer
  image_layers "$OUT/check.tar" | while read -r layer; do
    tar --extract --to-stdout --file "$OUT/check.tar" "$layer" |
      tar --list --verbose --numeric-owner --gzip
  done
}

# capabilities PID: in words, as setpriv has them.
capabilities() {
  local bits bit names=()
  local -A name_of=([12]=net_admin [21]=sys_admin [38]=perfmon [39]=bpf)
  bits=$((16#$(sed -n 's/^CapEff:\t//p' "/proc/$1/status")))
  for ((bit = 0; bit < 64; bit++)); do
    if ((bits >> bit & 1)); then names+=("${name_of[$bit]:-bit $bit}"); fi
  done
  sorted "${names[@]}"
}

sorted() { printf '%s\n' "$@" | sort | paste -sd ' '; }

confined() {
  local pid=${AGENT_PID[node-a]}
  expect "of the capabilities it has those of the DaemonSet" "$(sorted ${LAB_CAPABILITIES//,/ })" \
    "$(capabilities "$pid")"
  expect "its root and /proc/sys are read-only" "ro ro" \
    "$(awk '$5 == "/" || $5 == "/proc/sys" { print substr($6, 1, 2) }' "/proc/$pid/mountinfo" | paste -sd' ')"
  expect "all that it runs is of the image" "" \
    "$(awk '$6 ~ /^\// { print $6 }' "/proc/$pid/maps" | sort -u |
      while read -r file; do [[ -e $LAB_ROOTFS$file ]] || echo "$file"; done)"
}

# archived: of the classes that the agent loaded, how many of a hundred came out of the archive.
archived() {
  awk '/source: shared objects file/ { archived++ } / source: / && !/Lambda|0x/ { all++ }
    END { print all ? int(archived * 100 / all) : 0 }' "$(node_dir node-a)/classes.log"
}

# launcher: what it says where there is no Java for it.
launcher() {
  local old=$OUT/java-11 millrace=$ROOT/target/millrace/bin/millrace
  mkdir -p "$old/bin"
  install -m 755 /dev/null "$old/bin/java"
  echo 'JAVA_VERSION="11.0.2"' >"$old/release"
  expect "a JAVA_HOME that is none is named" "millrace: JAVA_HOME is /none, but /none/bin/java is no program" \
    "$(JAVA_HOME=/none "$millrace" 2>&1)"
  expect "no Java at all" "millrace: no java in PATH: install a JRE 17 or newer, or set JAVA_HOME" \
    "$(env -u JAVA_HOME PATH=/none "$millrace" 2>&1)"
  expect "a Java that is too old is refused" \
    "millrace: $old/bin/java is version 11: Java 17 or newer is needed" "$(JAVA_HOME=$old "$millrace" 2>&1)"
  rm -rf "$old"
}

# Metrics that are there while there is something to tell: problems, and an API server that is followed.
DASHBOARD_AT_TIMES='^millrace_(problems|source_silent_seconds)$'

# dashboard: every metric that the chart's dashboard asks for is one that the agent has.
dashboard() {
  local there
  there=$(lab_in node-a curl -fsS http://127.0.0.1:10249/metrics | sed -nE 's/^# TYPE ([^ ]+) .*/\1/p')
  expect "the agent has the metrics of the dashboard" "" \
    "$(jq -r '.panels[].targets[].expr' "$ROOT/deploy/chart/millrace/files/dashboard.json" |
      sed 's/"[^"]*"//g' | grep -oE '(millrace|kubeproxy|process)_[a-z_]+' | sed 's/_bucket$//' | sort -u |
      grep -vE "$DASHBOARD_AT_TIMES" | grep -vxF "$there")"
}

# takes_over: as from a pod of `kubectl debug node/…`, with the node's own tools.
takes_over() {
  lab_in node-a nft add table ip kube-proxy
  expect "takeover removes kube-proxy's tables by the node's nft" "removed nftables: the table ip kube-proxy" \
    "$(LAB_CAPABILITIES=$LAB_CAPABILITIES,sys_chroot lab_in node-a "$MILLRACE" takeover --host-root /host \
      --run-dir "$(node_dir node-a)/run" | grep '^removed')"
  expect "… and they are gone" "" "$(lab_in node-a nft list tables | grep kube-proxy)"
}

carries() {
  local before file
  for file in cluster pods; do everywhere "$file.yaml" <"$ROOT/deploy/demo/$file.yaml"; done
  service web 10 'type: NodePort' 'nodePort: 30010' >"$LAB_DIR/service"
  { cat "$LAB_DIR/service"; endpoints web web-1 web-3; } | everywhere web.yaml
  MILLRACE_JAVA_OPTS=-Xlog:class+load:file=$(node_dir node-a)/classes.log agent_spawn node-a
  agent_wait node-a
  pass "an agent that reads a folder becomes synced"
  mkdir -p "$(api_manifests)"
  cp "$(node_manifests node-b)"/* "$(api_manifests)"
  api_start node-b 127.0.0.1 --tls
  agent_start node-b
  pass "an agent that follows an API server by TLS becomes synced"
  confined
  if (($(archived) >= ENOUGH_ARCHIVED)); then
    pass "$(archived) % of its classes come out of the archive"
  else
    fail "$ENOUGH_ARCHIVED % of its classes come out of the archive" \
      "$(archived) %: run deploy/image/train"
  fi
  for family in 4 6; do
    expect "IPv$family: a pod is answered by both endpoints" "web-1 web-3" \
      "$(ask web-2 "$(vip 10 "$family")" 80 --count 48 | awk '{ print $1 }' | sort -u | paste -sd' ')"
    expect "IPv$family: a client outside, too" "web-1 web-3" \
      "$(ask client "$(lab_addr node-a "$family")" 30010 --count 48 | awk '{ print $1 }' | sort -u |
        paste -sd' ')"
  done
  dashboard
  takes_over
  API_MACHINE=''
  agent_end node-a TERM
  agent_start node-a
  before=$(jq .entries_written <<<"$SYNCED_STATUS")
  expect "a container started anew finds all in force" 0 "$before"
  agent_end node-a TERM
  check "cleanup takes all of it away" agent_cleanup node-a
  expect "nothing is pinned any more" "" "$(find "$(node_dir node-a)/bpffs" -type f ! -name '*.debug')"
}

require_root
launcher
twice
layout
LAB_IMAGE=$OUT/check.tar
lab_begin
lab_cluster
expect "millrace --version" "$("$ROOT/target/millrace/bin/millrace" --version)" "$("$MILLRACE" --version)"
carries
figures image
