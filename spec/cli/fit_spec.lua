-- Tables on a terminal: as wide as it is, in colour where nobody minds; and neither in a pipe.
local core = require "lunik.core"
local fit = require "lunik.cli.fit"
local house = require "support.house"
local scratch = require "support.scratch"
local directory = require "lunik.store.directory"
local unistd = require "posix.unistd"

describe("a table", function()
  it("is cut where it is widest, never in its first column, and then at its end", function()
    assert.same({ 4, 8, 9 }, fit.into({ 4, 8, 40 }, 25))
    assert.same({ 30, 8, 8 }, fit.into({ 30, 12, 40 }, 50))
    assert.same({ 4, 8, 40 }, fit.into({ 4, 8, 40 }, 80))
    assert.same({ 4, 8 }, fit.into({ 4, 12, 8, 8 }, 21))
    assert.same({ 30, 8 }, fit.into({ 30, 8, 8 }, 20))
    assert.same({ 4, 8 }, fit.widths { { "NAME", "B" }, { "a", "größer…!" } })
  end)

  it("keeps the end of a path, and the beginning of anything else", function()
    assert.equal("…/vm.lua", fit.cut("/home/me/src/vm.lua", 8))
    assert.equal("ssh:128…", fit.cut("ssh:1280->22", 8))
    assert.equal("…ß/ü.lua", fit.cut("/größ/ü.lua", 8))
    assert.equal("as is", fit.cut("as is", 5))
  end)

  describe("of a real verb", function()
    local home
    setup(function()
      home = house.new()
      local state = home.dir .. "/state/lunik/old"
      directory.make(state)
      scratch.write(state .. "/machine.json", core.json.encode {
        recipe = "/home/somebody/a/very/long/way/down/to/the/recipe/vm.lua" })
    end)
    teardown(function() home:close() end)

    -- What a verb prints on a terminal of that many columns.
    local function printed(columns, surroundings, ...)
      local env = table.move(surroundings, 1, #surroundings, #home.env + 1,
                             { table.unpack(home.env) })
      local one = require "support.program".start({ "sh", "-c", 'stty cols "$1"; shift; exec "$@"',
        "sh", tostring(columns), home.program, ... }, { terminal = true, env = env })
      one:wait(60)
      local text = one.text:gsub("\r\n", "\n")
      one:close()
      return text
    end

    it("fits the terminal, and has its colours", function()
      local text = printed(60, { "TERM=xterm" }, "ls", "-a")
      assert.matches("^\27%[1mNAME\27%[0m  \27%[1mSTATE\27%[0m  ", text)
      local plain = text:gsub("\27%[%d+m", "")
      assert.equal("NAME  STATE  UPTIME  MEMORY  FORWARDS  RECIPE\n"
        .. "old   down   -       -       -         …to/the/recipe/vm.lua\n", plain)
      for line in plain:gmatch "[^\n]+" do assert.is_true(utf8.len(line) <= 60) end
      assert.matches("^\27%[31mlunik status:\27%[0m no machine 'odl'",
                     printed(60, { "TERM=xterm" }, "status", "odl"))
    end)

    it("has no colours where somebody minds, and is whole where nobody knows how wide", function()
      for _, surroundings in ipairs { { "TERM=xterm", "NO_COLOR=1" }, { "TERM=dumb" } } do
        local text = printed(0, surroundings, "ls", "-a")
        assert.is_nil(text:find("\27", 1, true))
        assert.matches("/home/somebody/a/very/long/way/down/to/the/recipe/vm.lua\n$", text)
      end
      assert.matches("\27", printed(0, { "TERM=xterm", "NO_COLOR=" }, "ls", "-a"), 1, true)
    end)

    it("is whole and plain in a pipe", function()
      local env = home.env
      home.env = { "TERM=xterm", "COLUMNS=20", table.unpack(env) }
      assert.matches("^NAME  STATE .*/recipe/vm.lua\n$", (home:does("ls", "-a")))
      home.env = env
    end)
  end)

  it("asks for no width what is no terminal", function()
    local reader, writer = unistd.pipe()
    assert.is_nil(core.terminal.size(writer))
    assert.is_nil(core.terminal.size(-1))
    unistd.close(reader)
    unistd.close(writer)
  end)
end)
