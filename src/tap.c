/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "tap.h"

int
tap_open(char name[IFNAMSIZ], bool vnet_hdr, struct err *e)
{
	struct ifreq req = { 0 };
	int fd;

	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, "open /dev/net/tun");
	memcpy(req.ifr_name, name, IFNAMSIZ);
	req.ifr_flags = (short)(IFF_TAP | IFF_NO_PI |
	                        (vnet_hdr ? IFF_VNET_HDR : 0));
	if (ioctl(fd, TUNSETIFF, &req) < 0) {
		err_sys(e, "tap %.*s", IFNAMSIZ, name);
		close(fd);
		return -1;
	}
	memcpy(name, req.ifr_name, IFNAMSIZ);
	return fd;
}
