-- SPDX-License-Identifier: MIT
-- Mistakes in how a value is written: words without a value, commas that cut a path in two, JSON
-- with a key twice.
-- The parts of a value at its commas; two commas stand for one.
local function parts_of(value)
  local parts = {}
  for part in (value:gsub(",,", "\1") .. ","):gmatch "([^,]*)," do
    parts[#parts + 1] = part:gsub("\1", ",")
  end
  return parts
end

-- Where every part has a value: the first alone may be a word. What looks like the rest of a path
-- is one that a comma cut.
local function bare_words(entry, report)
  for i, part in ipairs(parts_of(entry.text)) do
    if part ~= "" and not part:find "=" and (i > 1 or not entry.row.implied) then
      if part:find "[./ ]" then
        report:add(entry, part, "bad-value", ("'%s' has no '=': a comma in a value is doubled")
          :format(part))
      else
        report:add(entry, part, "bad-value", ("'%s' needs a value; did you mean '%s=on'?"):format(
          part, part))
      end
    end
  end
end

-- A word alone stands for KEY=on, or with `no` before it for KEY=off: QEMU warns of that from 6.0
-- on (util/qemu-option.c:get_opt_name_value). Of -chardev's `server,nowait` nothing is said, which
-- half of the world writes.
local function short_forms(entry, report)
  for i, part in ipairs(parts_of(entry.text)) do
    if part:find "^[%w_-]+$" and part ~= "help" and (i > 1 or not entry.row.implied) then
      local negated = part:match "^no(.+)$"
      report:add(entry, part, "deprecated", ("the short form '%s' is deprecated; did you mean "
        .. "'%s'?"):format(part, negated and negated .. "=off" or part .. "=on"))
    end
  end
end

-- The first key that stands twice in an object of a JSON text.
local function doubled(json)
  local depth, seen, at = 0, {}, 1
  while at <= #json do
    local char = json:sub(at, at)
    if char == "{" or char == "[" then
      depth = depth + 1
      seen[depth] = {}
    elseif char == "}" or char == "]" then
      depth = depth - 1
    elseif char == '"' then
      local stop = at
      repeat
        stop = json:find('["\\]', stop + 1)
        if stop and json:sub(stop, stop) == "\\" then stop = stop + 1 end
      until not stop or json:sub(stop, stop) == '"' and json:sub(stop - 1, stop - 1) ~= "\\"
        or stop > #json
      if not stop then return nil end
      local word = json:sub(at + 1, stop - 1)
      if json:find("^%s*:", stop + 1) and seen[depth] then
        if seen[depth][word] then return word end
        seen[depth][word] = true
      end
      at = stop
    end
    at = at + 1
  end
end

local function is_json(entry) return entry.text:find "^%s*{" ~= nil end

return function(line, report)
  for _, entry in ipairs(line) do
    if entry.text and entry.row then
      if entry.row.json and is_json(entry) then
        local key = doubled(entry.text)
        if key then
          report:add(entry, key, "duplicate-key", ("the key '%s' stands twice in JSON"):format(key))
        end
      elseif entry.row.grammar == "keyval" then
        bare_words(entry, report)
      elseif entry.row.grammar == "opts" and entry.name ~= "chardev" then
        short_forms(entry, report)
      end
    end
  end
end
