# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Agents that run from the container image LAB_IMAGE, confined as the DaemonSet confines them: any test can
# be run so, as in LAB_IMAGE=target/image/millrace-0.1.0-amd64.tar deploy/e2e/restart.sh

# image_json IMAGE FILE [FILTER]: something that the image says in JSON.
image_json() { tar --extract --to-stdout --file "$1" "$2" | jq -r "${3:-.}"; }

# image_layers IMAGE: their blobs, the lowest first.
image_layers() { image_json "$1" manifest.json '.[0].Layers[]'; }

# image_unpack IMAGE FOLDER
image_unpack() {
  local layer
  mkdir -p "$2"
  while read -r layer; do
    tar --extract --to-stdout --file "$1" "$layer" | tar --extract --gzip --directory "$2"
  done < <(image_layers "$1")
}

# daemonset_capabilities: what the manifest gives the agent, as setpriv names them.
daemonset_capabilities() {
  sed -nE 's/^ +add: \[(.*)\]$/\L\1/p' "$ROOT/deploy/kubernetes/millrace.yaml" | tr -d ' '
}

# container_prepare: from here on MILLRACE is the image's.
container_prepare() {
  LAB_ROOTFS=$LAB_DIR/rootfs
  image_unpack "$LAB_IMAGE" "$LAB_ROOTFS"
  # The nodes' folders of network namespaces link to /run/netns.
  LAB_VOLUMES="$LAB_DIR /run/netns /sys/fs/cgroup"
  LAB_CAPABILITIES=$(daemonset_capabilities)
  LAB_READ_ONLY="/run/netns $CGROUP_ROOT"
  MILLRACE=$ROOT/deploy/lab/container
  export LAB_ROOTFS LAB_VOLUMES LAB_READ_ONLY LAB_CAPABILITIES MILLRACE
}

# container_bpffs FOLDER: as systemd mounts one on a node: a mount that the agent made would end with it.
container_bpffs() { mountpoint -q "$1" || mount -t bpf millrace "$1"; }
