/* SPDX-License-Identifier: MIT */
/* A guest's memory, as a file that has no name. */
#ifndef LUNIK_RAM_H
#define LUNIK_RAM_H

#include <stdint.h>

#include "err.h"

/* Memory of so many bytes, known to /proc by the name: a descriptor, or -1. */
int ram_new(const char *name, int64_t bytes, struct err *e);

#endif
