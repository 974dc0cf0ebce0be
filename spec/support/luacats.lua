-- Reads files of LuaCATS types back: their classes with their fields, and which classes are named.
local luacats = {}

luacats.largest = 400000   -- bytes: language servers leave out what is larger

-- The classes of all files: name -> { field = type and doc }, and the names of those that are used.
function luacats.parsed(list)
  local classes, used = {}, {}
  for _, text in pairs(list) do
    local class
    for line in text:gmatch "[^\n]+" do
      local name = line:match "^%-%-%-@class ([%w._]+)"
      if name then
        class = classes[name] or {}
        classes[name] = class
      end
      local field, rest = line:match "^%-%-%-@field ([^ ]+) (.*)$"
      if field and class then
        field = field:gsub("%?$", ""):gsub('^%["(.*)"%]$', "%1")
        assert(not class[field], ("%s: twice in a class"):format(line))
        class[field] = rest
      elseif not line:find "^%-%-%-@" then
        class = nil
      end
      for type in line:gmatch "^%-%-%-@%a.*" do
        for each in type:gmatch "lunik%.[%w._]+" do used[(each:gsub("%.$", ""))] = true end
      end
    end
  end
  return classes, used
end

return luacats
