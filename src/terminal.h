/* SPDX-License-Identifier: MIT */
/* How large a terminal is, by its own word (ioctl_tty(2), TIOCGWINSZ). */
#ifndef LUNIK_TERMINAL_H
#define LUNIK_TERMINAL_H

struct terminal_size {
	int columns, rows;      /* 0: it does not know */
};

/* Nothing is changed where fd is no terminal. */
void terminal_size(int fd, struct terminal_size *size);

#endif
