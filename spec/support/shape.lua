-- What a verb prints, without what differs from one run to the next: for specs that pin it.
local shape = {}

-- A text with N for each number, HOME for the house, and columns two blanks apart.
function shape.text(text, home)
  local plain = text:gsub(home.dir:gsub("%p", "%%%0"), "HOME")
  plain = plain:gsub("%f[%w]%d[%d.]*[KMGT]?%f[^%w.]", "N"):gsub("%f[%w]%d+s%f[%W]", "Ns")
  return (plain:gsub("(%S)  +", "%1  "):gsub("\n   +", "\n  "):gsub(" +\n", "\n"))
end

local function keys_of(value)
  local list = {}
  for key in pairs(value) do list[#list + 1] = key end
  table.sort(list)
  return list
end

-- The form of a value from JSON: members by name, what a list holds by what each of its members
-- has, the types of all else.
function shape.of(value)
  if type(value) ~= "table" then return math.type(value) and "number" or type(value) end
  if #value > 0 then
    local seen, forms = {}, {}
    for _, each in ipairs(value) do
      local form = shape.of(each)
      if not seen[form] then forms[#forms + 1] = form end
      seen[form] = true
    end
    return "[" .. table.concat(forms, " | ") .. "]"
  end
  local words = {}
  for i, key in ipairs(keys_of(value)) do
    local of = type(value[key]) == "string" and "" or " " .. shape.of(value[key])
    words[i] = key .. of
  end
  return "{" .. table.concat(words, ", ") .. "}"
end

return shape
