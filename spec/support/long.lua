-- Tables whose length is beyond all memory, though they hold a few dozen values: Lua looks for
-- the end by doubling a guess for as long as it finds something there.
local long = {}

-- Makes `list`, which has `n` values, such a table.
function long.make(list, n, value)
  local size = 4
  while size <= n do size = size * 2 end
  for i = n + 1, size + 1 do list[i] = value end
  for bit = 1, 62 do
    list[1 << bit] = list[1 << bit] or value
    if bit < 12 then list[(1 << bit) + 1] = list[(1 << bit) + 1] or value end
  end
  assert(#list > 1 << 60)
  return list
end

return long
