/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base64.h"

static const char letters[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t
base64_encoded(size_t n)
{
	return (n + 2) / 3 * 4;
}

size_t
base64_decoded(size_t n)
{
	return n / 4 * 3;
}

void
base64_encode(const char *s, size_t n, char *out)
{
	unsigned char in[3];
	unsigned long bits;
	size_t i, left;

	for (i = 0; i < n; i += 3, out += 4) {
		left = n - i < 3 ? n - i : 3;
		memset(in, 0, sizeof in);
		memcpy(in, s + i, left);
		bits = (unsigned long)in[0] << 16 | (unsigned long)in[1] << 8 | in[2];
		out[0] = letters[bits >> 18];
		out[1] = letters[bits >> 12 & 63];
		out[2] = left > 1 ? letters[bits >> 6 & 63] : '=';
		out[3] = left > 2 ? letters[bits & 63] : '=';
	}
}

/* 0 to 63, or -1 */
static int
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

long
base64_decode(const char *s, size_t n, char *out)
{
	size_t i, padding = 0;
	unsigned long bits = 0;
	int v;

	if (n % 4)
		return -1;
	while (padding < 2 && padding < n && s[n - 1 - padding] == '=')
		padding++;
	for (i = 0; i < n; i++) {
		v = i < n - padding ? value(s[i]) : 0;
		if (v < 0)
			return -1;
		bits = bits << 6 | (unsigned long)v;
		if (i % 4 == 3) {
			*out++ = (char)(bits >> 16);
			*out++ = (char)(bits >> 8);
			*out++ = (char)bits;
		}
	}
	return (long)(base64_decoded(n) - padding);
}
