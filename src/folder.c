/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "folder.h"

#define NO_SYMLINKS 0x04        /* RESOLVE_NO_SYMLINKS, Linux 5.6 */
#define FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

/* linux/openat2.h, which older headers lack */
struct how {
	uint64_t flags, mode, resolve;
};

/* O_PATH with O_DIRECTORY says ENOTDIR of a link, too. */
static int
step(int at, const char *name)
{
	int fd = openat(at, name, FLAGS), code = errno;
	struct stat st;

	if (fd < 0 && code == ENOTDIR &&
	    fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		code = ELOOP;
	errno = code;
	return fd;
}

/* One component after the other, as older kernels and some sandboxes need it. */
static int
walk(char *path)
{
	int fd = openat(AT_FDCWD, *path == '/' ? "/" : ".", FLAGS), next, code;
	char *name, *rest = path;

	while (fd >= 0 && (name = strtok_r(rest, "/", &rest))) {
		next = step(fd, name);
		code = errno;
		close(fd);
		errno = code;
		fd = next;
	}
	return fd;
}

/* Overwrites `path` where it has to walk. */
static int
open_path(char *path)
{
	struct how how = { .flags = FLAGS, .resolve = NO_SYMLINKS };
	long fd = syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);

	if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != ENOTDIR))
		return (int)fd;
	return walk(path);
}

/* Splits the last component off: the descriptor of what is before it. */
static int
open_parent(char *path, char **name)
{
	char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	if (!slash)
		return openat(AT_FDCWD, ".", FLAGS);
	if (slash == path)
		return openat(AT_FDCWD, "/", FLAGS);
	*slash = '\0';
	return open_path(path);
}

static int
look(int at, const char *name, bool make, struct folder *f)
{
	struct stat st;
	int fd, n;

	f->made = false;
	if (make) {
		f->made = mkdirat(at, name, 0700) == 0;
		if (!f->made && errno != EEXIST)
			return -1;
	}
	fd = step(at, name);
	if (fd < 0)
		return -1;
	n = fstat(fd, &st);
	close(fd);
	f->uid = st.st_uid;
	f->mode = st.st_mode & 07777;
	return n;
}

int
folder_look(const char *path, bool make, struct folder *f, struct err *e)
{
	char copy[PATH_MAX], *name;
	int at, n, code;

	errno = !*path ? ENOENT : ENAMETOOLONG;
	if (!*path || strlen(path) >= sizeof copy)
		return err_sys(e, "%s", path);
	strcpy(copy, path);
	at = open_parent(copy, &name);
	if (at < 0)
		return err_sys(e, "%s", path);
	n = look(at, *name ? name : ".", make && *name, f);
	code = errno;
	close(at);
	errno = code;
	return n < 0 ? err_sys(e, "%s", path) : 0;
}

int
folder_touch(const char *path, const struct timespec *at, struct err *e)
{
	struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, *at };

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "%s", path);
	return 0;
}

int
folder_changed(int fd, const char *path, bool follow, struct timespec *at, struct err *e)
{
	struct stat st;
	int n;

	if (fd >= 0)
		n = fstat(fd, &st);
	else
		n = fstatat(AT_FDCWD, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
	if (n < 0)
		return err_sys(e, "%s", path);
	*at = st.st_mtim;
	return 0;
}
