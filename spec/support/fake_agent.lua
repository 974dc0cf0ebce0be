-- A guest agent in Lua at the other end of a socketpair, as the real one behaves: an
-- error for the byte that a sync begins with, one line for each command.
local core = require "lunik.core"
local wait = require "lunik.async.wait"

local fake = {}

-- Answers commands by `commands[name](arguments, self)` -> the return value | nil, an
-- error; `false` answers nothing. Runs as a task until its channel ends.
function fake.start(loop, commands)
  local ours, theirs = core.chan.pair()
  local self = { chan = theirs, heard = {}, loop = loop }

  function self.say(_, text) wait.send(loop, theirs, text .. "\n", 5) end

  local function answer(request)
    local handler = commands[request.execute]
    if not handler then
      return { error = { class = "CommandNotFound", desc = "The command " .. request.execute ..
                         " has not been found" } }
    end
    local value, problem = handler(request.arguments or {}, self)
    if problem then return { error = problem } end
    if value ~= false then return { ["return"] = value } end
  end

  local function serve(line)
    local delimited = line:sub(1, 1) == "\xff"
    if delimited then
      self:say '{"error": {"class": "GenericError", "desc": "JSON parse error, stray"}}'
    end
    local request = core.json.decode((line:gsub("^\xff", "")))
    self.heard[#self.heard + 1] = request.execute
    local value = answer(request)
    if value then self:say((delimited and "\xff" or "") .. core.json.encode(value)) end
  end

  commands["guest-sync-delimited"] = commands["guest-sync-delimited"]
                                     or function(arguments) return arguments.id end
  self.task = loop:spawn("fake agent", function()
    while true do
      local line = wait.line(loop, theirs, nil, 1 << 20)
      if not line then return end
      serve(line)
    end
  end)
  return ours, self
end

-- guest-exec for programs named in a table: name -> function(argv, input) -> a state
function fake.programs(programs)
  local states = {}
  return {
    ["guest-exec"] = function(arguments)
      local program = programs[arguments.path]
      if not program then
        return nil, { class = "GenericError", desc = ("Guest agent command failed, error was "
          .. "'Failed to execute child process “%s”'"):format(arguments.path) }
      end
      states[#states + 1] = program(arguments)
      return { pid = #states }
    end,
    ["guest-exec-status"] = function(arguments)
      local state = states[arguments.pid]
      if not state then
        return nil, { class = "GenericError", desc = "Invalid parameter 'pid'" }
      end
      if type(state) == "function" then return state() end
      states[arguments.pid] = false
      return state
    end,
  }
end

return fake
