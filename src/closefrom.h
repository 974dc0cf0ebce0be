/* SPDX-License-Identifier: MIT */
/* Lets exec close every descriptor from `first` on. Async-signal-safe. */
#ifndef LUNIK_CLOSEFROM_H
#define LUNIK_CLOSEFROM_H

/* -1 with errno: the kernel has no close_range(2) and /proc is not there. */
int closefrom_exec(int first);

#endif
