-- SPDX-License-Identifier: MIT
-- What answers of a guest's agent look like. A guest says whatever it likes: what has another shape
-- is no answer.
local core = require "lunik.core"
local printable = require "lunik.text.printable"

local shape = {}

local LONGEST = 1000       -- bytes of what a guest says that are shown

-- Members of what is returned: "!" where it has to be there.
local returned = {
  ["guest-exec"] = { pid = "integer!" },
  ["guest-exec-status"] = { exited = "boolean!", exitcode = "integer", signal = "integer",
    ["out-data"] = "string", ["err-data"] = "string", ["out-truncated"] = "boolean",
    ["err-truncated"] = "boolean" },
}

-- The classes that QEMU's schema has; a guest gets no other word in.
local classes = { GenericError = true, CommandNotFound = true, DeviceNotActive = true,
                  DeviceNotFound = true, KVMMissingCap = true }

local function is_object(value)
  return type(value) == "table" and not core.json.is_array(value)
end

local function is(value, kind)
  return math.type(value) == kind or type(value) == kind
end

-- What a guest says, fit to be shown.
function shape.shown(text)
  if #text > LONGEST then text = text:sub(1, LONGEST) .. " …" end
  return printable(text, "\n\t")
end

local function wrong_member(members, value)
  local names = {}
  for name in pairs(members) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local kind, needed = members[name]:match "^(%l+)(!?)$"
    if value[name] ~= nil and not is(value[name], kind) or value[name] == nil and needed ~= "" then
      return ("'%s' is no %s"):format(name, kind)
    end
  end
end

-- What is wrong with what a command returned | nil
local function wrong_return(command, value)
  local members = returned[command]
  if not members then return nil end
  if not is_object(value) then return "it is no object" end
  local why = wrong_member(members, value)
  if why then return why end
  if value.exited and value.exitcode == nil and value.signal == nil then
    return "neither 'exitcode' nor 'signal' is there"
  end
end

-- { class, desc } of an answer that refuses | nil, what is wrong with it
local function problem(error)
  if not is_object(error) then return nil, "'error' is no object" end
  if type(error.desc) ~= "string" then return nil, "'desc' is no string" end
  return { class = classes[error.class] and error.class or "GenericError",
           desc = shape.shown(error.desc) }
end

-- What an answer to a command says: true, what it returned | false, { class, desc } | nil, why it
-- is none
function shape.read(command, answer)
  local why
  if answer.error ~= nil then
    local refused
    refused, why = problem(answer.error)
    if refused then return false, refused end
  elseif answer["return"] == nil then
    why = "neither 'return' nor 'error' is there"
  else
    why = wrong_return(command, answer["return"])
  end
  if why then return nil, why end
  return true, answer["return"]
end

return shape
