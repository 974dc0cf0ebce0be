-- The lunik program with the modules of the specs: LUA_PATH and LUA_CPATH say where.
os.exit(require "lunik.cli".main(arg), true)
