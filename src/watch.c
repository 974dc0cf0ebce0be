/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "due.h"
#include "watch.h"

static const struct {
	const char *name;
	uint32_t bit;
} words[] = {
	{ "access", IN_ACCESS },
	{ "attrib", IN_ATTRIB },
	{ "close_write", IN_CLOSE_WRITE },
	{ "close_nowrite", IN_CLOSE_NOWRITE },
	{ "create", IN_CREATE },
	{ "delete", IN_DELETE },
	{ "delete_self", IN_DELETE_SELF },
	{ "modify", IN_MODIFY },
	{ "move_self", IN_MOVE_SELF },
	{ "moved_from", IN_MOVED_FROM },
	{ "moved_to", IN_MOVED_TO },
	{ "open", IN_OPEN },
	/* only reported, not asked for */
	{ "ignored", IN_IGNORED },
	{ "isdir", IN_ISDIR },
	{ "overflow", IN_Q_OVERFLOW },
	{ "unmount", IN_UNMOUNT },
};

void
watch_init(struct watch *w)
{
	w->fd = -1;
	w->at = w->end = 0;
}

void
watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	watch_init(w);
}

int
watch_open(struct watch *w, struct err *e)
{
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	return w->fd < 0 ? err_sys(e, "inotify") : 0;
}

const char *
watch_word(size_t i, uint32_t *bit)
{
	if (i >= sizeof words / sizeof *words)
		return NULL;
	*bit = words[i].bit;
	return words[i].name;
}

int
watch_mask(const char *s, uint32_t *mask, struct err *e)
{
	const char *name;
	uint32_t bit = 0;
	size_t i, n;

	for (*mask = 0;; s += n + 1) {
		n = strcspn(s, ",");
		for (i = 0; (name = watch_word(i, &bit)); i++)
			if (strlen(name) == n && memcmp(name, s, n) == 0)
				break;
		if (!name || !(bit & IN_ALL_EVENTS))
			return err_set(e, EINVAL, "watch: no event '%.*s'",
			               (int)n, s);
		*mask |= bit;
		if (!s[n])
			return 0;
	}
}

int
watch_add(struct watch *w, const char *path, uint32_t mask, struct err *e)
{
	int wd = inotify_add_watch(w->fd, path, mask);

	return wd < 0 ? err_sys(e, "watch %s", path) : wd;
}

int
watch_remove(struct watch *w, int wd, struct err *e)
{
	return inotify_rm_watch(w->fd, wd) < 0 ? err_sys(e, "watch %d", wd) : 0;
}

static int
fill(struct watch *w, int64_t due, struct err *e)
{
	ssize_t n;

	while ((n = read(w->fd, w->buf, sizeof w->buf)) < 0) {
		if (errno != EAGAIN && errno != EINTR)
			return err_sys(e, "read inotify");
		switch (due_wait(w->fd, POLLIN, due, e)) {
		case -1:
			return -1;
		case 0:
			return err_set(e, ETIMEDOUT, "no change in time");
		}
	}
	w->at = 0;
	w->end = (size_t)n;
	return 0;
}

const struct inotify_event *
watch_next(struct watch *w, int64_t due, struct err *e)
{
	const struct inotify_event *event;

	if (w->at == w->end && fill(w, due, e) < 0)
		return NULL;
	event = (const struct inotify_event *)(const void *)(w->buf + w->at);
	return event;
}

void
watch_taken(struct watch *w, const struct inotify_event *event)
{
	w->at += sizeof *event + event->len;
}
