/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "refuse.h"
#include "share.h"

static int
write_file(const char *path, const char *s)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, s, strlen(s));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* "0 ID 1", by hand: snprintf is not async-signal-safe */
static int
map_root(const char *path, unsigned id)
{
	char line[32] = "0 ", digits[16];
	size_t n = 0, len = 2;

	do
		digits[n++] = (char)('0' + id % 10);
	while (id /= 10);
	while (n)
		line[len++] = digits[--n];
	memcpy(line + len, " 1\n", 4);
	return write_file(path, line);
}

/* The one-user map forbids setgroups, and QEMU's own virtiofsd gives up without it. It
 * wants to drop root's groups; here they are the user's own, so it is told that it did. */
static int
pretend_setgroups(void)
{
	static const struct refusal setgroups = { .call = SYS_setgroups };

	/* root of its own user namespace needs no no_new_privs for it */
	return refuse_calls(&setgroups, 1);
}

static int
become_root(unsigned uid, unsigned gid, const char **call)
{
	*call = "setgroups";
	if (write_file("/proc/self/setgroups", "deny") < 0)
		return -1;
	*call = "uid_map";
	if (map_root("/proc/self/uid_map", uid) < 0)
		return -1;
	*call = "gid_map";
	if (map_root("/proc/self/gid_map", gid) < 0)
		return -1;
	*call = "seccomp";
	return pretend_setgroups();
}

/* Makes the root of a chroot, which is a directory like any other, a mount, so that its
 * propagation can be changed: by us, and by a daemon that builds itself a sandbox. To get
 * there it leaves the chroot, as setns does, and comes back to a clone laid over it. The
 * working directory stays. */
static int
mount_chroot(const char **call)
{
	int work = open(".", O_PATH | O_CLOEXEC), root = open("/", O_PATH | O_CLOEXEC);
	int self = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), tree;

	*call = "setns";
	if (work < 0 || root < 0 || self < 0 || setns(self, CLONE_NEWNS) < 0)
		return -1;
	*call = "mount";
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -1;
	*call = "open_tree";
	tree = open_tree(root, "", AT_EMPTY_PATH | OPEN_TREE_CLONE |
	                 OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return -1;
	*call = "move_mount";
	if (move_mount(tree, "", root, "", MOVE_MOUNT_F_EMPTY_PATH |
	               MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return -1;
	*call = "chroot";
	return fchdir(tree) < 0 || chroot(".") < 0 || fchdir(work) < 0 ? -1 : 0;
}

/* Root of a namespace whose map somebody else has written. Bare calls: those of the
 * library tell other threads, which a child has none of. */
static int
join(int userns, const char **call)
{
	*call = "setns";
	if (setns(userns, CLONE_NEWUSER) < 0)
		return -1;
	*call = "setgroups";
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return -1;
	*call = "setresgid";
	if (syscall(SYS_setresgid, 0, 0, 0) < 0)
		return -1;
	*call = "setresuid";
	return syscall(SYS_setresuid, 0, 0, 0) < 0 ? -1 : 0;
}

/* A new mount namespace, with the working directory's counterpart in it. */
static int
leave(const struct share *s, const char **call)
{
	unsigned uid = geteuid(), gid = getegid();
	bool own = s->user && s->userns <= 0;

	if (s->user && !own && join(s->userns, call) < 0)
		return -1;
	*call = "unshare";
	if (unshare(CLONE_NEWNS | (own ? CLONE_NEWUSER : 0)) < 0)
		return -1;
	if (own && become_root(uid, gid, call) < 0)
		return -1;
	/* not private: what the host unmounts must not stay busy in here */
	*call = "mount";
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) == 0)
		return 0;
	return errno == EINVAL && !s->user ? mount_chroot(call) : -1;
}

/* Puts what is at `from` to `at`, both in this namespace. With `is`, only if it is that. */
static int
attach(const char *from, const char *at, struct mount_attr *attr, const struct stat *is,
       const char **call)
{
	struct stat st;
	int tree;

	*call = "open_tree";
	tree = open_tree(AT_FDCWD, from,
	                 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (tree < 0)
		return -1;
	*call = "fstat";
	if (is && fstat(tree, &st) < 0)
		return -1;
	if (is && (st.st_dev != is->st_dev || st.st_ino != is->st_ino)) {
		errno = ESTALE;
		return -1;
	}
	*call = "mount_setattr";
	if (mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, attr,
	                  sizeof *attr) < 0)
		return -1;
	*call = "move_mount";
	if (move_mount(tree, "", AT_FDCWD, at, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	return close(tree);
}

static int
attach_folder(const struct share *s, const char **call)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		            (s->readonly ? MOUNT_ATTR_RDONLY : 0),
		.propagation = MS_PRIVATE,
	};

	if (s->idmap > 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (unsigned)s->idmap;
	}
	return attach(".", s->at, &attr, NULL, call);
}

/* The directory is in memory, and there is one in this namespace alone. */
static int
attach_file(const struct share *s, const char **call)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
		            MOUNT_ATTR_RDONLY,
		.propagation = MS_PRIVATE,
	};
	struct stat is;
	int fd;

	*call = "fstat";
	if (fstat(s->file_fd, &is) < 0)
		return -1;
	*call = "mount";
	if (mount("lunik", s->at, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	          "mode=0700,size=4k,nr_inodes=2") < 0)
		return -1;
	*call = "chdir";
	if (chdir(s->at) < 0)
		return -1;
	*call = "open";
	fd = open(SHARE_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	close(fd);
	if (attach(s->file, SHARE_FILE, &attr, &is, call) < 0)
		return -1;
	*call = "mount_setattr";
	return mount_setattr(AT_FDCWD, s->at, 0, &attr, sizeof attr);
}

int
share_enter(const struct share *s, const char **call)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
	int fd = s->from_fd;

	if (s->file) {
		if (leave(s, call) < 0 || attach_file(s, call) < 0)
			return -1;
		*call = "chdir";
		return chdir("/");
	}
	*call = "openat2";
	if (s->from)
		fd = (int)syscall(SYS_openat2, AT_FDCWD, s->from, &how, sizeof how);
	if (fd < 0)
		return -1;
	/* A descriptor stays in the old namespace, but unshare moves the working
	 * directory into the new one: nothing is looked up by name again. */
	*call = "fchdir";
	if (fchdir(fd) < 0)
		return -1;
	if (leave(s, call) < 0 || attach_folder(s, call) < 0)
		return -1;
	*call = "chdir";
	return chdir("/");
}
