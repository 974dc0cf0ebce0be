/* SPDX-License-Identifier: MIT */
/* A user namespace that nobody works in yet, for an id map to be written: by the
 * caller, or by newuidmap(1), which take the number of a process in it. A child
 * that does nothing is that process. */
#ifndef LUNIK_USERNS_H
#define LUNIK_USERNS_H

#include "err.h"
#include "proc.h"

struct userns {
	int fd;                 /* of the namespace, for setns and mount_setattr */
	struct proc proc;       /* ends with the caller */
};

/* Holding nothing; userns_close makes one again. The namespace lives on as long
 * as anybody is in it, or has its descriptor open. */
void userns_init(struct userns *u);
int userns_open(struct userns *u, struct err *e);
void userns_close(struct userns *u);

#endif
