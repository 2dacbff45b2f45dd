# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A fake API server on one of the lab's machines, in place of folders of manifests. Agents that are
# started after it follow it, with no more rights than deploy/kubernetes/rbac.yaml gives them.

API_PORT=6443
API_ADMIN=http://127.0.0.1:6444
API_MACHINE='' # where it runs; empty: there is none

api_dir() { printf '%s/api' "$LAB_DIR"; }

# api_manifests: the folder whose objects it serves.
api_manifests() { printf '%s/api/manifests' "$LAB_DIR"; }

# api_start MACHINE ADDRESS [FLAG…]: ready when this returns.
api_start() {
  local machine=$1 address=$2 dir pid
  dir=$(api_dir)
  shift 2
  mkdir -p "$dir/manifests"
  lab_exec "$machine" java -Xmx1200m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
    -cp "$ROOT/target/test-classes:$ROOT/target/millrace/lib/java/*" \
    io.millrace.fake.api.FakeApiMain --listen "$address:$API_PORT" --admin "${API_ADMIN#http://}" \
    --manifests "$dir/manifests" --kubeconfig "$dir/kubeconfig" --token "lab-$LAB_ID" \
    --rbac "$ROOT/deploy/kubernetes/rbac.yaml" "$@" >"$dir/agent.log" 2>&1 </dev/null &
  pid=$!
  if ! await 60 test -s "$dir/kubeconfig"; then
    tail -n 20 "$dir/agent.log" >&2
    kill "$pid" 2>/dev/null || :
    die "the fake API server did not start; its log is above"
  fi
  API_MACHINE=$machine
}

# api_tell COMMAND: such as stop?end=RESET; see FakeApiControl.
api_tell() { lab_in "$API_MACHINE" curl -fsS --max-time 20 "$API_ADMIN/_fake/$1"; }

# api_put FILE: the text on stdin becomes objects of the server, in one step.
api_put() {
  local dir
  dir=$(api_manifests)
  cat >"$dir/.$1.new"
  mv "$dir/.$1.new" "$dir/$1"
}

# api_drop FILE: its objects are deleted.
api_drop() { rm "$(api_manifests)/$1"; }
