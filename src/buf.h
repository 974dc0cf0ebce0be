/* SPDX-License-Identifier: MIT */
/* Bytes that grow. All zero is empty; what a failed put left is unspecified. */
#ifndef LUNIK_BUF_H
#define LUNIK_BUF_H

#include <stddef.h>

#include "err.h"

struct buf {
	char *s;
	size_t len, cap;
};

int buf_put(struct buf *b, const char *s, size_t n, struct err *e);
void buf_done(struct buf *b);

#endif
