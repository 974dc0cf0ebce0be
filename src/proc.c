/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "due.h"
#include "proc.h"

/* not in every libc's headers yet */
#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define GROUP (1u << 2)         /* PIDFD_SIGNAL_PROCESS_GROUP, Linux 6.9 */

void
proc_init(struct proc *p)
{
	memset(p, 0, sizeof *p);
	p->fd = -1;
}

/* With WNOHANG, leaves a child that still runs alone. */
static void
reap(struct proc *p, int flags)
{
	siginfo_t info = { 0 };
	int n;

	if (!p->own || p->end != PROC_RUNNING)
		return;
	do
		n = waitid((idtype_t)P_PIDFD, (id_t)p->fd, &info, WEXITED | flags);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		p->end = PROC_GONE;
	} else if (info.si_pid) {
		p->end = info.si_code == CLD_EXITED ? PROC_EXITED : PROC_KILLED;
		p->value = info.si_status;
	}
}

void
proc_close(struct proc *p)
{
	if (p->fd < 0)
		return;
	reap(p, WNOHANG);
	close(p->fd);
	p->fd = -1;
}

/* glibc's fork cannot return a pidfd, and opening one afterwards would miss a
 * child that a host ignoring SIGCHLD never sees as a zombie */
static pid_t
clone_pidfd(int *fd)
{
	unsigned long flags = CLONE_PIDFD | SIGCHLD;

#if defined(__s390__) || defined(__CRIS__)
	return (pid_t)syscall(SYS_clone, NULL, flags, fd, NULL, 0);
#else
	return (pid_t)syscall(SYS_clone, flags, NULL, fd, NULL, 0);
#endif
}

/* Blocked is not enough: what the host ignores would stay ignored after exec. By the
 * kernel's own call, since glibc keeps two signals to itself: its sigaction refuses
 * them, and what its posix_spawn has started (make's recipes, say) ignores them. */
static void
reset_signals(void)
{
	static const long action[8];    /* zeroes are SIG_DFL, no flags, no mask */
	int signo;

	for (signo = 1; signo < NSIG; signo++)
		syscall(SYS_rt_sigaction, signo, action, NULL, (NSIG - 1) / 8);
}

int
proc_fork(struct proc *p, struct err *e)
{
	sigset_t all, old;
	pid_t pid;
	int fd = -1;

	/* no handler of the host's may run in the child */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = clone_pidfd(&fd);
	if (pid == 0) {
		reset_signals();
		return 0;
	}
	if (pid < 0)
		err_sys(e, "fork");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return -1;
	*p = (struct proc){ .pid = pid, .fd = fd, .own = true };
	return 1;
}

int
proc_open(struct proc *p, pid_t pid, struct err *e)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return err_sys(e, "process %d", (int)pid);
	*p = (struct proc){ .pid = pid, .fd = fd };
	return 0;
}

int
proc_wait(struct proc *p, int64_t due, struct err *e)
{
	int n;

	if (p->end != PROC_RUNNING)
		return 0;
	n = due_wait(p->fd, POLLIN, due, e);
	if (n < 0)
		return -1;
	if (n == 0)
		return err_set(e, ETIMEDOUT, "process %d: still running",
		               (int)p->pid);
	if (p->own)
		reap(p, 0);     /* returns at once, or when a debugger has seen it */
	else
		p->end = PROC_GONE;
	return 0;
}

static int
sent(const struct proc *p, int n, int signo, struct err *e)
{
	return n < 0 ? err_sys(e, "signal %d to process %d", signo, (int)p->pid)
	             : 0;
}

int
proc_signal(const struct proc *p, int signo, struct err *e)
{
	int n = -1;

	errno = ESRCH;
	if (p->end == PROC_RUNNING)
		n = (int)syscall(SYS_pidfd_send_signal, p->fd, signo, NULL, 0);
	/* without the call, the number of an unreaped child is as good */
	if (n < 0 && errno == ENOSYS && p->own)
		n = kill(p->pid, signo);
	return sent(p, n, signo, e);
}

int
proc_signal_group(const struct proc *p, int signo, struct err *e)
{
	int n = -1;

	errno = ESRCH;
	if (p->end == PROC_RUNNING && p->own)
		n = kill(-p->pid, signo);
	else if (p->end == PROC_RUNNING)
		n = (int)syscall(SYS_pidfd_send_signal, p->fd, signo, NULL, GROUP);
	/* before Linux 6.9: alive a moment ago is the best there is */
	if (n < 0 && errno == EINVAL && !p->own &&
	    syscall(SYS_pidfd_send_signal, p->fd, 0, NULL, 0) == 0)
		n = kill(-p->pid, signo);
	return sent(p, n, signo, e);
}

void
proc_kill(struct proc *p)
{
	struct err e;

	if (p->fd < 0)
		return;
	proc_signal(p, SIGKILL, &e);
	proc_wait(p, due_after(1), &e);
	proc_close(p);
}
