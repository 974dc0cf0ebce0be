/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "err.h"

int
err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
err_sys(struct err *e, const char *fmt, ...)
{
	int code = errno;
	va_list ap;
	char why[128];
	size_t used;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	e->code = code;
	used = n < 0 ? 0 : (size_t)n;
	/* strerror_r, GNU's: the library may be used from several threads */
	if (used < sizeof e->text)
		snprintf(e->text + used, sizeof e->text - used, ": %s",
		         strerror_r(code, why, sizeof why));
	return -1;
}
