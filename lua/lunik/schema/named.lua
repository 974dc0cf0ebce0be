-- SPDX-License-Identifier: MIT
-- Rows are written { "name", … }; this gives each its `name`, by which they are read.
return function(rows)
  for _, row in ipairs(rows) do row.name = row[1] end
  return rows
end
