/* SPDX-License-Identifier: MIT */
/* One failure by value: an errno and a message saying what was attempted, on
 * what, and why. The engine fills it and returns -1; it never prints. */
#ifndef LUNIK_ERR_H
#define LUNIK_ERR_H

struct err {
	int code;               /* an errno; 0 is never stored by a failure */
	char text[512];         /* always terminated; cut, never overflowed */
};

/* Both return -1, so that `return err_set(e, …)` is the whole error path. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* As err_set, with the errno of the moment and ": its text" appended. */
int err_sys(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
