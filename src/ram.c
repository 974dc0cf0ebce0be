/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>
#include <unistd.h>

#include "ram.h"

int
ram_new(const char *name, int64_t bytes, struct err *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "memory %s", name);
	if (ftruncate(fd, bytes) == 0)
		return fd;
	err_sys(e, "memory %s", name);
	close(fd);
	return -1;
}
