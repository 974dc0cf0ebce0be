-- SPDX-License-Identifier: MIT
-- One page: what cmark made of it, with anchors as GitHub calls them, links between pages, and the
-- frame around it. Nothing of it comes from elsewhere.
local page = {}

local function plain(html)
  return (html:gsub("<[^>]*>", ""):gsub("&lt;", "<"):gsub("&gt;", ">"):gsub("&quot;", '"')
              :gsub("&amp;", "&"))
end
page.plain = plain

local function escaped(text)
  return (text:gsub("[&<>\"]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;",
                                 ['"'] = "&quot;" }))
end
page.escaped = escaped

function page.anchor(heading)
  return (plain(heading):lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
end

-- Headings with ids, each once, that lead to themselves.
local function with_ids(html)
  local seen = {}
  return (html:gsub("<h([1-6])>(.-)</h%1>", function(level, text)
    local id = page.anchor(text)
    seen[id] = (seen[id] or 0) + 1
    if seen[id] > 1 then id = ("%s-%d"):format(id, seen[id] - 1) end
    local inner = text:find "<a " and text or ('<a href="#%s">%s</a>'):format(id, text)
    return ('<h%s id="%s">%s</h%s>'):format(level, id, inner, level)
  end))
end

-- What can be wider than a phone scrolls by itself, by keyboard as well.
local function with_rooms(html)
  local room = '<div class="wide" role="region" aria-label="table" tabindex="0"><table>'
  html = html:gsub("<table>", room):gsub("</table>", "</table></div>")
  -- a row that begins with a word can be led to
  local row = 0
  html = html:gsub("<tr>(%s*<td><code>)", function(first)
    row = row + 1
    return ('<tr id="row-%d">%s'):format(row, first)
  end)
  return (html:gsub("<pre>", '<pre tabindex="0">'))
end

-- Links of the pages' sources as links of the site's: resolve(path) gives a page's name | nil,
-- where there is none, and the text stays without a link.
local function with_links(html, folder, resolve)
  return (html:gsub('<a href="([^"]*)">(.-)</a>', function(link, text)
    local path, anchor = link:match "^([^#]*)(#?.*)$"
    if link:find "^%a+:" or path == "" then return nil end
    path = (folder .. path):gsub("[^/]+/%.%./", "")
    local name = resolve(path)
    return name and ('<a href="%s%s">%s</a>'):format(name, anchor, text) or text
  end):gsub('<img src="[^"]*/([^/"]*)"', '<img src="%1"'))
end

-- The HTML of a page's body. `folder`: where its source lies, "" or "docs/".
function page.body(html, folder, resolve)
  return with_rooms(with_links(with_ids(html), folder, resolve))
end

-- Entries for the search: { title, address, text, page's title }, of headings, and of what stands
-- as code in the first column of a table.
function page.entries(html, name, title)
  local list, at = {}, 1
  local function add(text, more, address)
    list[#list + 1] = { plain(text), address, plain(more):gsub("%s+", " "):sub(1, 240), title }
  end
  while true do
    local heading, row = html:find("<h[1-6] id=", at), html:find("<tr id=", at, true)
    if not heading and not row then return list end
    if heading and (not row or heading < row) then
      local id, text, after = html:match('^<h[1-6] id="([^"]*)">(.-)</h[1-6]>()', heading)
      at = after
      add(text, html:match("^%s*<p>(.-)</p>", after) or "", name .. "#" .. id)
    else
      local id, first, more = html:match('^<tr id="(row%-%d+)">%s*<td>(.-)</td>%s*(.-)</tr>', row)
      if id then add(first, more:gsub("</td>", " "), name .. "#" .. id) end
      at = row + 1
    end
  end
end

local FRAME = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>%s</title>
<link rel="stylesheet" href="style.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#content">to the text</a>
<div class="frame">
<nav aria-label="pages">
<a class="home" href="index.html">lunik</a>
<form class="search" role="search" hidden>
<label for="query">search ( / )</label>
<input id="query" type="search" autocomplete="off">
<p id="said" role="status"></p>
<ul id="found"></ul>
</form>
<details open><summary>pages</summary>
%s
</details>
</nav>
<main id="content" tabindex="-1">
%s
<footer>lunik %s</footer>
</main>
</div>
<script src="search.js"></script>
</body>
</html>
]]

-- The list of pages, the one that is shown marked.
function page.navigation(parts, current)
  local out = {}
  for _, part in ipairs(parts) do
    out[#out + 1] = ("<h2>%s</h2>\n<ul>"):format(escaped(part.title))
    for _, each in ipairs(part.list) do
      out[#out + 1] = ('<li><a href="%s"%s>%s</a></li>'):format(each.name,
        each.name == current and ' aria-current="page"' or "", escaped(each.title))
    end
    out[#out + 1] = "</ul>"
  end
  return table.concat(out, "\n")
end

function page.whole(title, navigation, body, version)
  return FRAME:format(escaped(title), navigation, body, version)
end

return page
