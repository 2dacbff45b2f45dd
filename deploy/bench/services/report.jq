# SPDX-License-Identifier: Apache-2.0
# Reads the samples of a number of services, lines of SERVICES PATH METRIC SYSTEM ROUND VALUE, and
# prints the lines of the bench that is given as $bench. A value is the median of the rounds; a ratio is the median of the
# ratios within the rounds, where both were measured close to each other.

def median: sort | if length % 2 == 1 then .[length / 2 | floor]
  else (.[length / 2 - 1] + .[length / 2]) / 2 end;

def round_to($digits): . * pow(10; $digits) | round / pow(10; $digits);

def unit: { connections: "connections/s", latency_p50: "us", latency_p99: "us", stream: "Gbit/s",
  datagrams: "answers/s",
  datagrams_received: "datagrams/s" }[.] // "events";

# The rule sets beside direct; Millrace beside all of those.
def compared_to: if . == "direct" then [] elif startswith("millrace")
  then ["direct", "nftables", "iptables"] else ["direct"] end;

def line($rows): {
    bench: $bench, case: "\($rows[0].path)/\($rows[0].metric)", system: $rows[0].system,
    services: $rows[0].services, value: ($rows | map(.value) | median | round_to(2)),
    unit: ($rows[0].metric | unit), min: ($rows | map(.value) | min),
    max: ($rows | map(.value) | max), rounds: ($rows | length) };

def ratio($rows; $base): [
    $rows[] as $row | $base[] | select(.round == $row.round and .value > 0) | $row.value / .value];

def compare($rows; $all): ($rows[0].system | compared_to)[] as $to
  | ratio($rows; [$all[] | select(.system == $to)]) | select(length > 0)
  | { ratio_to: $to, ratio: (median | round_to(3)), ratio_min: (min | round_to(3)),
      ratio_max: (max | round_to(3)) };

[inputs | split("\t") | { services: (.[0] | tonumber), path: .[1], metric: .[2], system: .[3],
    round: (.[4] | tonumber), value: (.[5] | tonumber) }]
| group_by([.path, .metric])[] as $all
| $all | group_by(.system)[] as $rows
| if ($rows[0].metric | test("^(failed|lost)_")) then
    line($rows) | select(.max > 0)
  else
    line($rows) as $line
    | if ($rows[0].system == "direct") then $line else $line + compare($rows; $all) end
  end
