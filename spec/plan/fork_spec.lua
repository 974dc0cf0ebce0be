-- What becomes of each kind of device in a clone of its machine: its row says it in a word, and a
-- recipe of spec/golden (new, share) or spec/bad (refuse), called fork-…, shows it.
local device = require "lunik.device"
local forked = require "lunik.device.forked"
local goldens = require "support.goldens"
local sorted = require "lunik.text.sorted"

describe("a fork", function()
  local function rows()
    local list = {}
    for _, family in ipairs(device.families) do
      for _, kind in ipairs(device.family(family).kinds) do
        list[family .. " of kind " .. kind] = device.row(family, kind)
      end
    end
    return list
  end

  -- The kinds of the devices in the recipes of a folder that are planned as clones' are.
  local function shown(folder)
    local found = {}
    for _, stem in ipairs(goldens.names(folder)) do
      if stem:find "^fork%-" then
        local machine = require "lunik".load(("%s/%s.lua"):format(folder, stem), {
          host = goldens.host(("%s/%s.lua"):format(folder, stem), folder), dir = "/home/dev/vm" })
        local items = machine.items
        if folder == "spec/golden" then
          local _, plugged = goldens.plugged(stem, goldens.planned(stem))
          items = table.move(plugged, 1, #plugged, #items + 1, items)
        end
        for _, item in ipairs(items) do
          if item.kind then found[item.family .. " of kind " .. item.kind] = true end
        end
      end
    end
    return found
  end

  it("is said of every kind, and shown", function()
    local golden, bad, list = shown "spec/golden", shown "spec/bad", rows()
    for _, what in ipairs(sorted(list)) do
      local row = list[what]
      assert(forked.DOCS[row.fork], what .. " says nothing of a fork")
      assert(row.fork ~= "refuse" or row.no_fork, what .. " does not say why it cannot be forked")
      local by = row.fork == "refuse" and bad or golden
      assert(by[what], ("%s: no recipe fork-… shows its word '%s'"):format(what, row.fork))
    end
  end)

  it("is refused of a kind whose row says nothing", function()
    assert.equal("refuse", (forked.word {}))
    assert.truthy(forked.refusal({ row = {} }, {}):find "does not say")
  end)
end)
