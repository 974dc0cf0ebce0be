/* SPDX-License-Identifier: MIT */
/* A unix stream: lines with a length limit, raw bytes, descriptors beside them.
 * Nothing depends on O_NONBLOCK, which belongs to the open file and would be
 * seen by whoever the descriptor is shared with (virtiofsd accepts blockingly);
 * each call is made non-blocking by itself and waits in poll up to `due`.
 * Deadline passed: ETIMEDOUT. End of stream or reset by the peer: EPIPE. */
#ifndef LUNIK_CHAN_H
#define LUNIK_CHAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define CHAN_FDS 64             /* most descriptors in one message, each way */

struct chan {
	int fd;                 /* -1: closed */
	bool listening;
	char *buf;              /* bytes received, not yet handed out: */
	size_t start, end, cap; /* buf[start..end) */
	size_t seen;            /* no newline in buf[start..seen) */
	int fds[CHAN_FDS];      /* descriptors received, ours until taken; */
	unsigned nfds;          /* they belong to the data that ends at */
	size_t mark;            /* buf[mark] */
};

struct chan_out {
	const char *s;
	size_t n;               /* at least 1 when there are descriptors */
	const int *fds;
	unsigned nfds;
};

struct chan_in {
	char *s;                /* in the chan's buffer, until the next call */
	size_t n;
	unsigned nfds;          /* how many of chan.fds came with it */
	size_t next;            /* where in the buffer it ends */
};

/* A closed chan; chan_close makes one again, and may be called twice. */
void chan_init(struct chan *c);
void chan_close(struct chan *c);

/* The four ways to open a closed chan; after a failure it is still closed.
 * connect: a full backlog is waited out asleep in the kernel (SO_SNDTIMEO),
 * since poll cannot tell when it has room.
 * listen: the mode holds from the first moment on; a path in use is EADDRINUSE.
 * adopt: the descriptor becomes the chan's, on success only, and CLOEXEC. */
int chan_connect(struct chan *c, const char *path, int64_t due, struct err *e);
int chan_listen(struct chan *c, const char *path, int backlog, unsigned mode,
                struct err *e);
int chan_pair(struct chan *a, struct chan *b, struct err *e);
int chan_adopt(struct chan *c, int fd, struct err *e);

/* The user whose process has connected, or was connected to. */
int chan_user(struct chan *c, uid_t *uid, struct err *e);

/* Into `peer`, a closed chan. Assumes nobody else accepts on the same socket. */
int chan_accept(struct chan *c, struct chan *peer, int64_t due, struct err *e);

/* All of it, the descriptors with the first byte; they stay the caller's. After
 * ETIMEDOUT a part may have gone, so the stream is good for nothing more. */
int chan_send(struct chan *c, const struct chan_out *out, int64_t due,
              struct err *e);

/* A line without its "\n" or "\r\n", of at most `max` bytes (else EMSGSIZE, and
 * nothing is consumed); or up to `max` bytes of whatever there is. At most
 * `want` descriptors are accepted with it, further ones are closed; those that
 * came with an earlier read belong to the data whose last byte they came with.
 * The next call gives the same again until chan_taken says that bytes and
 * descriptors, from chan.fds, are now the caller's. */
int chan_line(struct chan *c, size_t max, unsigned want, int64_t due,
              struct chan_in *in, struct err *e);
int chan_read(struct chan *c, size_t max, unsigned want, int64_t due,
              struct chan_in *in, struct err *e);

void chan_taken(struct chan *c, const struct chan_in *in);

/* No more bytes from us: the peer reads an end. */
int chan_shutdown(struct chan *c, struct err *e);

/* The descriptor, no longer the chan's, which is closed. Bytes received ahead
 * are lost with it: EBUSY when there are any. */
int chan_release(struct chan *c, struct err *e);

#endif
