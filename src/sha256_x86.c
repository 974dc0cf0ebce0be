/* SPDX-License-Identifier: MIT */
#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SSSE3 (1u << 9)         /* leaf 1, ecx */
#define SSE41 (1u << 19)
#define SHA   (1u << 29)        /* leaf 7, ebx */
#define TARGET __attribute__((target("sha,sse4.1,ssse3")))

static int
has_instructions(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & SSSE3) || !(c & SSE41))
		return 0;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & SHA);
}

/* Four rounds; the words for the four that come sixteen later take the place of w[i]. */
TARGET static inline void
rounds(__m128i *abef, __m128i *cdgh, __m128i w[4], int at)
{
	const int i = at & 3;
	__m128i sum = _mm_add_epi32(w[i], _mm_loadu_si128((const void *)(sha256_k + 4 * at)));
	__m128i next;

	*cdgh = _mm_sha256rnds2_epu32(*cdgh, *abef, sum);
	*abef = _mm_sha256rnds2_epu32(*abef, *cdgh, _mm_shuffle_epi32(sum, 0x0e));
	if (at >= 12)
		return;
	next = _mm_sha256msg1_epu32(w[i], w[(i + 1) & 3]);
	next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
	w[i] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
}

TARGET static void
one_block(__m128i *abef, __m128i *cdgh, const unsigned char *p)
{
	const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const __m128i was_abef = *abef, was_cdgh = *cdgh;
	__m128i w[4];
	int i;

	for (i = 0; i < 4; i++)
		w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const void *)(p + 16 * i)), order);
#pragma GCC unroll 16
	for (i = 0; i < 16; i++)
		rounds(abef, cdgh, w, i);
	*abef = _mm_add_epi32(*abef, was_abef);
	*cdgh = _mm_add_epi32(*cdgh, was_cdgh);
}

/* The instructions want a, b, e, f in one register and c, d, g, h in another. */
TARGET static void
blocks(uint32_t h[8], const unsigned char *p, size_t n)
{
	__m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const void *)h), 0xb1);
	__m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const void *)(h + 4)), 0x1b);
	__m128i abef = _mm_alignr_epi8(low, high, 8);
	__m128i cdgh = _mm_blend_epi16(high, low, 0xf0);

	for (; n; n--, p += 64)
		one_block(&abef, &cdgh, p);
	low = _mm_shuffle_epi32(abef, 0x1b);
	high = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((void *)h, _mm_blend_epi16(low, high, 0xf0));
	_mm_storeu_si128((void *)(h + 4), _mm_alignr_epi8(high, low, 8));
}

void (*sha256_x86(void))(uint32_t h[8], const unsigned char *p, size_t n)
{
	return has_instructions() ? blocks : NULL;
}
#else
void (*sha256_x86(void))(uint32_t h[8], const unsigned char *p, size_t n)
{
	return NULL;
}
#endif
