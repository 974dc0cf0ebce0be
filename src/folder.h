/* SPDX-License-Identifier: MIT */
/* Directories that nobody else can have put in the way: a path is walked without
 * following a symbolic link, and what is told of its end is told of what was opened. */
#ifndef LUNIK_FOLDER_H
#define LUNIK_FOLDER_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "err.h"

struct folder {
	uid_t uid;
	mode_t mode;
	bool made;
};

/* The directory at `path`; with `make` its last component is made, 0700, where it is
 * missing. -1: ELOOP for a link anywhere in it, ENOTDIR for what is no directory. */
int folder_look(const char *path, bool make, struct folder *f, struct err *e);

/* Says that `path`, a link itself and not what it leads to, was changed last at that time. */
int folder_touch(const char *path, const struct timespec *at, struct err *e);

/* When what an open descriptor is was changed last; with fd -1 what is at `path`, a link itself
 * unless it is to be followed. */
int folder_changed(int fd, const char *path, bool follow, struct timespec *at, struct err *e);

#endif
