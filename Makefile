# lunik: `make demo` and `make test` set up what they need; the rest is for those who change it.
LUA     ?= lua5.4
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LUADIR  ?= $(PREFIX)/share/lua/5.4
LIBDIR  ?= $(PREFIX)/lib/lua/5.4
B       ?= build
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
LUAINC  ?= $(shell pkg-config --cflags lua5.4 2>/dev/null || pkg-config --cflags lua)
JSON     = $(shell pkg-config --cflags json-c)
ALLC     = $(CFLAGS) $(WARN) -std=gnu11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(LUAINC) $(JSON) $(SAN)

SRC = src/err.c src/optstr.c src/shell.c
BIND = src/bind/core.c src/bind/argv.c
OBJ = $(SRC:%.c=$(B)/%.o) $(BIND:%.c=$(B)/%.o)

build: $(B)/lib/lunik/core.so

$(B)/lib/lunik/core.so: $(OBJ)
	@mkdir -p $(@D)
	$(CC) -shared $(SAN) $(LDFLAGS) -o $@ $(OBJ) $$(pkg-config --libs json-c)

$(B)/%.o: %.c $(wildcard src/*.h src/bind/*.h)
	@mkdir -p $(@D)
	$(CC) $(ALLC) -c -o $@ $<

clean:
	rm -rf $(B)

.PHONY: build clean
