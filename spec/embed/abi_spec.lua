-- What programs that were built with an earlier liblunik count on: src/embed/lunik.abi has it, and
-- `make abi` holds the library against it.
local embed = require "support.embed"
local run = require "support.run"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

describe("make abi", function()
  local dir
  setup(function()
    dir = scratch.new()
    embed.make "c"
    for _, name in ipairs { "Makefile", "src", "lua", "scripts" } do
      embed.does { "cp", "-Rp", name, dir }
    end
    embed.does { "mkdir", dir .. "/build" }
    for _, name in ipairs { "src", "lib", "flags", "luadir" } do
      embed.does { "cp", "-Rp", "build/" .. name, dir .. "/build" }
    end
  end)
  teardown(function() embed.does { "rm", "-rf", dir } end)

  -- What it says of a library whose header and code are edited, and its exit code.
  local function held(file, before, after)
    local path = dir .. "/src/embed/" .. file
    local text = scratch.read(path)
    assert.truthy(text:find(before, 1, true), before)
    local from, to = text:find(before, 1, true)
    scratch.write(path, text:sub(1, from - 1) .. after .. text:sub(to + 1))
    local said, how, status = run.output { path = true, env = { "PATH=" .. os.getenv "PATH" },
      -- as the objects were compiled, which are there
      argv = { "sh", "-c", ("make -s -C %s abi NOWHERE=-ffile-prefix-map=%s=. 2>&1"):format(dir,
        unistd.getcwd()) } }
    scratch.write(path, text)
    assert.equal("exited", how)
    return said, status
  end

  it("takes what it was told last", function() embed.make "abi" end)

  it("refuses a struct that has another shape", function()
    local said, status = held("lunik.h", "int status; ", "long status;")
    assert.equal(2, status)
    assert.matches("type of 'int status' changed", said, 1, true)
  end)

  it("refuses a library that lacks a function, and takes one that has another", function()
    local said, status = held("lunik.map", "global: lunik_*;", "global: lunik_[!s]*;")
    assert.equal(2, status)
    assert.matches("Removed functions.*lunik_stop", said)
    said, status = held("call.c", "size_t\nlunik_problem_count(const struct lunik *l)\n",
      "LUNIK_API int lunik_more(void);\nint lunik_more(void) { return 1; }\n\n"
      .. "size_t\nlunik_problem_count(const struct lunik *l)\n")
    assert.equal(0, status, said)
  end)
end)
