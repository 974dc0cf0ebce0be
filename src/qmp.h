/* SPDX-License-Identifier: MIT */
/* The client's side of a QMP monitor. It reads the greeting, negotiates by
 * itself (out-of-band when offered), and then sends what was submitted, in that
 * order and pipelined; answers come in any order and are matched by id.
 *
 * Nothing a peer sends makes it crash, hang, or take one answer for another:
 * - events are kept, whenever they come (before the greeting too), up to a bound;
 * - answers to unknown ids, second answers and second greetings are ignored;
 * - an error without id (QEMU could not parse) fails the oldest command;
 * - an answer that is neither return nor error, or holds a value that json.h
 *   refuses, fails its command (EPROTO), and an event that does is dropped;
 * - a command that times out is taken back if none of it is sent yet; else its
 *   answer, should it come, is dropped by its id;
 * - descriptors the peer sends are never installed;
 * - anything else that is no QMP, and what exceeds the limits, ends it (EPROTO),
 *   as the end of the stream (EPIPE) and want of memory (ENOMEM) do: then all
 *   commands fail, events and answers can still be taken, and each call says
 *   again why it ended. */
#ifndef LUNIK_QMP_H
#define LUNIK_QMP_H

#include <json_object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "eventq.h"
#include "outq.h"
#include "split.h"

struct qmp_cmd;

struct qmp_list {
	struct qmp_cmd *head, *last;
};

enum qmp_state { QMP_GREETING, QMP_NEGOTIATING, QMP_READY, QMP_DEAD };

struct qmp {
	int fd;                 /* -1: closed */
	enum qmp_state state;
	bool oob;               /* negotiated */
	bool cut;               /* nothing can be sent, but what came may wait */
	struct err dead;        /* why it is, or will be when that is read */
	struct json_object *greeting;   /* its "QMP", once read */
	struct split in;
	size_t values;
	struct outq first, out; /* capabilities; what waits for their answer */
	struct buf text;        /* of the command being composed */
	struct qmp_list pending, done;
	struct eventq events;
	int64_t last;           /* id */
	int64_t soonest;        /* no pending command is due before */
};

struct qmp_limits {
	size_t events;          /* kept at most, and at most `size` bytes of them */
	unsigned nesting;
	size_t size;            /* of one message */
	size_t values;          /* in one message; 0: any number */
};

struct qmp_call {
	const char *name;
	size_t len;
	const char *arguments;  /* a JSON object, or NULL */
	size_t nargs;           /* its bytes */
	bool oob;
	int64_t due;
	const int *fds;         /* at most OUTQ_FDS; duplicated */
	unsigned nfds;
};

struct qmp_result {
	struct json_object *value;      /* when code is 0 and class NULL */
	const char *class;              /* QEMU refused, `why` is its text */
	const char *why;
	int code;                       /* or this failed here */
};

/* Takes over a connected socket; reads and sends nothing yet. */
void qmp_init(struct qmp *q, int fd, const struct qmp_limits *limits);
void qmp_done(struct qmp *q);

/* Bytes that were already received from the socket. Before the first step. */
int qmp_feed(struct qmp *q, const char *s, size_t n, struct err *e);

/* Queues a command; its id, above 0, or -1: nothing was queued. */
int64_t qmp_submit(struct qmp *q, const struct qmp_call *call, struct err *e);

/* Sends, receives and expires what it can without waiting. -1: it has ended,
 * with this step or before. */
int qmp_step(struct qmp *q, struct err *e);

/* Waits for something to happen up to `due`, then steps. Also ETIMEDOUT. */
int qmp_wait(struct qmp *q, int64_t due, struct err *e);

/* Sends what it can. Failure shows in the next step. */
void qmp_flush(struct qmp *q);

/* For an event loop: whether there is something to send, and when to step at
 * the latest (DUE_NEVER). */
bool qmp_sending(const struct qmp *q);
int64_t qmp_due(const struct qmp *q);

/* A command whose answer is due; one that has ended, and the oldest such. */
bool qmp_pending(const struct qmp *q, int64_t id);
struct qmp_cmd *qmp_ended(const struct qmp *q, int64_t id);
struct qmp_cmd *qmp_oldest(const struct qmp *q);
int64_t qmp_id(const struct qmp_cmd *c);
const char *qmp_name(const struct qmp_cmd *c);

/* How it ended; valid until it is forgotten. */
struct qmp_result qmp_result(const struct qmp_cmd *c);
void qmp_forget(struct qmp *q, struct qmp_cmd *c);

#endif
