/* SPDX-License-Identifier: MIT */
#ifndef NOMEM_H
#define NOMEM_H

struct lua_State;

/* Lets the allocations from the first-th on fail, `most` of them. */
void nomem_begin(long first, long most);

/* Ends that; how many were asked for since. */
long nomem_end(void);

/* Blocks that are allocated now. */
long nomem_live(void);

int nomem_try(struct lua_State *L);
int nomem_blocks(struct lua_State *L);

#endif
