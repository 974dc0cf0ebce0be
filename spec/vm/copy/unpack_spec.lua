-- What a guest sends as a copy: whatever it is, it stays below the directory that it is put in.
local held = require "lunik.vm.copy.held"
local pack = require "lunik.vm.copy.pack"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"
local unpack = require "lunik.vm.copy.unpack"

local SEED, ROUNDS = 20240229, 4000

local function nothing() end

-- An entry with its data.
local function entry(fields)
  local data = fields.data or ""
  fields.size, fields.mode, fields.mtime = fields.size or #data, fields.mode or 420,
    fields.mtime or 1700000000
  return tar.header(fields) .. data .. tar.padding(#data)
end

local function file(name, data) return entry { kind = "file", name = name, data = data or "x" } end
local function folder(name) return entry { kind = "directory", name = name, mode = 493 } end
local function link(kind, name, target)
  return entry { kind = kind, name = name, target = target }
end

local TOP = folder "./"

-- A header with some bytes changed, and its sum made right again.
local function forged(text, at, bytes)
  text = text:sub(1, at) .. bytes .. text:sub(at + #bytes + 1)
  local sum = 8 * 32
  for i = 1, 512 do
    if i <= 148 or i > 156 then sum = sum + text:byte(i) end
  end
  return text:sub(1, 148) .. ("%06o\0 "):format(sum) .. text:sub(157)
end

local function typed(text, letter) return forged(text, 156, letter) end

-- Records in the form of pax, for the entry that follows.
local function pax(...)
  local data = ""
  for _, record in ipairs { ... } do
    local length = #record + 3
    length = #tostring(length) + #record + 2
    length = #tostring(length) + #record + 2
    data = ("%s%d %s\n"):format(data, length, record)
  end
  return typed(entry { kind = "file", name = "pax", data = data }, "x")
end

describe("a copy from a guest", function()
  local dir, top, skipped

  before_each(function()
    dir, skipped = scratch.new(), {}
    scratch.write(dir .. "/outside", "mine")
    stat.mkdir(dir .. "/away", 448)
    stat.mkdir(dir .. "/top", 448)
    top = held.open(dir .. "/top", "/at")
  end)
  after_each(function()
    top:close()
    scratch.remove(dir)
  end)

  -- Feeds it in pieces: whether it was whole | nil, why
  local function take(text, size)
    local sink = unpack.tree(top, { shown = "/at", told = nothing, skipped = skipped })
    local ok, why = pcall(function()
      for at = 1, #text, size or 1000 do sink:feed(text:sub(at, at + (size or 1000) - 1)) end
    end)
    local whole = sink:whole() or false
    sink:close()
    if ok then return whole end
    assert(type(why) == "table", why)
    return nil, why.why
  end

  -- All that is there but for the top.
  local function outside()
    local list = {}
    for _, name in ipairs(scratch.list(dir)) do
      if not name:find "^top" then list[#list + 1] = name end
    end
    return table.concat(list, " ") .. " " .. scratch.read(dir .. "/outside") .. " "
           .. #scratch.list(dir .. "/away")
  end
  local UNTOUCHED = "away outside mine 0"

  -- Nothing in it is a device, or runs as another.
  local function is_harmless()
    for _, path in ipairs(scratch.list(dir .. "/top")) do
      local info = stat.lstat(dir .. "/top/" .. path)
      local kind = stat.S_ISREG(info.st_mode) + stat.S_ISDIR(info.st_mode)
                   + stat.S_ISLNK(info.st_mode)
      assert(kind > 0, path)
      assert.equal(0, info.st_mode & 3072, path)
    end
  end

  it("is what it was, in pieces of any size", function()
    local text = TOP .. folder "./a/" .. file("./a/b", ("data"):rep(300)) .. file "./c"
      .. link("symlink", "./l", "a/b") .. link("link", "./h", "./c")
      .. file("./" .. ("n"):rep(200)) .. tar.FINISH .. ("\0"):rep(9000)
    for _, size in ipairs { 1, 7, 512, 100000 } do
      assert.is_true(take(text, size))
      assert.equal(("data"):rep(300), scratch.read(dir .. "/top/a/b"))
      assert.equal("a/b", unistd.readlink(dir .. "/top/l"))
      assert.equal(2, stat.stat(dir .. "/top/h").st_nlink)
      assert.equal(1700000000, stat.lstat(dir .. "/top/l").st_mtime)
      assert.equal(1700000000, stat.stat(dir .. "/top/a").st_mtime)
      assert.equal("x", scratch.read(dir .. "/top/" .. ("n"):rep(200)))
      top:close()
      scratch.remove(dir .. "/top")
      stat.mkdir(dir .. "/top", 448)
      top = held.open(dir .. "/top")
    end
  end)

  local refused = {
    ["leads up"] = { file "./../outside", "not below" },
    ["leads up from within"] = { folder "./a/" .. file "./a/../../outside", "not below" },
    ["is absolute"] = { file "/outside", "not below" },
    ["is absolute by its pax record"] = { pax "path=/outside" .. file "./a", "not below" },
    ["leads up by its long name"] = { file("./" .. ("../"):rep(40) .. "x"), "not below" },
    ["has a NUL byte"] = { pax "path=a\0b" .. file "./a", "NUL" },
    ["goes through a link"] = { link("symlink", "./l", "../away") .. file "./l/x",
                                "/at/l: .*Not a directory" },
    ["goes through a link that stands for a directory"] = {
      link("symlink", "./l", "../away") .. folder "./l/" .. file "./l/x", "File exists" },
    ["is a file behind a link"] = { link("symlink", "./l", "../outside") .. file "./l",
                                    "File exists" },
    ["comes twice"] = { file "./a" .. file "./a", "/at/a: File exists" },
    ["has no directory before it"] = { file "./a/b", "/at/a: No such file" },
    ["links to what leads up"] = { link("link", "./h", "../outside"), "not below" },
    ["links to what is absolute"] = { link("link", "./h", "/etc/passwd"), "not below" },
    ["links through a link"] = { link("symlink", "./l", "..") .. link("link", "./h", "l/outside"),
                                 "Not a directory" },
    ["links to a link"] = { link("symlink", "./l", "../outside") .. link("link", "./h", "l"),
                            "no file" },
    ["links to a directory"] = { folder "./a/" .. link("link", "./h", "a"), "no file" },
    ["links to nothing"] = { link("link", "./h", "none"), "no file" },
    ["links to the top"] = { link("link", "./h", "."), "no file" },
    ["is the top, as a file"] = { file ".", "the directory itself" },
    ["is of no known type"] = { typed(file "./a", "Z"), "unknown type" },
    ["is sparse in GNU's way"] = { typed(file "./a", "S"), "unknown type" },
    ["is sparse in pax's way"] = { pax "GNU.sparse.major=1" .. file "./a", "none" },
    ["has a wrong sum"] = { file "./a":gsub("^..a", "./z"), "wrong sum" },
    ["has a size below zero"] = { forged(file "./a", 124, "\xff" .. ("\xff"):rep(11)), "number" },
    ["has a size beyond all"] = { forged(file "./a", 124, "\x80" .. ("\xff"):rep(11)), "number" },
    ["has a mode of letters"] = { forged(file "./a", 100, "rwxr-xr\0"), "number" },
    ["has a name without end"] = { typed(forged(file "./a", 124, "77777777777\0"), "L"),
                                   "too long" },
    ["has records that overlap"] = { typed(entry { kind = "file", name = "p",
      data = "99999 path=a\n" }, "x") .. file "./a", "records" },
    ["has a size that is no number"] = { pax "size=1e3x" .. pax "size=" .. file "./a", "number" },
  }
  for what, case in pairs(refused) do
    it("is refused where it " .. what, function()
      local whole, why = take(TOP .. case[1] .. tar.FINISH)
      assert.is_nil(whole)
      assert.matches(case[2], why)
      assert.equal(UNTOUCHED, outside())
      is_harmless()
    end)
  end

  it("has no devices and no bits of an owner: the first are named", function()
    assert.is_true(take(TOP .. typed(file("./sda", ""), "4") .. typed(file("./tty", ""), "3")
      .. typed(file("./fifo", ""), "6") .. entry { kind = "file", name = "./su", mode = 2541 }
      .. entry { kind = "directory", name = "./g/", mode = 1533 } .. tar.FINISH))
    assert.same({ "/at/sda: is a device", "/at/tty: is a character device",
                  "/at/fifo: is a fifo" }, skipped)
    assert.same({ "g", "su" }, scratch.list(dir .. "/top"))
    is_harmless()
  end)

  it("may be of any time", function()
    for i, field in ipairs { "\x80" .. ("\0"):rep(4) .. "\x0f" .. ("\xff"):rep(6),
                             ("\xff"):rep(12), "77777777777\0" } do
      assert.is_true(take(TOP .. forged(file("./" .. i), 136, field)
                          .. tar.FINISH))
    end
  end)

  it("is not whole where its end has not come", function()
    local text = TOP .. file "./a"
    for _, size in ipairs { 0, 512, #text - 1, #text } do
      assert.is_false(take(text:sub(1, size)))
      unistd.unlink(dir .. "/top/a")
    end
  end)

  it("becomes sparse where it has nothing but zeros", function()
    local data = ("\0"):rep(8 << 20)
    assert.is_true(take(TOP .. file("./a", data) .. file("./b", data .. "end")
                        .. file("./c", "begin" .. data) .. tar.FINISH))
    for name, want in pairs { a = data, b = data .. "end", c = "begin" .. data } do
      assert.is_true(scratch.read(dir .. "/top/" .. name) == want)
      assert(stat.stat(dir .. "/top/" .. name).st_blocks < 1000)
    end
  end)

  it("stays where it is whatever it says", function()
    local random = math.random
    math.randomseed(SEED)
    local names = { "a", "b", "a/b", "l", "l/x", "..", "../outside", "/outside", ".", "", "./a/",
                    "a/../..", "l/../outside", ("n"):rep(120), "\xff\n", "h" }
    local targets = { "..", "../away", "/", "a", "../outside" }
    local function name() return names[random(#names)] end
    local makers = {
      function() return file(name(), ("d"):rep(random(0, 1200))) end,
      function() return folder(name() .. "/") end,
      function() return link("symlink", name(), targets[random(#targets)]) end,
      function() return link("link", name(), name()) end,
      function() return pax("path=" .. name()) end,
      function() return pax("linkpath=" .. name(), "size=" .. random(0, 5)) end,
      function() return typed(file(name(), ""), string.char(random(0, 255))) end,
      function() return forged(file(name()), random(0, 500), string.char(random(0, 255))) end,
      function() return forged(file(name(), ""), 100, ("%07o\0"):format(random(0, 4095))) end,
    }
    local whole = 0
    for _ = 1, ROUNDS do
      local parts = { TOP }
      for _ = 1, random(1, 6) do parts[#parts + 1] = makers[random(#makers)]() end
      local text = table.concat(parts) .. tar.FINISH
      if random(4) == 1 then
        local at = random(#text)
        text = text:sub(1, at - 1) .. string.char(random(0, 255)) .. text:sub(at + 1)
      end
      if take(text, random(1, 3000)) then whole = whole + 1 end
      assert.equal(UNTOUCHED, outside())
      is_harmless()
      for _, each_name in ipairs(top:names()) do top:remove(each_name) end
    end
    assert(whole > ROUNDS // 20 and whole < ROUNDS, whole)
  end)

  it("is what was packed", function()
    local from = dir .. "/from"
    stat.mkdir(from, 448)
    stat.mkdir(from .. "/closed", 448)
    scratch.write(from .. "/closed/" .. ("n"):rep(255), "deep")
    scratch.write(from .. "/odd\xff\n\\ '\"*", "odd")
    scratch.write(from .. "/-rf", "")
    stat.mkfifo(from .. "/pipe", 384)
    unistd.link(from .. "/-rf", from .. "/again")
    unistd.link(("t"):rep(300), from .. "/far", true)
    stat.chmod(from .. "/-rf", 2541)
    stat.chmod(from .. "/closed", 320)
    local source = held.open(from)
    local text = {}
    for bytes in pack.tree(source, ".", { told = nothing, skipped = skipped }) do
      text[#text + 1] = bytes
    end
    source:close()
    assert.is_true(take(table.concat(text)))
    unistd.unlink(from .. "/pipe")
    assert.same(scratch.list(from), scratch.list(dir .. "/top"))
    assert.equal(("t"):rep(300), unistd.readlink(dir .. "/top/far"))
    assert.equal("odd", scratch.read(dir .. "/top/odd\xff\n\\ '\"*"))
    assert.equal(320, stat.stat(dir .. "/top/closed").st_mode & 4095)
    assert.equal(2, stat.stat(dir .. "/top/again").st_nlink)
    assert.equal("deep", scratch.read(dir .. "/top/closed/" .. ("n"):rep(255)))
    assert.equal(493, stat.stat(dir .. "/top/-rf").st_mode & 4095)
    assert.same({ from .. "/pipe: is a fifo" }, skipped)
  end)
end)
