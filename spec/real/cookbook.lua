-- The commands of docs/cookbook.md, as they stand there: Debian 12 is the image of the cloud.
local debian = require "real.debian"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

-- The first block of a language in the page.
local function block(page, language)
  return assert(page:match("\n```" .. language .. "\n(.-)\n```\n"), language)
end

-- Its commands, each with its words and what is printed below it.
local function commands(text)
  local list = {}
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local command = line:match "^%$ lunik (.*)$"
    if command then
      list[#list + 1] = { words = {}, out = "" }
      for word in command:gmatch "%S+" do table.insert(list[#list].words, word) end
    else
      list[#list].out = list[#list].out .. line .. "\n"
    end
  end
  return list
end

describe("the cookbook", function()
  local guest
  setup(function() guest = debian.new "bookworm" end)
  teardown(function() guest:close() end)

  it("boots a cloud image", function()
    local home, page = guest.home, scratch.read "docs/cookbook.md"
    local recipe, count = block(page, "lua"):gsub("nic {",
      debian.PATIENT .. " nic { isolated = true,")
    assert.equal(1, count)
    recipe, count = recipe:gsub('ready_within = "15m"', 'ready_within = "1h"')
    assert.equal(1, count)
    home:recipe("vm", recipe)
    local image = recipe:match 'file = "([^"]*)"'
    unistd.link(guest.guest .. "/disk.qcow2", home.dir .. "/" .. image, true)
    local list = commands(block(page, "console"))
    assert.is_true(#list > 4)
    for _, one in ipairs(list) do
      local out = home:does(table.unpack(one.words))
      assert.equal(one.out, out:sub(1, #one.out), table.concat(one.words, " "))
    end
  end)
end)
