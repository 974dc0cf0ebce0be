/* SPDX-License-Identifier: MIT */
/* Changes of files and folders, by inotify(7). */
#ifndef LUNIK_WATCH_H
#define LUNIK_WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

#include "err.h"

struct watch {
	int fd;                 /* -1: closed */
	size_t at, end;         /* events read and not yet handed out */
	_Alignas(struct inotify_event) char buf[4096];
};

void watch_init(struct watch *w);
void watch_close(struct watch *w);
int watch_open(struct watch *w, struct err *e);

/* inotify's mask of "create,delete,moved_to"; -1 on a word it does not know. */
int watch_mask(const char *words, uint32_t *mask, struct err *e);

/* The i-th word that a mask may hold, and its bit; NULL behind the last. */
const char *watch_word(size_t i, uint32_t *bit);

/* The watch's number, the same one for the same file. */
int watch_add(struct watch *w, const char *path, uint32_t mask, struct err *e);

/* No more of its events, but for one that says `ignored`. */
int watch_remove(struct watch *w, int wd, struct err *e);

/* The next event, the same again until it is taken; NULL with ETIMEDOUT. */
const struct inotify_event *watch_next(struct watch *w, int64_t due,
                                       struct err *e);
void watch_taken(struct watch *w, const struct inotify_event *event);

#endif
