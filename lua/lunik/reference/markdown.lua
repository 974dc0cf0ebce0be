-- SPDX-License-Identifier: MIT
-- The pieces of Markdown that the references are printed with.
local markdown = {}

-- A text as it may stand in a cell of a table.
function markdown.cell(text) return (tostring(text):gsub("|", "\\|")) end

-- "a disk" as a sentence of its own: "A disk."
function markdown.sentence(text) return text:sub(1, 1):upper() .. text:sub(2) .. "." end

-- A table: `head` are its titles, `rows` lists of cells.
function markdown.table(head, rows, out)
  out[#out + 1] = ("| %s |"):format(table.concat(head, " | ")):gsub("  +", " ")
  out[#out + 1] = ("|---"):rep(#head) .. "|"
  for _, row in ipairs(rows) do
    for i, text in ipairs(row) do row[i] = markdown.cell(text) end
    out[#out + 1] = "| " .. table.concat(row, " | ") .. " |"
  end
  out[#out + 1] = ""
end

-- A table of rows { write, doc }: what is written, and what it means.
function markdown.forms(head, forms, out)
  local rows = {}
  for i, form in ipairs(forms) do rows[i] = { "`" .. form.write .. "`", form.doc } end
  markdown.table(head, rows, out)
end

return markdown
