/* SPDX-License-Identifier: MIT */
#include <sys/ioctl.h>

#include "terminal.h"

void
terminal_size(int fd, struct terminal_size *size)
{
	struct winsize found;

	if (ioctl(fd, TIOCGWINSZ, &found) < 0)
		return;
	size->columns = found.ws_col;
	size->rows = found.ws_row;
}
