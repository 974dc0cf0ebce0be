-- Run by fork_matrix_spec: `lua poor_fork.lua HOUSE-DIRECTORY each|together`. A clone is started
-- with more and more memory (support.faults.limited), until it comes up. Prints a line for each:
--   MEMORY  too little  what it came to
-- Where something is left that should not be, it raises.
local forking = require "support.faults.forking"
local house = require "support.house"
local limited = require "support.faults.limited"

local home = setmetatable({ dir = arg[1], started = {} }, house)
home:surroundings()
local little <close> = limited.new(home, arg[2])
if not little then os.exit() end
local at = forking.new(home, true)

for _, memory in ipairs { "private", "copied" } do
  little:series(memory, function(code, text)
    if code == 0 then
      at:is_whole()
      home:does("down", "--force", "m-1")
    end
    little:clear(code, "m-1")
    at:is_gone()
    return limited.why(code, text)
  end, "fork", "m.saved", "--memory", memory)
end
at:again()
