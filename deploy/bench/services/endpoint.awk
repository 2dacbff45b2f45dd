# SPDX-License-Identifier: Apache-2.0
# Endpoints as the lists of services have them: ADDRESS:PORT, [ADDRESS]:PORT for IPv6.

function endpoint_address(endpoint) {
  sub(/:[0-9]+$/, "", endpoint)
  gsub(/[][]/, "", endpoint)
  return endpoint
}

# Something that names it in identifiers.
function endpoint_name(endpoint,    port) {
  port = endpoint
  sub(/.*:/, "", port)
  endpoint = endpoint_address(endpoint)
  gsub(/:/, ".", endpoint)
  return endpoint "/" port
}
