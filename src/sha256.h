/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4), by the processor's own instructions where it has them, which
 * is five times as fast. */
#ifndef LUNIK_SHA256_H
#define LUNIK_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_HEX 65           /* bytes of a sum as text, its end included */

struct sha256 {
	uint32_t h[8];
	uint64_t length;        /* bytes so far */
	unsigned char block[64];
	void (*blocks)(uint32_t h[8], const unsigned char *p, size_t n);
};

/* `plain`: without them. */
void sha256_init(struct sha256 *s, bool plain);
void sha256_add(struct sha256 *s, const void *bytes, size_t n);

/* The sum in hexadecimal; nothing can be added after it. */
void sha256_end(struct sha256 *s, char hex[SHA256_HEX]);

extern const uint32_t sha256_k[64];     /* the constants of the rounds */

/* What reads blocks of 64 bytes by the instructions of an x86 processor; NULL without. */
void (*sha256_x86(void))(uint32_t h[8], const unsigned char *p, size_t n);

#endif
