/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "qmpcmd.h"

struct qmp_cmd *
cmd_new(const char *name, size_t len, int64_t id, int64_t due, struct err *e)
{
	struct qmp_cmd *c = malloc(sizeof *c + len + 1);

	if (!c) {
		err_sys(e, "command");
		return NULL;
	}
	memset(c, 0, sizeof *c);
	c->id = id;
	c->due = due;
	memcpy(c->name, name, len);
	c->name[len] = '\0';
	return c;
}

void
cmds_free(struct qmp_list *l)
{
	struct qmp_cmd *c;

	while ((c = l->head)) {
		l->head = c->next;
		json_object_put(c->reply);
		free(c);
	}
}

void
cmds_append(struct qmp_list *l, struct qmp_cmd *c)
{
	c->next = NULL;
	if (l->head)
		l->last->next = c;
	else
		l->head = c;
	l->last = c;
}

void
cmds_prepend(struct qmp_list *l, struct qmp_cmd *c)
{
	c->next = l->head;
	if (!l->head)
		l->last = c;
	l->head = c;
}

void
cmds_remove(struct qmp_list *l, struct qmp_cmd *c)
{
	struct qmp_cmd *p = l->head;

	if (p == c) {
		l->head = c->next;
		return;
	}
	while (p->next != c)
		p = p->next;
	p->next = c->next;
	if (l->last == c)
		l->last = p;
}

struct qmp_cmd *
cmds_find(const struct qmp_list *l, int64_t id)
{
	struct qmp_cmd *c = l->head;

	while (c && c->id != id)
		c = c->next;
	return c;
}

void
cmds_replace(struct qmp_list *l, struct qmp_cmd *before, struct qmp_cmd *c,
        struct qmp_cmd *with)
{
	struct qmp_cmd *next = c->next;

	if (with) {
		with->next = next;
		next = with;
	}
	if (before)
		before->next = next;
	else
		l->head = next;
	if (l->last == c)
		l->last = with ? with : before;
}
