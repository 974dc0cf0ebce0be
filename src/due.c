/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "due.h"

#define SECOND INT64_C(1000000000)

int64_t
due_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec;
}

int64_t
due_after(double seconds)
{
	if (seconds >= 1e9)
		return DUE_NEVER;
	if (seconds <= 0)
		return 0;
	return due_now() + (int64_t)(seconds * (double)SECOND);
}

int
due_wait(int fd, short events, int64_t due, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = events };
	struct timespec t;
	int64_t left;
	int n;

	do {
		left = due == DUE_NEVER ? 0 : due - due_now();
		if (left < 0)
			left = 0;
		t.tv_sec = left / SECOND;
		t.tv_nsec = left % SECOND;
		n = ppoll(&p, 1, due == DUE_NEVER ? NULL : &t, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, "poll");
	return n;
}
