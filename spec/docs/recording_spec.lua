-- The README's terminal session: what it shows is what lunik prints, and the picture is of it.
local recording = require "support.recording"
local scratch = require "support.scratch"

-- Numbers differ from run to run, and columns are as wide as they.
local function masked(text)
  return (text:gsub("%d[%d.]*", "N"):gsub(" +", " "):gsub("/%S*/qemu%-system", "/qemu-system"))
end

describe("the recording", function()
  local cast = scratch.read "docs/demo.cast"

  it("is of the commands that are recorded", function()
    local commands = {}
    for i, each in ipairs(recording.said(cast)) do commands[i] = each.command end
    assert.same(recording.commands, commands)
  end)

  it("is what its picture shows", function()
    if require "support.recording_svg"(cast) ~= scratch.read "docs/demo.svg" then
      error("docs/demo.svg is not of docs/demo.cast: make record", 0)
    end
  end)

  it("has texts that lunik prints", function()
    local before, now = recording.said(cast), recording.play()
    for i, each in ipairs(before) do
      local text = recording.left(now[i].text)
      if masked(each.text) ~= masked(text) then
        error(("$ %s\nis recorded as:\n%s\nprints:\n%s\nmake record records it anew"):format(
          each.command, each.text, text), 0)
      end
    end
  end)
end)
