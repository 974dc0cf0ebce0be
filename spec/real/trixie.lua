-- Debian 13: what matters most, in one boot and one more.
local debian = require "real.debian"

describe("a real trixie", function()
  local guest
  setup(function() guest = debian.new "trixie" end)
  teardown(function() guest:close() end)

  it("that nobody has seen is entered, and is who it was told to be", function()
    guest:stranger "stranger"
  end)
end)
