-- All of docs/cookbook.md that is typed, followed to the letter, in the small guest.
local cookbook = require "support.cookbook"
local house = require "support.house"

describe("the cookbook is followed to the letter:", function()
  local home
  before_each(function() home = house.new() end)
  after_each(function() home:close() end)

  for _, section in ipairs(cookbook.typed()) do
    it(section.title, function() cookbook.follow(cookbook.reader(home), section) end)
  end
end)
