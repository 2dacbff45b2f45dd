# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What the tests of policies share: pods with labels, policies, and whether a request arrives.

# pods [LABEL=VALUE]: the lab's pods as objects; the label is web-1's.
# shellcheck disable=SC2120 # called with a label by some tests
pods() {
  local labels='{app: asks}'
  if (($#)); then labels="{app: asks, ${1/=/: }}"; fi
  {
    pod_object web-1 "$labels" '{name: web, containerPort: 8080}'
    pod_object web-2 '{app: asks, role: friend}' '{name: web, containerPort: 8080}'
    pod_object web-3 '{app: web}' '{name: web, containerPort: 8080}'
    pod_object web-4 '{app: web, role: other}' '{name: web, containerPort: 8080}'
  } | everywhere pods.yaml
}

# policy_cluster: the demo's cluster, with labels of this page in place of the demo's.
policy_cluster() {
  e2e_cluster
  # The client reaches pods by their own addresses, too.
  lab_route client 1
  lab_route client 2
  printf 'apiVersion: v1\nkind: Namespace\nmetadata: {name: test, labels: {kubernetes.io/metadata.name: test}}\n' |
    everywhere namespace.yaml
  pods
}

# policies [MANIFEST…]: just these are there.
policies() { printf '%s\n' "$@" | everywhere policies.yaml; }

answers_are() { [[ $(probe "$1" "$2" "$3" "$4") == [a-z]*" "[0-9a-f]* ]]; }
# Long enough for one SYN, twice: one that is lost proves nothing.
is_silent() {
  for _ in 1 2; do
    [[ $(answer "$1" "$2" "$3" "$4" --timeout 600) == "timed out" ]] || return 1
  done
}

# to_is allowed|denied WHAT MACHINE ADDRESS PORT PROTO: soon, and then it stays so.
to_is() {
  local test=answers_are
  if [[ $1 == denied ]]; then test=is_silent; fi
  check_await "$2" "$test" "${@:3}"
}

# allowed_is WHAT MACHINE TO FAMILY PORT PROTO
allowed_is() { to_is allowed "$1" "$2" "$(lab_addr "$3" "$4")" "$5" "$6"; }
denied_is() { to_is denied "$1" "$2" "$(lab_addr "$3" "$4")" "$5" "$6"; }

# every_way WHAT are_allowed|are_denied MACHINE TO PORT: in both families, of TCP and UDP.
every_way() {
  local what=$1 test=$2
  shift 2
  with_all_at_once "$test" "$what" "$@"
}

are_allowed() { allowed_is "$3, IPv$1 $2" "$4" "$5" "$1" "$6" "$2"; }
are_denied() { denied_is "$3, IPv$1 $2" "$4" "$5" "$1" "$6" "$2"; }
