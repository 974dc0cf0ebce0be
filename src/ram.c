/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ram.h"

int
ram_new(const char *name, int64_t bytes, bool sealable, struct err *e)
{
	int fd = memfd_create(name, MFD_CLOEXEC |
	                            (sealable ? MFD_ALLOW_SEALING : 0));

	if (fd < 0)
		return err_sys(e, "memory %s", name);
	if (ftruncate(fd, bytes) == 0)
		return fd;
	err_sys(e, "memory %s", name);
	close(fd);
	return -1;
}

#define SEALS (F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)

int
ram_seal(int fd, struct err *e)
{
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return err_sys(e, "seal memory");
	return 0;
}

bool
ram_is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & SEALS) == SEALS;
}
