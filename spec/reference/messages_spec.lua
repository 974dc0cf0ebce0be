-- Each message that a verb answers with has its paragraph: read from where messages are returned.
local commands = require "support.commands"
local messages = require "lunik.reference.messages"
local returned = require "support.messages"
local scratch = require "support.scratch"

-- Where messages come from that a verb shows as they are.
local ROOMS = { "cli", "supervisor", "hotplug", "vm", "saved", "launch", "change", "fleet",
                "import" }

local function each(visit)
  for _, section in ipairs(messages.sections) do
    for _, row in ipairs(section.rows) do visit(row) end
  end
end

describe("a message", function()
  it("that is returned has a paragraph", function()
    local list, count = {}, 0
    for _, room in ipairs(ROOMS) do
      for _, one in ipairs(returned.of(room)) do
        count = count + 1
        if not messages.find(one.text) then list[#list + 1] = one.where .. ": " .. one.text end
      end
    end
    assert.is_true(count > 250)
    if #list > 0 then
      error("write a row in lua/lunik/reference/messages for:\n" .. table.concat(list, "\n")
        .. "\nand then: make docs", 0)
    end
  end)

  it("has one paragraph, with what happened and what to type", function()
    local seen = {}
    each(function(row)
      assert.is_nil(seen[row[1]], row[1])
      seen[row[1]] = true
      assert.matches("%a%a.*%.$", row[2])
      assert.is_true(#row[2] > 15, row[1])
      assert.is_nil(commands.wrong(row[3]), row[3])
    end)
  end)

  -- so that a row does not outlive its message
  it("that has a paragraph is said somewhere", function()
    local said, list = {}, {}
    for i, room in ipairs(ROOMS) do said[i] = returned.quoted(room) end
    said[#said + 1] = returned.quoted "recipe"
    -- what is typed is read by argparse, which has its own words
    said[#said + 1] = scratch.read(assert(package.searchpath("argparse", package.path)))
      :gsub("missing %%s\"", "missing argument '…'")
    said = returned.shown(table.concat(said, "\n"))
    each(function(row)
      local longest = ""
      for piece in row[1]:gsub("…", "\0"):gmatch "%Z+" do
        if #piece > #longest then longest = piece end
      end
      if not said:find(longest, 1, true) then list[#list + 1] = row[1] end
    end)
    assert.same({}, list)
  end)

  it("is explained as a verb has printed it", function()
    assert.matches("^machine '…' has no supervisor: lunik adopt …\n  The supervisor was killed",
      messages.text "lunik status: machine 'dev' has no supervisor: lunik adopt dev")
    assert.matches("^…: the guest uses it: …\n", messages.text
      "lunik unplug: data: the guest uses it: mounted at /srv; --force takes it all the same")
    assert.matches("^refused by the policy at …: …\n", messages.text
      "lunik mount: refused by the policy at /home/dev/vm.lua:9: only music")
    assert.matches("^expected, got '…'\n", messages.text
      "lunik forward: --set: FIELD=VALUE expected, got 'x'")
    assert.matches("^no machine '…'\n", messages.text "lunik exec: no machine frst")
    assert.matches("^unknown option '…'\n", messages.text "lunik: unknown option '--bogus'")
    assert.is_nil(messages.text "disk")
    assert.is_nil(messages.text "nothing that anybody says")
  end)
end)
