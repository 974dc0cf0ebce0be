/* SPDX-License-Identifier: MIT */
/* The shortest road from C: `road RECIPE` runs it, and ends with the machine's exit code. */
#include <stdio.h>

#include "lunik.h"

int
main(int argc, char **argv)
{
	struct lunik *l = lunik_new(NULL);
	int code = 125;

	if (l != NULL && argc > 1 && lunik_load(l, argv[1]) == 0)
		code = lunik_run(l);
	if (l != NULL)
		fputs(lunik_problems(l), stderr);
	lunik_free(l);
	return code;
}
