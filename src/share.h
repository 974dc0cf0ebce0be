/* SPDX-License-Identifier: MIT */
/* A host directory made safe to export: in a mount namespace of the calling
 * process it appears, with everything mounted below it, at a fixed place that
 * needs no quoting. What is readonly is so for submounts too; set-user-ID bits
 * and device nodes are dead; later mounts of the host's do not show up. Or a
 * single file, in a directory of its own with nothing else in it: read-only,
 * whatever becomes of its name. */
#ifndef LUNIK_SHARE_H
#define LUNIK_SHARE_H

#include <stdbool.h>

#define SHARE_FILE "file"

struct share {
	const char *from;       /* any bytes; NULL: the directory `from_fd` */
	int from_fd;
	const char *file;       /* instead: absolute; what is there has to be … */
	int file_fd;            /* … this, which is open. It appears as SHARE_FILE */
	const char *at;         /* absolute, an empty directory */
	bool readonly;
	bool user;              /* in a user namespace where the caller is root,
	                         * for callers who are not */
	int userns;             /* with `user`: that one, whose map is written; 0: a
	                         * new one, where root is the caller and nobody
	                         * else is known */
	int idmap;              /* a user namespace through whose map owners of files
	                         * are seen, mount_setattr(2); 0: as they are. Takes
	                         * privileges over the file system */
};

/* Moves the process there for good and chdirs to /. Async-signal-safe: for a
 * child between fork and exec. -1 with errno and the name of the call. */
int share_enter(const struct share *s, const char **call);

#endif
