# lunik: `make demo` and `make test` set up what they need; the rest is for those who change it.
LUA     ?= lua5.4
PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LUADIR  ?= $(PREFIX)/share/lua/5.4
LIBDIR  ?= $(PREFIX)/lib/lua/5.4
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
DOCDIR  ?= $(DATADIR)/doc/lunik
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d
B       ?= build
Q        = $(if $(V),,@)
CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes
LUAPC    = $(shell pkg-config --exists lua5.4 && echo lua5.4 || echo lua)
LUAINC  ?= $(shell pkg-config --cflags $(LUAPC))
JSON     = $(shell pkg-config --cflags json-c)
HARDEN   = $(if $(SAN),,-fstack-protector-strong -fstack-clash-protection \
	$(if $(findstring FORTIFY,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
NOWHERE  = -ffile-prefix-map=$(CURDIR)=.
LINK     = -shared $(SAN) $(if $(SAN),,-Wl,-z,relro,-z,now) $(LDFLAGS)
ALLC     = $(HARDEN) $(NOWHERE) $(CPPFLAGS) $(CFLAGS) $(WARN) -std=gnu11 -D_GNU_SOURCE -fPIC -fvisibility=hidden $(LUAINC) $(JSON) $(SAN)
HERE     = LUA_PATH="lua/?.lua;lua/?/init.lua;bench/?.lua;build/deps/share/?.lua;build/deps/share/?/init.lua;;" \
	LUA_CPATH="$(B)/lib/?.so;build/deps/lib/?.so;;"
placed   = '1s|.*|\#!'$$(command -v $(LUA))'|; s|^local home .*|local home = "$(1)"|'
JOBS    ?= $(shell nproc)
SPECS    = B=$(B) LUA=$(LUA) JOBS=$(JOBS) $(LUA) scripts/specs
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CORPORA ?= ../shared/tools
SECONDS ?= 20
ROUNDS  ?= 300
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)

SRC = src/err.c src/base64.c src/optstr.c src/shell.c src/due.c src/unixaddr.c src/chan.c src/chanio.c \
	src/buf.c src/utf8.c src/json.c src/jsonbuild.c src/jsonput.c src/split.c src/outq.c src/eventq.c \
	src/qmpmsg.c src/qmp.c src/qmpcmd.c src/qmpio.c \
	src/proc.c src/closefrom.c src/spawn.c src/refuse.c src/share.c src/userns.c src/lock.c src/signals.c src/watch.c src/kvm.c \
	src/tap.c src/folder.c src/standard.c src/terminal.c src/sha256.c src/sha256_x86.c src/copy.c src/ram.c
BIND = src/bind/core.c src/bind/base64.c src/bind/handle.c src/bind/argv.c src/bind/args.c src/bind/chan.c src/bind/chunk.c src/bind/proc.c src/bind/refuse.c \
	src/bind/json.c src/bind/splitter.c src/bind/uint64.c src/bind/value.c src/bind/valueput.c src/bind/qmp.c \
	src/bind/lock.c src/bind/userns.c src/bind/signals.c src/bind/watch.c src/bind/slice.c src/bind/memory.c \
	src/bind/kvm.c src/bind/tap.c src/bind/schema.c src/bind/pair.c \
	src/bind/options.c src/bind/folder.c src/bind/deadline.c src/bind/terminal.c src/bind/copy.c src/bind/ram.c \
	src/bind/guest.c
OBJ = $(SRC:%.c=$(B)/%.o) $(BIND:%.c=$(B)/%.o)

LUAS = $(sort $(shell find lua/lunik -name '*.lua'))

build: $(B)/lib/lunik/core.so $(B)/lunik $(B)/lib/lunik/modules

$(B)/lib/lunik/modules: $(LUAS) scripts/compile | right-lua
	@mkdir -p $(@D)
	@printf '%s\n' $(LUAS) | $(LUA) scripts/compile $@

$(B)/lib/lunik/core.so: $(OBJ)
	@mkdir -p $(@D)
	@echo "cc $@"
	$(Q)$(CC) $(LINK) -o $@ $(OBJ) $$(pkg-config --libs json-c)

# what guests run, of every architecture that there is a compiler for
RESEED = $(B)/src/guest/reseed.h
$(RESEED): src/guest/reseed.c scripts/reseed $(B)/flags $(B)/compilers
	@mkdir -p $(@D)
	@CC="$(CC)" scripts/reseed $@

$(B)/src/bind/guest.o: private ALLC += -I$(B)/src/guest -ffile-prefix-map=$(B)=build
$(B)/src/bind/guest.o: $(RESEED)

# those for other architectures: one that comes later, as by `make test`, makes the programs anew
$(B)/compilers: FORCE
	@mkdir -p $(@D)
	@there="there: $$(command -v aarch64-linux-gnu-gcc x86_64-linux-gnu-gcc clang ld.lld)"; \
	[ "$$(cat $@ 2>/dev/null)" = "$$there" ] || echo "$$there" >$@

# in words that any Lua understands
right-lua:
	@command -v $(LUA) >/dev/null || { echo "lunik: no $(LUA) is there: install lua5.4 (Debian, Ubuntu, Alpine)" \
	"or lua (Fedora, Arch), or name one: make LUA=…" >&2; exit 1; }
	@case "$$($(LUA) -e 'io.write(_VERSION)')" in 'Lua 5.4' | 'Lua 5.5') ;; *) echo "lunik is for Lua 5.4 and 5.5, and" \
	"$(LUA) is $$($(LUA) -e 'io.write(_VERSION)'): name another: make LUA=…" >&2; exit 1 ;; esac

json-c:
	@pkg-config --exists json-c || { echo "lunik: json-c is not there, or pkg-config is not: install" \
	"libjson-c-dev (Debian, Ubuntu), json-c-devel (Fedora), json-c (Arch), json-c-dev (Alpine)," \
	"and pkgconf" >&2; exit 1; }

$(B)/lunik: bin/lunik $(B)/place
	@sed $(call placed,$(abspath $@)) $< > $@
	@chmod 755 $@

# where build/lunik was made for: a checkout that was moved makes it anew
$(B)/place: FORCE
	@mkdir -p $(@D)
	@place="$(abspath $(@D)) $$(command -v $(LUA))"; \
	[ "$$(cat $@ 2>/dev/null)" = "$$place" ] || echo "$$place" >$@

$(B)/lib/%.so: $(B)/bench/%.o
	$(Q)$(CC) -shared -o $@ $<

$(B)/lua: $(B)/spec/support/interpreter.o
	$(Q)$(CC) $(SAN) -o $@ $< $$(pkg-config --libs $(LUAPC))

# how objects were compiled: another compiler or other flags make them anew
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = '$(CC) $(ALLC)' ] || echo '$(CC) $(ALLC)' >$@

$(B)/%.o: %.c $(B)/flags $(wildcard src/*.h src/bind/*.h) | json-c right-lua
	@mkdir -p $(@D)
	@echo "cc $<"
	$(Q)$(CC) $(ALLC) -c -o $@ $<

deps:
	@scripts/deps

guest:
	@guest/build

test: deps
	@$(MAKE) -s build guest
	@$(SPECS) --without long

# what needs no QEMU and no guest, with what is installed
check:
	@LUA=$(LUA) scripts/present
	@$(MAKE) -s build
	@$(SPECS) --pure

# real Debians, which take minutes to make, and minutes to boot; another architecture
real:
	@scripts/deps perl e2fsprogs qemu-system-arm qemu-efi-aarch64 chromium
	@$(MAKE) -s build guest
	@guest/debian bookworm & made=$$!; guest/debian trixie; status=$$?; wait $$made && exit $$status
	@LIMIT=7200 $(SPECS) $(addprefix spec/real/,bookworm.lua first_boot.lua saved.lua forked.lua cookbook.lua recipes.lua site.lua trixie.lua aarch64.lua)

# a Slurm of three nodes on loopback, in both ways of holding jobs together
fleet:
	@scripts/deps slurm-wlm munge
	@$(MAKE) -s build guest
	@$(SPECS) spec/fleet/cgroups.lua spec/fleet/linuxproc.lua
.PHONY: fleet

demo:
	@scripts/deps --demo
	@$(MAKE) -s build guest
	@$(HERE) scripts/demo

lint: deps
	@scripts/lint

sanitized: deps
	@$(MAKE) -s build
	@$(MAKE) -s build $(B)/san/lua B=$(B)/san SAN='$(SANITIZE)'

san: sanitized
	@JOBS=$(JOBS) SANITIZE='$(SANITIZE)' scripts/san $(B)

corpora: sanitized
	@scripts/corpora $(B) $(CORPORA)

fuzz: deps $(RESEED)
	@scripts/fuzz $(B) $(SECONDS) $(SRC)

# SEED and FIRST repeat what failed: make soak ROUNDS=1 SEED=… FIRST=…
soak: deps
	@$(MAKE) -s build guest
	@B=$(B) $(HERE) $(LUA) scripts/soak $(ROUNDS) $(SEED) $(FIRST)
	@B=$(B) $(LUA) $$(command -v busted) --tags=long spec/e2e
	@B=$(B) NOMEM_STEP=1 NOMEM_PLACES=300 $(LUA) $$(command -v busted) spec/embed

bench: build $(B)/lib/floor.so $(B)/lib/floor_argv.so
	@for b in argv line import startup up run mount plug exec cp state fork pool cycles qmp fleet; do $(HERE) $(LUA) bench/$$b.lua || exit 1; done

# What is installed is laid out below STAGE first, as it will lie: an install has one of its own, since
# others may be at work here. Where deps had to fetch luaposix,
# it goes along; to luarocks it is a rock of its own.
STAGE    = $(B)/stage
modules  = install -d $(1)$(LIBDIR)/lunik $(1)$(LUADIR) $(1)$(BINDIR) && \
	install -m 644 $(B)/lib/lunik/core.so $(B)/lib/lunik/modules $(1)$(LIBDIR)/lunik && \
	cp -R lua/lunik $(1)$(LUADIR) && cp -R types $(1)$(LUADIR)/lunik && \
	sed $(call placed,$(BINDIR)/lunik) bin/lunik > $(1)$(BINDIR)/lunik && chmod 755 $(1)$(BINDIR)/lunik

stage: build
	@rm -rf $(STAGE)
	@$(call modules,$(STAGE))
	@[ ! -e build/deps/share ] || cp -RL build/deps/share/posix $(STAGE)$(LUADIR)
	@[ ! -e build/deps/share ] || cp -RL build/deps/lib/posix $(STAGE)$(LIBDIR)
	@install -d $(STAGE)$(DOCDIR) $(STAGE)$(MANDIR)
	@$(call manual,$(STAGE)$(MANDIR))
	@cp -R README.md CHANGELOG.md LICENSE docs examples $(STAGE)$(DOCDIR)
	@$(call completion,bash,$(BASHDIR),lunik)
	@$(call completion,zsh,$(ZSHDIR),_lunik)
	@$(call completion,fish,$(FISHDIR),lunik.fish)

rock: build
	@$(call modules,)

completion = install -d $(STAGE)$(2) && $(HERE) $(LUA) -e 'require "lunik.cli".main { "completion", "$(1)" }' \
	>$(STAGE)$(2)/$(3)

# Trees are replaced whole, extensions of others in them kept; `make uninstall` with the same
# directories removes what was put there.
MANIFEST = $(DATADIR)/lunik/installed
install: build
	@$(call staged,stage,$(MANIFEST) $(LUADIR)/lunik $(LIBDIR)/lunik)

staged = stage=$(B)/$(1).$$$$; trap 'rm -rf "$$stage" "$$stage.lib"' EXIT; trap 'exit 1' HUP INT TERM; \
	$(MAKE) $(1) STAGE=$$stage EB=$$stage.lib && DESTDIR="$(DESTDIR)" $(HERE) $(LUA) scripts/install $$stage $(2)

uninstall:
	@DESTDIR="$(DESTDIR)" $(HERE) $(LUA) scripts/install --remove $(MANIFEST)

manual = SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) $(HERE) $(LUA) scripts/man $(1)
man: build
	@$(call manual,$(B)/man)

docs: build
	@$(HERE) scripts/docs

# docs/ as plain HTML below build/site
site:
	@scripts/deps cmark-gfm
	@$(MAKE) -s build
	@$(HERE) scripts/site $(B)/site
.PHONY: site

# the terminal session of the README: docs/demo.cast and docs/demo.svg
record: deps
	@$(MAKE) -s build guest
	@$(HERE) scripts/record
.PHONY: record

# RELEASE=…: what is committed becomes that version: scripts/release
release: check
	@B=$(B) LUA=$(LUA) scripts/release $(RELEASE)

# the roads to an installed lunik in fresh Debians, which take minutes; as root
roads: deps
	@$(MAKE) -s build guest
	@scripts/roads trixie
	@scripts/roads bookworm

# One executable with Lua, json-c and all modules in it, and luaposix's libraries beside it: for
# hosts without Lua. The libc is theirs.
WHOLE    = $(B)/standalone
POSIX    = $(shell $(HERE) $(LUA) -e 'io.write((package.searchpath("posix.version", package.path):gsub("/[^/]*$$", "")))')
POSIXLIB = $(shell $(HERE) $(LUA) -e 'io.write((package.searchpath("posix.unistd", package.cpath):gsub("/[^/]*$$", "")))')
static   = -Wl,-Bstatic $$(pkg-config --libs $(1)) -Wl,-Bdynamic
standalone: build
	@mkdir -p $(WHOLE)/posix $(B)/src/standalone
	@$(LUA) scripts/standalone --boot src/standalone/boot.lua $(B)/src/standalone/boot.h
	@cp -RL $(POSIXLIB)/. $(WHOLE)/posix
	@(printf '%s\n' $(LUAS); cd $(POSIX) && find . -name '*.lua' -printf '%P\n' | LC_ALL=C sort | \
		sed 's|\(.*\)\.lua$$|posix.\1=$(POSIX)/&|; :dots; s|^\([^=]*\)/\([^=]*\)=|\1.\2=|; t dots; s|\.init=|=|') | \
		$(LUA) scripts/compile $(B)/standalone.modules
	$(Q)$(CC) $(ALLC) -I$(B)/src/standalone -Wl,-E -Wl,-z,relro,-z,now $(LDFLAGS) -o $(B)/standalone.elf \
		src/standalone/main.c $(OBJ) $(call static,$(LUAPC) json-c) -lm -ldl
	@$(LUA) scripts/standalone $(B)/standalone.elf $(B)/standalone.modules $(WHOLE)/lunik
	@chmod 755 $(WHOLE)/lunik

# What is committed, as a tarball that builds, tests and installs itself.
dist:
	@scripts/dist $(B)

# The C library: shared, static (of which only lunik_* can be seen), and what pkg-config says of it. It
# knows the LUADIR that it is for, so what is installed is made in a folder EB of its own.
EB      ?= $(B)
EMBED    = $(patsubst %.c,$(EB)/%.o,$(wildcard src/embed/*.c))
VERSION := $(shell sed -n 's/^return "\(.*\)"$$/\1/p' lua/lunik/version.lua)
CLIB    ?= $(PREFIX)/lib
CINCLUDE ?= $(PREFIX)/include
$(EMBED): private ALLC += -DLUADIR='"$(LUADIR)"' -DLUNIK_VERSION='"$(VERSION)"'
$(EMBED): $(wildcard src/embed/*.h) lua/lunik/version.lua

$(EMBED): $(EB)/%.o: %.c $(B)/flags $(wildcard src/*.h src/bind/*.h) | json-c right-lua
	@mkdir -p $(@D)
	@echo "cc $<"
	$(Q)$(CC) $(ALLC) -c -o $@ $<

$(EB)/src/embed/context.o: $(EB)/luadir
$(EB)/luadir: FORCE
	@mkdir -p $(@D)
	@[ "$$(cat $@ 2>/dev/null)" = '$(LUADIR)' ] || echo '$(LUADIR)' >$@

c: $(EB)/lib/liblunik.so $(EB)/lib/liblunik.a

$(EB)/lib/liblunik.so: $(OBJ) $(EMBED) src/embed/lunik.map
	@mkdir -p $(@D)
	@echo "cc $@"
	$(Q)$(CC) $(LINK) -Wl,-soname,liblunik.so.0 -Wl,--version-script=src/embed/lunik.map \
		-o $@.0 $(OBJ) $(EMBED) $$(pkg-config --libs json-c $(LUAPC)) -ldl && ln -sf $(@F).0 $@

$(EB)/lib/liblunik.a: $(OBJ) $(EMBED)
	@mkdir -p $(@D)
	@echo "ar $@"
	$(Q)$(LD) -r -o $(EB)/lunik.o $^ && objcopy --localize-hidden --localize-symbol=luaopen_lunik_core $(EB)/lunik.o
	$(Q)rm -f $@ && $(AR) rcsD $@ $(EB)/lunik.o

# what programs that were built before count on: `make abi-keep` where it grows
abi: $(EB)/lib/liblunik.so
	@abidiff --no-added-syms src/embed/lunik.abi $<.0

abi-keep: $(EB)/lib/liblunik.so
	@abidw --drop-private-types --exported-interfaces-only --header-file src/embed/lunik.h --no-elf-needed --no-comp-dir-path --no-corpus-path --short-locs $<.0 >src/embed/lunik.abi

stage-c: STAGE = $(B)/stage-c
stage-c: c
	@rm -rf $(STAGE)
	@install -d $(STAGE)$(CLIB)/pkgconfig $(STAGE)$(CINCLUDE)
	@install -m 644 $(EB)/lib/liblunik.so.0 $(STAGE)$(CLIB)/liblunik.so.$(VERSION)
	@ln -s liblunik.so.$(VERSION) $(STAGE)$(CLIB)/liblunik.so.0
	@ln -s liblunik.so.0 $(STAGE)$(CLIB)/liblunik.so
	@install -m 644 $(EB)/lib/liblunik.a $(STAGE)$(CLIB)
	@install -m 644 src/embed/lunik.h $(STAGE)$(CINCLUDE)
	@sed 's|@LIB@|$(CLIB)|; s|@INCLUDE@|$(CINCLUDE)|; s|@VERSION@|$(VERSION)|; s|@LUA@|$(LUAPC)|' \
		src/embed/lunik.pc.in >$(STAGE)$(CLIB)/pkgconfig/lunik.pc

install-c: $(OBJ)
	@$(call staged,stage-c,$(MANIFEST)-c)

uninstall-c:
	@DESTDIR="$(DESTDIR)" $(HERE) $(LUA) scripts/install --remove $(MANIFEST)-c

clean:
	rm -rf $(B)

.PHONY: FORCE build deps guest test check real fleet demo lint sanitized san corpora fuzz soak bench docs man stage dist release roads standalone rock right-lua json-c install uninstall c abi abi-keep stage-c install-c uninstall-c clean
