/* SPDX-License-Identifier: MIT */
/* A guest's memory, as a file that has no name. */
#ifndef LUNIK_RAM_H
#define LUNIK_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

/* Memory of so many bytes, known to /proc by the name: a descriptor, or -1. */
int ram_new(const char *name, int64_t bytes, bool sealable, struct err *e);

/* From here on nobody can write to it, not even by a hole: whoever maps it
 * has pages of his own as soon as he writes. Fails while somebody can. */
int ram_seal(int fd, struct err *e);

/* Whether nobody can, of memory that somebody else has handed over. */
bool ram_is_sealed(int fd);

#endif
