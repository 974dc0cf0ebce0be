/* SPDX-License-Identifier: MIT */
/* How wide a terminal is, by its own word. */
#ifndef LUNIK_TERMINAL_H
#define LUNIK_TERMINAL_H

/* The columns of the terminal on fd; 0 where it is none, or does not know. */
int terminal_columns(int fd);

#endif
