-- Copies by the scripts that a guest runs, here by the shell and the tar of the host, which stand
-- for a guest that is reached by ssh: what runs there outlives the ssh that is here.
local copy = require "lunik.vm.copy"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local odd_tree = require "support.odd_tree"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local SEED = 77

describe("a copy by a guest's shell", function()
  local dir, there, l

  before_each(function()
    dir, l = scratch.new(), loop.new()
    there = dir .. "/there"
    stat.mkdir(there, 448)
    stat.mkdir(dir .. "/bin", 448)
    scratch.write(dir .. "/ssh", '#!/bin/sh\nshift\nexec setsid -w "$@"\n', 448)
  end)
  after_each(function() run.output { argv = { "rm", "-rf", dir }, path = true } end)

  local path

  -- Something that is copied from or to the guest.
  local function around()
    return { loop = l, name = "m", dir = dir, mounts = function() return {} end,
             env = { "PATH=" .. (path or os.getenv "PATH") },
             ssh_argv = function(argv) return { dir .. "/ssh", table.unpack(argv) } end,
             doors = { open = function() return nil, "no stream", "unsupported" end,
                       captured = function() return { status = 0, note = "by ssh" } end } }
  end

  local function carry(fn, asked)
    return l:run(function() return fn(around(), asked) end)
  end

  local function into(from, to, more)
    return carry(copy.into, { from = from, to = to, progress = more })
  end
  local function out(from, to, more)
    return carry(copy.out, { from = from, to = to, progress = more })
  end

  it("brings a tree there and back as it was", function()
    odd_tree.make(dir .. "/tree")
    local done = into("tree", there)
    assert.equal("ssh", done.road)
    assert.same(odd_tree.told(dir .. "/tree"), odd_tree.told(there .. "/tree"))
    assert(stat.stat(there .. "/tree/sparse").st_blocks < 8 << 10)
    assert(out(there .. "/tree", "back"))
    assert.same(odd_tree.told(dir .. "/tree"), odd_tree.told(dir .. "/back"))
    assert(stat.stat(dir .. "/back/sparse").st_blocks < 8 << 10)
    assert.same({ "tree" }, { table.unpack(scratch.list(there), 1, 1) })
  end)

  it("keeps holes, wherever they are", function()
    local data = ("data"):rep(3000)
    local places = { { 0 }, { 5 << 20 }, { 0, 7 << 20, 9 << 20 }, { (10 << 20) - 12000 } }
    for i, pieces in ipairs(places) do
      local file <close> = assert(io.open(dir .. "/f", "wb"))
      for _, at in ipairs(pieces) do
        file:seek("set", at)
        file:write(data)
      end
      file:flush()
      unistd.truncate(dir .. "/f", (10 << 20) + i)
      stat.chmod(dir .. "/f", 416)
      core.folder.touch(dir .. "/f", 1300000000 + i)
      local done = into("f", there .. "/g")
      assert(done.bytes < #pieces * 20000, done.bytes)
      assert.is_true(scratch.read(dir .. "/f") == scratch.read(there .. "/g"))
      local was, is = stat.stat(dir .. "/f"), stat.stat(there .. "/g")
      assert.same({ was.st_mode, was.st_mtime }, { is.st_mode, is.st_mtime })
      assert(is.st_blocks < 200, is.st_blocks)
      assert.same({ "g" }, scratch.list(there))
    end
  end)

  it("joins a tree with what is there", function()
    odd_tree.make(dir .. "/tree")
    stat.mkdir(there .. "/tree", 448)
    stat.mkdir(there .. "/tree/d*", 448)
    scratch.write(there .. "/tree/d*/*", "old")
    scratch.write(there .. "/tree/d*/kept", "kept")
    assert(into("tree", there))
    assert.equal("kept", scratch.read(there .. "/tree/d*/kept"))
    os.remove(there .. "/tree/d*/kept")
    assert(into("tree/.", there .. "/tree/"))
    local want, got = odd_tree.told(dir .. "/tree"), odd_tree.told(there .. "/tree")
    local differ = {}
    for i, line in ipairs(want) do
      if line ~= got[i] then differ[#differ + 1] = line:match '^"[^"]*"' end
    end
    -- directories that were there keep what they were, and hard links end where a name is taken
    assert.equal(#want, #got)
    for _, name in ipairs(differ) do assert.matches('^"[d.h-]', name) end
  end)

  it("has the name that scp gives it", function()
    scratch.write(dir .. "/f", "text", 416)
    stat.mkdir(dir .. "/d", 448)
    scratch.write(dir .. "/d/x", "x")
    for _, case in ipairs {
      { "f", "/", "f" }, { "f", "", "f" }, { "f", "/g", "g" }, { "d", "/", "d d/x" },
      { "d", "/new", "new new/x" }, { "d", "/new/", "new new/x" }, { "d/.", "/", "x" },
      { "d/", "/", "d d/x" },
    } do
      assert(into(case[1], there .. case[2]))
      assert.equal(case[3], table.concat(scratch.list(there), " "))
      assert(out(there .. "/.", "got"))
      assert.equal(case[3], table.concat(scratch.list(dir .. "/got"), " "))
      run.output { argv = { "rm", "-rf", there, dir .. "/got" }, path = true }
      stat.mkdir(there, 448)
    end
  end)

  local refused = {
    ["is not there"] = { "missing", "%s/none: No such file or directory", function()
      return out(there .. "/none", "x")
    end },
    ["is a link to nothing"] = { "missing", "%s/l: is a link to nothing", function()
      unistd.link("none", there .. "/l", true)
      return out(there .. "/l", "x")
    end },
    ["is a pipe"] = { "failed", "%s/p: is neither a file nor a directory", function()
      stat.mkfifo(there .. "/p", 384)
      return out(there .. "/p", "x")
    end },
    ["has no directory to go to"] = { "missing", "%s/no/: No such file or directory", function()
      return into("f", there .. "/no/f")
    end },
    ["is a file, for a directory that is missing"] = { "missing",
      "%s/no/: No such file or directory", function() return into("f", there .. "/no/") end },
    ["is a file where a directory is"] = { "failed", "%s/f: Is a directory", function()
      stat.mkdir(there .. "/f", 448)
      return into("f", there)
    end },
    ["is a directory where a file is"] = { "failed", "%s/f: Not a directory", function()
      scratch.write(there .. "/f", "old")
      return into("d", there .. "/f")
    end },
    ["has a directory where a file is, within"] = { "failed", "%s/d/sub: Not a directory",
      function()
        stat.mkdir(there .. "/d", 448)
        scratch.write(there .. "/d/sub", "old")
        return into("d", there)
      end },
    ["has a file where a directory is, within"] = { "failed", "%s/d/x: Is a directory", function()
      stat.mkdir(there .. "/d", 448)
      stat.mkdir(there .. "/d/x", 448)
      return into("d", there)
    end },
    ["would stand for a pipe"] = { "failed", "%s/p: is no file", function()
      stat.mkfifo(there .. "/p", 384)
      return into("f", there .. "/p")
    end },
    ["comes where there is no tar"] = { "failed",
      "%s/d: the guest has no tar: it takes single files only, without holes", function()
        for name in ("sh cat mkdir rm mv chmod touch stat ls setsid"):gmatch "%l+" do
          local found = run.output { argv = { "sh", "-c", "command -v " .. name }, path = true }
          unistd.link(found:match "[^\n]+", dir .. "/bin/" .. name, true)
        end
        path = dir .. "/bin"
        local done, why, code = into("d", there)
        local file = into("f", there .. "/single") and out(there .. "/single", dir .. "/single")
        path = nil
        assert.equal("text", file and scratch.read(dir .. "/single"))
        assert.equal(416, stat.stat(there .. "/single").st_mode & 4095)
        os.remove(there .. "/single")
        return done, why, code
      end },
  }
  for what, case in pairs(refused) do
    it("is refused where it " .. what .. ", and nothing is left of it", function()
      scratch.write(dir .. "/f", "text", 416)
      stat.mkdir(dir .. "/d", 448)
      stat.mkdir(dir .. "/d/sub", 448)
      scratch.write(dir .. "/d/x", "x")
      local done, why, code = case[3]()
      assert.is_nil(done)
      assert.equal("m:" .. case[2]:format(there), why)
      assert.equal(case[1], code)
      assert.equal("", table.concat(scratch.list(there), " "):match "%.lunik%-cp.*" or "")
    end)
  end

  it("takes a stream in, and gives one out", function()
    local pieces = { "a", ("b"):rep(300000), "\0" }
    local at = 0
    assert(carry(copy.into, { to = there .. "/f", source = function()
      at = at + 1
      return pieces[at]
    end }))
    local got = {}
    assert(carry(copy.out, { from = there .. "/f",
                             sink = function(bytes) got[#got + 1] = bytes end }))
    assert.equal(table.concat(pieces), table.concat(got))
    assert.same({ "f" }, scratch.list(there))
    assert.same({ nil, "m:" .. there .. ": is a directory, not a file", "invalid" },
                { carry(copy.out, { from = there, sink = print }) })
  end)

  it("leaves what was there, or all that is new, whenever it is interrupted", function()
    local old, new = ("old"):rep(1000), ("new"):rep(400000)
    stat.mkdir(dir .. "/tree", 448)
    for i = 1, 9 do scratch.write(dir .. "/tree/" .. i, new) end
    stat.mkdir(there .. "/source", 448)
    scratch.write(there .. "/source/1", new)
    math.randomseed(SEED)
    local whole = 0
    for _ = 1, 25 do
      scratch.write(there .. "/f", old)
      scratch.write(dir .. "/f", old)
      local limit = math.random(1, 1400000)
      local function stop(bytes) if bytes > limit then error({ why = "enough" }, 0) end end
      if into("tree/1", there .. "/f", stop) then whole = whole + 1 end
      out(there .. "/source/1", "f", stop)
      into("tree", there .. "/tree", stop)
      for _, path_of in ipairs { there, dir } do
        local text = scratch.read(path_of .. "/f")
        assert(text == old or text == new, #text)
      end
      -- what was left to itself takes its own away
      run.output { argv = { "timeout", "20", "sh", "-c",
        "while ls -A " .. there .. " | grep -q lunik-cp; do :; done" }, path = true }
      assert.same({ "f", "source", "source/1" }, scratch.list(there))
      assert.equal("", table.concat(scratch.list(dir), " "):match "%.lunik%-cp.*" or "")
    end
    assert(whole > 0 and whole < 25, whole)
  end)
end)
