/* SPDX-License-Identifier: MIT */
/* For children, which inherit every descriptor of the host program's. Async-signal-safe. */
#ifndef LUNIK_CLOSEFROM_H
#define LUNIK_CLOSEFROM_H

/* Lets exec close every descriptor from `first` on. -1 with errno: the kernel has no
 * close_range(2) and /proc is not there. */
int closefrom_exec(int first);

/* Closes every descriptor but `fd`, whose number is 0 from then on, so that a child that
 * execs nothing keeps no lock held and no pipe open. */
int closefrom_but(int fd);

#endif
