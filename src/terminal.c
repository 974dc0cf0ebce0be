/* SPDX-License-Identifier: MIT */
#include <sys/ioctl.h>

#include "terminal.h"

int
terminal_columns(int fd)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}
