# SPDX-License-Identifier: Apache-2.0
# sed -E -f abi.sed: abi.h and its parts as the next version might have them; next.h says the same in C.
s/^(#define ABI_FLOWS_VERSION +)1$/\12/
s/^(#define ABI_SVCS_VERSION +)4$/\15/
# The agent writes these again.
s/^(#define ABI_ENDPOINTS_VERSION +)1$/\12/
s/^(#define ABI_POLICY_VERSION +)1$/\12/

/^struct flow[46] \{/,/^\};/ {
	s/__u32 seen;/__u32 epoch_;/
	s/__u32 epoch;/__u32 seen;/
	s/__u32 epoch_;/__u32 epoch;/
}
/^struct flow4 \{/,/^\};/ s/__u32 out_ifindex;.*/&\n\t__u32 born, pad3;/
s/^ABI_SIZE\(flow4, 48\)/ABI_SIZE(flow4, 56)/

/^struct svc \{/a\
	__u32 spare;
s/^ABI_SIZE\(svc, 40\)/ABI_SIZE(svc, 44)/
# It holds one of those.
s/^ABI_SIZE\(trace, 152\)/ABI_SIZE(trace, 160)/
