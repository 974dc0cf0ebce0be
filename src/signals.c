/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "due.h"
#include "signals.h"

void
signals_init(struct signals *s)
{
	s->fd = -1;
	sigemptyset(&s->blocked);
}

int
signals_open(struct signals *s, const int *signos, size_t n, struct err *e)
{
	sigset_t set, old;
	size_t i;
	int fd;

	sigemptyset(&set);
	for (i = 0; i < n; i++)
		if (sigaddset(&set, signos[i]) < 0)
			return err_sys(e, "signal %d", signos[i]);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return err_sys(e, "signalfd");
	pthread_sigmask(SIG_BLOCK, &set, &old);
	for (i = 0; i < n; i++)
		if (!sigismember(&old, signos[i]))
			sigaddset(&s->blocked, signos[i]);
	s->fd = fd;
	return 0;
}

int
signals_next(struct signals *s, int64_t due, struct err *e)
{
	struct signalfd_siginfo info;
	ssize_t n;

	for (;;) {
		n = read(s->fd, &info, sizeof info);
		if (n == (ssize_t)sizeof info)
			return (int)info.ssi_signo;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return err_sys(e, "read signals");
		switch (due_wait(s->fd, POLLIN, due, e)) {
		case -1:
			return -1;
		case 0:
			return err_set(e, ETIMEDOUT, "no signal in time");
		}
	}
}

void
signals_close(struct signals *s)
{
	if (s->fd < 0)
		return;
	close(s->fd);
	pthread_sigmask(SIG_UNBLOCK, &s->blocked, NULL);
	signals_init(s);
}
