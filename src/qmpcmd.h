/* SPDX-License-Identifier: MIT */
/* Inside of qmp: lists of commands, and what qmpio.c, which moves bytes, calls
 * in qmp.c, which keeps the commands. */
#ifndef LUNIK_QMPCMD_H
#define LUNIK_QMPCMD_H

#include "qmp.h"
#include "qmpmsg.h"

struct qmp_cmd {
	struct qmp_cmd *next;
	int64_t id, due;
	bool late;              /* ended by time: only a place for its answer */
	struct json_object *reply;
	bool refused;           /* reply is an error */
	int code;               /* or it failed here; why is static or qmp.dead's */
	const char *why;
	char name[];
};

struct qmp_cmd *cmd_new(const char *name, size_t len, int64_t id, int64_t due,
                        struct err *e);
void cmds_append(struct qmp_list *l, struct qmp_cmd *c);
void cmds_prepend(struct qmp_list *l, struct qmp_cmd *c);
struct qmp_cmd *cmds_find(const struct qmp_list *l, int64_t id);

/* Takes out c, which is in the list. */
void cmds_remove(struct qmp_list *l, struct qmp_cmd *c);

/* Puts `with`, or nothing, in the place of c, which comes after `before`. */
void cmds_replace(struct qmp_list *l, struct qmp_cmd *before, struct qmp_cmd *c,
                  struct qmp_cmd *with);
void cmds_free(struct qmp_list *l);

int qmpcmd_negotiate(struct qmp *q, struct err *e);

/* The pending command that a message answers, or NULL. */
struct qmp_cmd *qmpcmd_find(struct qmp *q, const struct qmpmsg *m);

/* Ends it; takes over the message's tree. */
void qmpcmd_answer(struct qmp *q, struct qmp_cmd *c, struct qmpmsg *m);

void qmpcmd_expire(struct qmp *q);
void qmpcmd_failall(struct qmp *q);

#endif
