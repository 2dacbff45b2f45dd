# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The container image: deploy/image.

group_image() {
  local out=$ROOT/target/log/image-check.out
  mkdir -p "$(dirname "$out")"
  timeout --kill-after 30 180 "$ROOT/deploy/image/check.sh" </dev/null 2>&1 |
    tee "$out" | grep -vE '^image: ' || :
  add_figures image "$out"
}
