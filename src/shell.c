/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "shell.h"

static int
plain(const char *word, size_t len)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^";
	size_t i;

	for (i = 0; i < len; i++)
		if (!word[i] || !strchr(safe, word[i]))
			return 0;
	return len > 0;
}

size_t
shell_measure(const char *word, size_t len)
{
	size_t i, size = len + 2;

	if (plain(word, len))
		return len;
	for (i = 0; i < len; i++)
		size += word[i] == '\'' ? 3 : 0;
	return size;
}

char *
shell_write(const char *word, size_t len, char *out)
{
	size_t i;

	if (plain(word, len))
		return mempcpy(out, word, len);
	*out++ = '\'';
	for (i = 0; i < len; i++) {
		if (word[i] == '\'')
			out = mempcpy(out, "'\\'", 3);
		*out++ = word[i];
	}
	*out++ = '\'';
	return out;
}
