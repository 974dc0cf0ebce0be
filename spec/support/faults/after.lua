-- What has to be true after a fault: who has ended, what `lunik ls` says, what is left, and that
-- the machine can be started again.
local assert = require "luassert"
local core = require "lunik.core"
local scratch = require "support.scratch"

local after = {}

local PATIENCE = 90

-- Waits until no process of the house is left.
function after.gone(home)
  for _ = 1, 50 do
    local left = home:processes()
    if #left == 0 then return end
    local proc = core.proc.open(math.tointeger(left[1]:match "^%d+"))
    if proc then
      assert(proc:wait(PATIENCE), "still there: " .. table.concat(left, "\n"))
      proc:close()
    end
  end
  error("processes come and go: " .. table.concat(home:processes(), "\n"))
end

function after.state(home)
  local list = home:json("ls", "-a", "--json").machines
  return list[1] and list[1].state or "none", list[1]
end

local KEPT = { ["machine.json"] = true, known_hosts = true }

-- Nothing of the machine (m, or another one) is left but what is asked for after its end.
function after.nothing(home, name)
  after.gone(home)
  assert.same({}, home:runtime())
  for _, path in ipairs(scratch.list(home.dir .. "/state")) do
    local file = path:match("^lunik/" .. (name or "m") .. "/(.*)$")
    assert.is_true(not path:find "/.*/" and not path:find "/$" or KEPT[file]
                   or (file or ""):find "%.log" ~= nil, "left: " .. path)
  end
end

-- The same recipe starts and stops as if nothing had happened.
function after.again(home, recipe)
  home:does("up", recipe)
  assert.equal("running", (after.state(home)))
  home:does("down", "--force", "m")
  assert.equal("down", (after.state(home)))
  after.nothing(home)
end

return after
