#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bad manifests are reported with file, document and reason, the last good version stays, and all
# others go on.

# shellcheck source=deploy/e2e/lib/check.sh
source "$(dirname "$0")/lib/check.sh"

good() {
  service good 10
  endpoints good web-3
}

problem() {
  agent_status node-a | jq -r --arg file "$1" --argjson document "$2" \
    '[.problems[] | select(.file == $file and .document == $document) | .reason] | first // ""'
}

# reported FILE DOCUMENT: the reason goes to REASON.
reported() {
  REASON=$(problem "$1" "$2")
  [[ -n $REASON ]]
}

# bad FILE DOCUMENT DESCRIPTION: the manifest on stdin is reported, in status and in the log.
# (Fed by redirection: at the end of a pipe it would count in a subshell.)
bad() {
  put_manifest node-a "$1"
  check_await "$3: reported in status" reported "$1" "$2"
  note "      $1 document $2: $REASON"
  check_await "$3: in the log" grep -q "$1" "$(node_dir node-a)/agent.log"
  expect "$3: the others go on" "web-3 $(lab_addr web-1 4)" "$(answer web-1 "$(vip 10 4)" 80 tcp)"
}

slice_of() {
  cat <<YAML
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: bad, namespace: test, labels: {kubernetes.io/service-name: good}}
addressType: $1
ports: [{name: t, protocol: TCP, port: $3}]
endpoints: [{addresses: ["$2"]}]
YAML
}

bad_inputs() {
  bad garbage.yaml 1 "garbage YAML" <<<$'a: [1, 2\nb: }{'
  bad field-type.yaml 2 "a port that is no number, in the second document" \
    < <(good_document && echo --- && service bad 12 | sed 's/port: 80/port: eighty/')
  bad bad-address.yaml 1 "an invalid address" \
    < <(service bad 12 | sed 's/10\.96\.1\.12/10.96.1.999/g')
  bad duplicate-port.yaml 1 "a port given twice" \
    < <(service bad 12 | sed 's/name: u, protocol: UDP/name: v, protocol: TCP/')
  bad wrong-family.yaml 1 "an endpoint of the wrong family" \
    < <(slice_of IPv4 fd00:10:244:2::11 8080)
  bad port-zero.yaml 1 "port 0" < <(service bad 12 | sed 's/port: 80/port: 0/')
}

good_document() {
  cat <<YAML
apiVersion: v1
kind: Namespace
metadata: {name: fine}
YAML
}

# A good object that turns bad stays as it was; mended, it changes.
last_good_stays() {
  bad good.yaml 1 "a good service turned bad" < <(good | sed 's/port: 80}/port: 70000}/')
  { service good 10; endpoints good web-4; } | put_manifest node-a good.yaml
  check_await "mended, the new version is in force" web_4_answers
  check_await "… and no longer reported" not_reported good.yaml
}

web_4_answers() { [[ $(probe web-1 "$(vip 10 4)" 80 tcp) == "web-4 $(lab_addr web-1 4)" ]]; }

not_reported() {
  [[ $(agent_status node-a | jq --arg file "$1" '[.problems[] | select(.file == $file)] | length') == 0 ]]
}

files_removed() {
  local file
  for file in garbage field-type bad-address duplicate-port wrong-family port-zero; do
    drop_manifest node-a "$file.yaml"
  done
  check_await "the bad files removed, no problem is left" no_problems
  drop_manifest node-a good.yaml
  check_await "a removed file's service goes" good_gone
}

no_problems() { [[ $(agent_status node-a | jq '.problems | length') == 0 ]]; }

good_gone() { [[ $(probe web-1 "$(vip 10 4)" 80 tcp) == "timed out" ]]; }

e2e_cluster
good | everywhere good.yaml
agent_start node-a
bad_inputs
last_good_stays
files_removed
e2e_end
