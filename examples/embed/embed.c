/* SPDX-License-Identifier: MIT */
/* Runs a recipe from C until the guest is ready, then stops it:
 *     cc embed.c -llunik -o embed && ./embed vm.lua [FIELD=VALUE …] */
#include <lunik.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
tell(void *arg, const char *kind, const char *text)
{
	struct lunik *l = arg;

	printf("%s: %s\n", kind, text);
	if (strcmp(kind, "ready") == 0) {
		printf("ssh: %d\n", lunik_forward(l, "ssh"));
		lunik_stop(l, "seen enough");
	}
}

static int
failed(struct lunik *l)
{
	fprintf(stderr, "%s\n", lunik_problems(l));
	lunik_free(l);
	return 1;
}

int
main(int argc, char *argv[])
{
	struct lunik *l = lunik_new(getenv("LUNIK_LUA"));
	const char *const *word;
	int i, code;

	if (!l || argc < 2)
		return 2;
	for (i = 2; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return 2;
		*value = '\0';
		if (lunik_set(l, argv[i], value + 1) < 0)
			return failed(l);
	}
	if (lunik_load(l, argv[1]) < 0)
		return failed(l);
	for (word = lunik_argv(l, 0); word && *word; word++)
		printf("%s%s", *word, word[1] ? " " : "\n");
	code = lunik_run(l, tell, l);
	if (code < 0)
		return failed(l);
	lunik_free(l);
	return code;
}
