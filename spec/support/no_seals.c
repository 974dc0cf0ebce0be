/* SPDX-License-Identifier: MIT */
/* Preloaded, makes a kernel on which no memory can be sealed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

static int
pass(const char *name, int fd, int command, void *argument)
{
	int (*real)(int, int, ...) = (int (*)(int, int, ...))dlsym(RTLD_NEXT, name);

	if (command != F_ADD_SEALS)
		return real(fd, command, argument);
	errno = EINVAL;
	return -1;
}

#define PASS(name) \
int \
name(int fd, int command, ...) \
{ \
	va_list ap; \
	void *argument; \
\
	va_start(ap, command); \
	argument = va_arg(ap, void *); \
	va_end(ap); \
	return pass(#name, fd, command, argument); \
}

PASS(fcntl)
PASS(fcntl64)
