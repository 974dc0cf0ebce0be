/* SPDX-License-Identifier: MIT */
/* An ethernet tap of the host's, opened for a machine. */
#ifndef LUNIK_TAP_H
#define LUNIK_TAP_H

#include <net/if.h>
#include <stdbool.h>

#include "err.h"

/* The tap `name`, made when there is none; a made one lives as long as the
 * descriptor that is returned. "tap%d" takes the first free number, and `name`
 * then says which. vnet_hdr: packets carry virtio's header, as QEMU likes it. */
int tap_open(char name[IFNAMSIZ], bool vnet_hdr, struct err *e);

#endif
