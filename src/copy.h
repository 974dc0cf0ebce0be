/* SPDX-License-Identifier: MIT */
/* Copies the contents of a file, or only reads them, in steps, and sums them up on the way. Pages
 * of zeroes are neither written nor summed up: memory of a guest is mostly holes, and where the
 * holes are differs from file system to file system, which the sum does not tell.
 *
 * The sum is SHA-256 over each page of 4096 bytes that is not all zeroes, the last one as long as
 * it is, behind its number as 8 bytes, lowest first; then the size of the file, the same way. */
#ifndef LUNIK_COPY_H
#define LUNIK_COPY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"
#include "sha256.h"

struct copy {
	int from, to;           /* to: -1 where it is only read; nobody else's */
	bool known;             /* what is copied was summed up before: no sum */
	off_t at, size;
	uint64_t bytes;         /* in pages that are not all zeroes */
	struct sha256 sum;
};

/* Of a file as it is now. `to` holds nothing, or only zeroes, and is made as long. */
int copy_start(struct copy *c, struct err *e);

/* Goes on for `most` bytes, holes not counted. 1: there is more; 0: done. */
int copy_step(struct copy *c, off_t most, struct err *e);

/* After the last step. */
void copy_end(struct copy *c, char hex[SHA256_HEX]);

#endif
