/* SPDX-License-Identifier: MIT */
/* Preloaded, has its process stay where it is about to put a file in its place that has a text in
 * it. $STAY_AT is a folder: `text` in there says which, and is removed by whoever stays; `here` and
 * `go` are pipes: a byte is written to the one, and one is waited for on the other. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LARGEST = 1 << 16, LONGEST = 4096 };

static size_t
contents(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t n;

	if (!file)
		return 0;
	n = fread(text, 1, size - 1, file);
	fclose(file);
	text[n] = '\0';
	return n;
}

static int
open_in(const char *dir, const char *name, int flags)
{
	char path[LONGEST];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	return open(path, flags | O_CLOEXEC);
}

static void
stay(const char *dir)
{
	int here = open_in(dir, "here", O_WRONLY), go = open_in(dir, "go", O_RDONLY);
	char byte = '.';

	if (here < 0 || go < 0 || write(here, &byte, 1) != 1 || read(go, &byte, 1) != 1)
		abort();
	close(here);
	close(go);
}

/* Whether `dir` wants whoever puts that file in its place to stay. */
static int
is_wanted(const char *dir, const char *from)
{
	char path[LONGEST], wanted[LONGEST], text[LARGEST];

	snprintf(path, sizeof path, "%s/text", dir);
	return contents(path, wanted, sizeof wanted) > 0 && contents(from, text, sizeof text) > 0
	       && strstr(text, wanted) && unlink(path) == 0;
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *);
	const char *dir = getenv("STAY_AT");

	real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
	if (dir && is_wanted(dir, from))
		stay(dir);
	return real(from, to);
}
