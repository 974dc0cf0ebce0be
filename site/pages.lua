-- SPDX-License-Identifier: MIT
-- What the site has: pages of Markdown, in the order of docs/README.md, and examples.
local pages = {}

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "a"
  file:close()
  return text
end
pages.read = read

-- { title, list = { { source, name } } } of each part; `name` is the HTML file's.
function pages.parts()
  local index = read "docs/README.md"
  local parts = { { title = "lunik", list = {
    { source = "README.md", name = "index.html" },
    { source = "docs/README.md", name = "docs.html" } } } }
  for line in index:gmatch "[^\n]+" do
    local title = line:match "^| (to [^|]-) | |$"
    local link = line:match "^| %[[^%]]*%]%(([^)]*%.md)%)"
    if title then parts[#parts + 1] = { title = title, list = {} } end
    if link then
      local source = link:match "^%.%./(.*)" or "docs/" .. link
      table.insert(parts[#parts].list, { source = source,
        name = source:match "([^/]*)%.md$":lower() .. ".html" })
    end
  end
  local last = parts[#parts].list
  for _, more in ipairs { "qemu-versions", "qemu-not-tried" } do
    last[#last + 1] = { source = ("docs/%s.md"):format(more), name = more .. ".html" }
  end
  last[#last + 1] = { source = "bench/README.md", name = "bench.html" }
  for _, more in ipairs { "SECURITY", "CHANGELOG" } do
    last[#last + 1] = { source = more .. ".md", name = ("about-%s.html"):format(more:lower()) }
  end
  return parts
end

-- The files of a folder of examples, sorted: `list(folder)` gives all below it.
function pages.example(folder, list)
  local out = { ("# Example: %s\n"):format(folder) }
  for _, file in ipairs(list) do
    local language = file:match "%.(%a+)$" or ""
    out[#out + 1] = ("## %s\n\n```%s\n%s```\n"):format(file, language,
      read(("examples/%s/%s"):format(folder, file)))
  end
  return table.concat(out, "\n")
end

return pages
