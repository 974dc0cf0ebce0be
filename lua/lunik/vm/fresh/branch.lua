-- SPDX-License-Identifier: MIT
-- A script of the first row that the guest is like: { is = test, [step] = commands }

return function(rows, step)
  local parts = {}
  for i, row in ipairs(rows) do
    parts[i] = ("%s %s; then\n%s\n"):format(i == 1 and "if" or "elif", row.is, row[step])
  end
  return table.concat(parts) .. "fi\n"
end
