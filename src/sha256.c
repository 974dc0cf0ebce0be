/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sha256.h"

const uint32_t sha256_k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static const uint32_t first[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
	0x5be0cd19,
};

static uint32_t
turned(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

static uint32_t
word(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void
schedule(uint32_t w[64], const unsigned char *p)
{
	uint32_t a, b;
	int i;

	for (i = 0; i < 16; i++)
		w[i] = word(p + 4 * i);
	for (; i < 64; i++) {
		a = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
		b = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + a + w[i - 7] + b;
	}
}

/* Eight rounds, after which each of the eight is in its place again. */
static inline void
rounds(uint32_t v[8], const uint32_t *k, const uint32_t *w)
{
	int i;

#pragma GCC unroll 8
	for (i = 0; i < 8; i++) {
		const uint32_t a = v[(8 - i) & 7], b = v[(9 - i) & 7], c = v[(10 - i) & 7];
		const uint32_t e = v[(12 - i) & 7], f = v[(13 - i) & 7], g = v[(14 - i) & 7];
		uint32_t x = v[(15 - i) & 7] + k[i] + w[i] + (g ^ (e & (f ^ g))) +
			(turned(e, 6) ^ turned(e, 11) ^ turned(e, 25));

		v[(11 - i) & 7] += x;
		v[(15 - i) & 7] = x + ((a & b) | (c & (a | b))) +
			(turned(a, 2) ^ turned(a, 13) ^ turned(a, 22));
	}
}

static void
one_block(uint32_t h[8], const unsigned char *p)
{
	uint32_t w[64], v[8];
	int i;

	schedule(w, p);
	memcpy(v, h, sizeof v);
	for (i = 0; i < 64; i += 8)
		rounds(v, sha256_k + i, w + i);
	for (i = 0; i < 8; i++)
		h[i] += v[i];
}

static void
plain_blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
	for (; n; n--, p += 64)
		one_block(h, p);
}

void
sha256_init(struct sha256 *s, bool plain)
{
	memset(s, 0, sizeof *s);
	memcpy(s->h, first, sizeof first);
	s->blocks = plain ? NULL : sha256_x86();
	if (!s->blocks)
		s->blocks = plain_blocks;
}

void
sha256_add(struct sha256 *s, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t held = s->length % 64, room = 64 - held;

	s->length += n;
	if (held && n >= room) {
		memcpy(s->block + held, p, room);
		s->blocks(s->h, s->block, 1);
		p += room;
		n -= room;
		held = 0;
	}
	if (!held && n >= 64) {
		s->blocks(s->h, p, n / 64);
		p += n & ~(size_t)63;
		n %= 64;
	}
	memcpy(s->block + held, p, n);
}

void
sha256_end(struct sha256 *s, char hex[SHA256_HEX])
{
	static const unsigned char padding[64] = { 0x80 };
	uint64_t bits = s->length * 8;
	size_t held = s->length % 64;
	unsigned char tail[8];
	int i;

	for (i = 0; i < 8; i++)
		tail[i] = (unsigned char)(bits >> (56 - 8 * i));
	sha256_add(s, padding, (held < 56 ? 56 : 120) - held);
	sha256_add(s, tail, sizeof tail);
	for (i = 0; i < 8; i++)
		snprintf(hex + 8 * i, 9, "%08x", (unsigned)s->h[i]);
}
