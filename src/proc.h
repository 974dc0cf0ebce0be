/* SPDX-License-Identifier: MIT */
/* A process held by its pidfd, so that what is waited for, signalled and reaped
 * is that process and never a later one with its number. Reaps only its own. */
#ifndef LUNIK_PROC_H
#define LUNIK_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

enum proc_end {
	PROC_RUNNING,
	PROC_EXITED,            /* value is its exit code */
	PROC_KILLED,            /* value is the signal */
	PROC_GONE               /* how is not known: not our child, or the host
	                         * program ignores SIGCHLD or reaped it first */
};

struct proc {
	int fd;                 /* the pidfd, readable at the end; -1: closed */
	pid_t pid;
	bool own;               /* our child: its number is reserved until reaped */
	enum proc_end end;
	int value;
};

/* Holding nothing; proc_close makes one again. It reaps a child that has ended
 * and leaves one that has not alone. */
void proc_init(struct proc *p);
void proc_close(struct proc *p);

/* As fork(2), without the handlers of pthread_atfork: 0 in the child, 1 in the
 * parent. The child has every signal at its default and blocked, and may call
 * only what is async-signal-safe, since the host program may have threads. */
int proc_fork(struct proc *p, struct err *e);

/* A process that is not our child. */
int proc_open(struct proc *p, pid_t pid, struct err *e);

/* 0 once it ended, and `end` and `value` say how; -1 with ETIMEDOUT before. */
int proc_wait(struct proc *p, int64_t due, struct err *e);

/* To it, or to the process group it leads. ESRCH once the end was waited for. */
int proc_signal(const struct proc *p, int signo, struct err *e);
int proc_signal_group(const struct proc *p, int signo, struct err *e);

/* SIGKILL, and closes. Waits a second for the end: one that is stuck in the
 * kernel for longer stays a zombie of the host program's. */
void proc_kill(struct proc *p);

#endif
