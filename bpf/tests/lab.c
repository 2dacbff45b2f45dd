// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lab.h"

static const struct {
	const char *name, *v4, *v6;
} hosts[HOST_MAX] = {
	[NOBODY] = { "NOBODY", "0.0.0.0", "::" },
	[NODE] = { "NODE", "192.168.50.10", "2001:db8:50::10" },
	[NODE_1] = { "NODE_1", "192.168.60.10", "2001:db8:60::10" },
	[GW] = { "GW", "192.168.50.1", "2001:db8:50::1" },
	[PEER_NODE] = { "PEER_NODE", "192.168.50.11", "2001:db8:50::11" },
	[SIDE_NODE] = { "SIDE_NODE", "192.168.60.12", "2001:db8:60::12" },
	[CLIENT] = { "CLIENT", "198.51.100.7", "2001:db8:100::7" },
	[CLIENT_2] = { "CLIENT_2", "198.51.100.8", "2001:db8:100::8" },
	[WORLD] = { "WORLD", "203.0.113.44", "2001:db8:113::44" },
	[POD_A] = { "POD_A", "10.244.1.2", "fd00:244:1::2" },
	[POD_B] = { "POD_B", "10.244.1.3", "fd00:244:1::3" },
	[POD_C] = { "POD_C", "10.244.1.4", "fd00:244:1::4" },
	[FAR_POD] = { "FAR_POD", "10.244.2.2", "fd00:244:2::2" },
	[FAR_POD_2] = { "FAR_POD_2", "10.244.2.3", "fd00:244:2::3" },
	[SIDE_POD] = { "SIDE_POD", "10.244.3.2", "fd00:244:3::2" },
	[SILENT] = { "SILENT", "10.244.4.2", "fd00:244:4::2" },
	[LOST] = { "LOST", "10.244.9.2", "fd00:244:9::2" },
	[VIP] = { "VIP", "10.96.0.10", "fd00:96::10" },
	[VIP_2] = { "VIP_2", "10.96.0.20", "fd00:96::20" },
	[EXT_IP] = { "EXT_IP", "203.0.113.80", "2001:db8:113::80" },
	[LB_IP] = { "LB_IP", "203.0.113.90", "2001:db8:113::90" },
	[BRIDGED] = { "BRIDGED", "10.244.1.9", "fd00:244:1::9" },
	[LINK_A] = { "LINK_A", "169.254.7.2", "fe80::2" },
	[LINK_B] = { "LINK_B", "169.254.7.9", "fe80::9" },
	[GROUP] = { "GROUP", "224.0.0.251", "ff02::fb" },
	[ANYBODY] = { "ANYBODY", "255.255.255.255", "ff02::1:2" },
};

struct addr addr_of(int family, enum host host)
{
	struct addr a = {};

	inet_pton(family, family == AF_INET ? hosts[host].v4 : hosts[host].v6, a.b);
	return a;
}

const char *host_name(enum host host)
{
	return hosts[host].name;
}

struct mac dev_mac(uint32_t ifindex)
{
	return (struct mac){ { 2, 0, 0, 0, 0, ifindex } };
}

struct mac host_mac(enum host host)
{
	return (struct mac){ { 2, 0, 0, 0, 1, host } };
}

static int sh(const char *format, ...)
{
	char command[512];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	status = system(command);
	if (status)
		fprintf(stderr, "lab: `%s` failed with status %d\n", command, status);
	return status ? -1 : 0;
}

static int sysctl_set(const char *path, const char *value)
{
	FILE *f = fopen(path, "w");

	if (!f || fputs(value, f) < 0 || fclose(f)) {
		fprintf(stderr, "lab: cannot write %s: %s\n", path, strerror(errno));
		return -1;
	}
	return 0;
}

static int link_add(const char *name, uint32_t ifindex)
{
	struct mac m = dev_mac(ifindex);

	return sh("ip link add %s index %u address %02x:%02x:%02x:%02x:%02x:%02x up type veth "
	          "peer name %sp && ip link set %sp up",
	          name, ifindex, m.b[0], m.b[1], m.b[2], m.b[3], m.b[4], m.b[5], name, name);
}

static int neighbour_add(enum host host, const char *dev)
{
	struct mac m = host_mac(host);
	char lladdr[18];

	snprintf(lladdr, sizeof(lladdr), "%02x:%02x:%02x:%02x:%02x:%02x", m.b[0], m.b[1], m.b[2],
	         m.b[3], m.b[4], m.b[5]);
	return sh("ip neigh add %s lladdr %s dev %s nud permanent && "
	          "ip neigh add %s lladdr %s dev %s nud permanent",
	          hosts[host].v4, lladdr, dev, hosts[host].v6, lladdr, dev);
}

static int pod_add(enum host host, const char *dev)
{
	return sh("ip route add %s dev %s && ip route add %s dev %s", hosts[host].v4, dev,
	          hosts[host].v6, dev) ||
	       neighbour_add(host, dev);
}

static int devices_add(void)
{
	return sh("ip link set lo up") || link_add("up0", UP0) || link_add("up1", UP1) ||
	       link_add("trunk", TRUNK) || link_add("poda", PODA) || link_add("podb", PODB) ||
	       link_add("podc", PODC) ||
	       sh("ip link set up1p mtu 9000 && ip link set up1 mtu 9000") ||
	       sh("ip addr add 192.168.50.10/24 dev up0 && "
	          "ip addr add 192.168.60.10/24 dev up1 && "
	          "ip addr add 2001:db8:50::10/64 dev up0 nodad && "
	          "ip addr add 2001:db8:60::10/64 dev up1 nodad");
}

static int routes_add(void)
{
	return sh("ip route add default via 192.168.50.1 && "
	          "ip route add 10.244.2.0/24 via 192.168.50.11 && "
	          "ip route add 10.244.3.0/24 via 192.168.60.12 && "
	          "ip route add 10.244.4.0/24 via 192.168.50.44 && "
	          "ip route add unreachable 10.244.9.0/24") ||
	       sh("ip route add default via 2001:db8:50::1 && "
	          "ip route add fd00:244:2::/64 via 2001:db8:50::11 && "
	          "ip route add fd00:244:3::/64 via 2001:db8:60::12 && "
	          "ip route add fd00:244:4::/64 via 2001:db8:50::44 && "
	          "ip route add unreachable fd00:244:9::/64");
}

int lab_open(void)
{
	if (unshare(CLONE_NEWNET)) {
		fprintf(stderr, "lab: cannot make a network namespace (needs root): %s\n",
		        strerror(errno));
		return -1;
	}
	/* Without duplicate address detection routes are usable at once. */
	if (sysctl_set("/proc/sys/net/ipv6/conf/default/accept_dad", "0") ||
	    sysctl_set("/proc/sys/net/ipv4/ip_forward", "1") ||
	    sysctl_set("/proc/sys/net/ipv6/conf/all/forwarding", "1") || devices_add() ||
	    routes_add() || neighbour_add(GW, "up0") || neighbour_add(PEER_NODE, "up0") ||
	    neighbour_add(SIDE_NODE, "up1") || pod_add(POD_A, "poda") || pod_add(POD_B, "podb") ||
	    pod_add(POD_C, "podc") || pod_add(BRIDGED, "podc"))
		return -1;
	return 0;
}
