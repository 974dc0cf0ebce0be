-- The C API where memory is short: whatever allocation fails, and however many after it, a call
-- says so and the program goes on. `make soak` tries each place; here it is every so many.
local embed = require "support.embed"
local scratch = require "support.scratch"

local step = os.getenv "NOMEM_STEP" or "337"
local attached_step = os.getenv "NOMEM_STEP" or "97"

describe("the C API without memory", function()
  local home, program

  setup(function()
    home = embed.house()
    embed.make "c"
    program = embed.compile(home.dir .. "/nomem", { "spec/support/nomem.c",
      "spec/support/embed/nomem.c", embed.flags("--cflags", "--libs", "lua5.4") })
  end)
  teardown(function() home:close() end)
  after_each(function() home:clear() end)

  -- three in a row, since Lua collects after the first and asks again; and all from there on
  for _, most in ipairs { "3", "1000000000" } do
    it(("outlives %s allocations that fail, while a recipe is read, at any place"):format(most),
      function()
        scratch.write(home.dir .. "/cannot", "be a folder")
        local recipe = home:recipe("starved", [[
          local app = require "lunik.ext.app"
          return machine { name = app.name(), accel = "tcg", nic { forward = { ssh = 22 } } }]])
        local nowhere = { env = { table.unpack(home.env) }, dir = home.dir }
        for i, each in ipairs(home.env) do
          nowhere.env[i] = each:gsub("^XDG_RUNTIME_DIR=.*", "XDG_RUNTIME_DIR=" .. home.dir
            .. "/cannot")
        end
        local text, status = embed.run(nowhere, { program, recipe, most, step }, 36000)
        assert.matches("^%d%d%d%d%d allocations, 10 calls: mkdir .*/cannot/lunik: ", text)
        assert.equal(0, status, text)
      end)

    it(("outlives %s that fail, while a machine is spoken to"):format(most), function()
      home:does("up", home:recipe("spoken", embed.empty:format "spoken"))
      local text, status = embed.run(home, { program, "@spoken", most, attached_step }, 36000)
      assert.matches("^%d+ allocations, 9 calls: no such recipe", text)
      assert.equal(0, status, text)
      assert.is_true(home:json("status", "spoken", "--json").ready)
      home:does("down", "--force", "spoken")
    end)
  end
end)
