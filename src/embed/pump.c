/* SPDX-License-Identifier: MIT */
/* The loop in steps, for a program that has its own: one descriptor that says when. What the tasks
 * wait for is in an epoll of this moment, which lies in the one that the program knows. It goes
 * before anything can close those descriptors, and is made anew afterwards. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../due.h"
#include "embed.h"

#define MILLISECOND 1000000
#define AGAIN .1                /* seconds, where what is waited for cannot be known */

static void
let_fall(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int
watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

/* protected: (context). Sets in and due to what the tasks wait for. */
static int
gather(lua_State *L)
{
	struct lunik *l = lua_touserdata(L, 1);
	const char *how;
	double left;

	lua_rawgetp(L, LUA_REGISTRYINDEX, l);
	lua_getfield(L, -1, "wanted");
	lua_insert(L, -2);
	lua_call(L, 1, 2);                      /* context, descriptors, seconds */
	left = lua_isnil(L, 3) ? -1 : lua_tonumber(L, 3);
	for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
		how = lua_tostring(L, -1);
		if (watch(l->in, (int)lua_tointeger(L, -2),
		          (how[0] == 'r' ? EPOLLIN : 0u) |
		          (how[0] == 'w' || how[1] == 'w' ? EPOLLOUT : 0u)) == 0)
			continue;
		/* a file that is no stream can always be read */
		if (left < 0 || left > AGAIN)
			left = errno == EPERM ? 0 : AGAIN;
	}
	l->due = left < 0 ? DUE_NEVER : due_now() + (int64_t)(left * 1e9);
	return 0;
}

static bool
gathered(struct lunik *l)
{
	lua_pushcfunction(l->L, gather);
	lua_pushlightuserdata(l->L, l);
	if (lua_pcall(l->L, 1, 0, 0) == LUA_OK)
		return true;
	lua_pop(l->L, 1);
	return false;
}

void
pump_enter(struct lunik *l)
{
	if (l->depth++ > 0)
		return;
	let_fall(&l->in);
	l->starved = false;
}

void
pump_leave(struct lunik *l)
{
	if (--l->depth > 0 || l->out < 0 || !l->usable)
		return;
	l->in = epoll_create1(EPOLL_CLOEXEC);
	if (l->in >= 0 && gathered(l) && watch(l->out, l->in, EPOLLIN) == 0)
		return;
	/* without memory or descriptors it is tried again, and the call was what it was */
	let_fall(&l->in);
	l->due = due_after(AGAIN);
}

void
pump_close(struct lunik *l)
{
	let_fall(&l->in);
	let_fall(&l->out);
}

int
lunik_fd(struct lunik *l)
{
	if (!l->usable)         /* and why is remembered */
		return -1;
	if (l->out >= 0)
		return l->out;
	l->out = epoll_create1(EPOLL_CLOEXEC);
	pump_enter(l);
	pump_leave(l);
	blame(l, l->out < 0 ? &no_descriptor : NULL);
	return l->out;
}

short
lunik_events(struct lunik *l)
{
	(void)l;
	return POLLIN;
}

int
lunik_timeout(struct lunik *l)
{
	int64_t left;

	if (l->due == DUE_NEVER)
		return -1;
	left = (l->due - due_now() + MILLISECOND - 1) / MILLISECOND;
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

int
lunik_step(struct lunik *l)
{
	int n, turn = 1;

	pump_enter(l);
	do {
		struct due d = { .l = l, .take = take_nothing };

		n = ask(l, take_due, &d, "step", "b", turn);
		turn = 0;
		if (n < 0 || d.over)
			break;
		n = serve(&d);
	} while (n == 0);
	pump_leave(l);
	return n;
}

/* Nothing but write(2), since it may be a signal handler that calls. */
void
lunik_interrupt(struct lunik *l)
{
	static const uint64_t one = 1;
	int before = errno;
	ssize_t n = write(l->wake, &one, sizeof one);

	(void)n;                        /* it is full: somebody has said so already */
	errno = before;
}
