# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# An image in the layout of the OCI image specification 1.0, with the index that older `docker load` wants.

digest() { sha256sum <"$1" | cut -d ' ' -f 1; }

# blob WORK FILE: the file becomes one; says its digest.
blob() {
  local digest
  digest=$(digest "$2")
  mkdir -p "$1/oci/blobs/sha256"
  mv "$2" "$1/oci/blobs/sha256/$digest"
  printf '%s\n' "$digest"
}

# descriptor WORK DIGEST MEDIA-TYPE
descriptor() {
  jq -nc --arg type "$3" --arg digest "sha256:$2" --argjson size "$(stat -c %s "$1/oci/blobs/sha256/$2")" \
    '{mediaType: $type, digest: $digest, size: $size}'
}

# archive FOLDER: a tar on stdout that says nothing of who packed it, and when.
archive() {
  (cd "$1" && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z |
    tar --create --null --no-recursion --files-from - --format gnu --mtime "@$IMAGE_EPOCH" \
      --owner 0 --group 0 --numeric-owner)
}

# oci_layer WORK NAME: of the folder WORK/NAME; WORK/NAME.plain and .digest are the two digests.
oci_layer() {
  archive "$1/$2" >"$1/layer.tar"
  digest "$1/layer.tar" >"$1/$2.plain"
  gzip -n -6 "$1/layer.tar"
  blob "$1" "$1/layer.tar.gz" >"$1/$2.digest"
}

# oci_config VERSION ARCHITECTURE PLAIN-DIGEST…
oci_config() {
  jq -nc --arg version "$1" --arg arch "$2" --arg home "$HOME_IN_IMAGE" \
    --arg created "$(date -u -d "@$IMAGE_EPOCH" +%FT%TZ)" '{
      created: $created, architecture: $arch, os: "linux",
      config: {
        User: "0:0", WorkingDir: "/",
        Env: ["PATH=\($home)/bin", "LANG=C.UTF-8"],
        Entrypoint: ["\($home)/bin/millrace"], Cmd: ["agent"],
        Labels: {
          "org.opencontainers.image.title": "millrace",
          "org.opencontainers.image.description": "A Kubernetes service proxy on BPF",
          "org.opencontainers.image.version": $version,
          "org.opencontainers.image.licenses": "Apache-2.0"}},
      rootfs: {type: "layers", diff_ids: ($ARGS.positional | map("sha256:\(.)"))},
      history: ($ARGS.positional | map({created: $created, created_by: "deploy/image/build"}))}' \
    --args "${@:3}"
}

# oci_image WORK VERSION ARCHITECTURE LAYER…
oci_image() {
  local work=$1 version=$2 architecture=$3 config manifest layer layers=() plain=()
  shift 3
  for layer; do
    plain+=("$(<"$work/$layer.plain")")
    layers+=("$(<"$work/$layer.digest")")
  done
  oci_config "$version" "$architecture" "${plain[@]}" >"$work/config"
  config=$(blob "$work" "$work/config")
  for layer in "${layers[@]}"; do
    descriptor "$work" "$layer" application/vnd.oci.image.layer.v1.tar+gzip
  done | jq -sc --argjson config "$(descriptor "$work" "$config" application/vnd.oci.image.config.v1+json)" \
    '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: .}' \
    >"$work/manifest"
  manifest=$(blob "$work" "$work/manifest")
  oci_index "$work" "$version" "$manifest"
  jq -nc --arg config "blobs/sha256/$config" --arg tag "millrace:$version" \
    '[{Config: $config, RepoTags: [$tag], Layers: ($ARGS.positional | map("blobs/sha256/\(.)"))}]' \
    --args "${layers[@]}" >"$work/oci/manifest.json"
}

# oci_index WORK VERSION MANIFEST-DIGEST
oci_index() {
  descriptor "$1" "$3" application/vnd.oci.image.manifest.v1+json |
    jq -c --arg version "$2" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [. + {annotations: {
        "org.opencontainers.image.ref.name": $version,
        "io.containerd.image.name": "docker.io/library/millrace:\($version)"}}]}' >"$1/oci/index.json"
  printf '{"imageLayoutVersion":"1.0.0"}' >"$1/oci/oci-layout"
}

# oci_archive WORK OUT: modes and times of the blobs do not count, but for the tar's own digest.
oci_archive() {
  normalise "$1/oci"
  archive "$1/oci" >"$1/image.tar"
  mv "$1/image.tar" "$2"
}
