/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "copy.h"

#define PAGE  4096
#define CHUNK (64 * PAGE)       /* on the stack */

static void
add_number(struct copy *c, uint64_t n)
{
	unsigned char bytes[8];
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(n >> (8 * i));
	sha256_add(&c->sum, bytes, sizeof bytes);
}

int
copy_start(struct copy *c, struct err *e)
{
	struct stat st;

	sha256_init(&c->sum, false);
	c->at = 0;
	c->bytes = 0;
	if (fstat(c->from, &st) < 0)
		return err_sys(e, "read");
	c->size = st.st_size;
	if (c->to >= 0 && ftruncate(c->to, c->size) < 0)
		return err_sys(e, "write");
	return 0;
}

static int
is_zero(const char *p, size_t n)
{
	return !p[0] && memcmp(p, p + 1, n - 1) == 0;
}

static int
read_all(struct copy *c, char *p, size_t n, struct err *e)
{
	size_t got = 0;
	ssize_t k;

	while (got < n) {
		k = pread(c->from, p + got, n - got, c->at + (off_t)got);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_sys(e, "read");
		if (k == 0)
			return err_set(e, EIO, "read: the file has become shorter");
		got += (size_t)k;
	}
	return 0;
}

static int
write_all(int fd, const char *p, size_t n, off_t at, struct err *e)
{
	ssize_t k;

	while (n) {
		k = pwrite(fd, p, n, at);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_sys(e, "write");
		p += k;
		n -= (size_t)k;
		at += k;
	}
	return 0;
}

static void
add_page(struct copy *c, uint64_t number, const char *p, size_t n)
{
	if (c->known)
		return;
	add_number(c, number);
	sha256_add(&c->sum, p, n);
}

/* Sums up pages from p on for as long as they are not zeroes: how many bytes. */
static size_t
run(struct copy *c, const char *p, size_t n, off_t at)
{
	size_t done = 0, page;

	while (done < n) {
		page = n - done < PAGE ? n - done : PAGE;
		if (is_zero(p + done, page))
			break;
		add_page(c, (uint64_t)(at + (off_t)done) / PAGE, p + done, page);
		done += page;
	}
	c->bytes += done;
	return done;
}

static int
chunk(struct copy *c, size_t n, struct err *e)
{
	char p[CHUNK];
	size_t at = 0, length;

	if (read_all(c, p, n, e) < 0)
		return -1;
	while (at < n) {
		length = run(c, p + at, n - at, c->at + (off_t)at);
		if (length && c->to >= 0 &&
		    write_all(c->to, p + at, length, c->at + (off_t)at, e) < 0)
			return -1;
		at += length ? length : PAGE;
	}
	c->at += (off_t)n;
	return 0;
}

/* To the page with the next byte that is no hole. */
static int
skip_hole(struct copy *c, struct err *e)
{
	off_t next = lseek(c->from, c->at, SEEK_DATA);

	if (next < 0 && errno == EINVAL)
		return 0;       /* a file system that knows no holes */
	if (next < 0 && errno != ENXIO)
		return err_sys(e, "read");
	c->at = next < 0 || next > c->size ? c->size : next / PAGE * PAGE;
	return 0;
}

int
copy_step(struct copy *c, off_t most, struct err *e)
{
	off_t n;

	while (c->at < c->size && most > 0) {
		if (skip_hole(c, e) < 0)
			return -1;
		n = c->size - c->at < CHUNK ? c->size - c->at : CHUNK;
		if (chunk(c, (size_t)n, e) < 0)
			return -1;
		most -= CHUNK;
	}
	return c->at < c->size;
}

void
copy_end(struct copy *c, char hex[SHA256_HEX])
{
	add_number(c, (uint64_t)c->size);
	sha256_end(&c->sum, hex);
}
