-- SPDX-License-Identifier: MIT
-- The site's colours, and which text stands on which ground: spec/docs/site_spec.lua computes
-- whether it can be read.
local palette = {
  light = { text = "#1c2128", ground = "#ffffff", faint = "#57606a", link = "#0b57a4",
            raised = "#f3f5f8", line = "#c9d1d9", mark = "#ffe8a3", focus = "#0b57a4" },
  dark = { text = "#d8dee9", ground = "#14171c", faint = "#9aa4b2", link = "#7cc0ff",
           raised = "#1f242c", line = "#3a424d", mark = "#4a3b00", focus = "#7cc0ff" },
}

-- { text, ground }
palette.pairs = { { "text", "ground" }, { "text", "raised" }, { "text", "mark" },
                  { "faint", "ground" }, { "faint", "raised" }, { "link", "ground" },
                  { "link", "raised" }, { "link", "mark" } }

-- A theme as CSS custom properties.
function palette.css(theme)
  local names, out = {}, {}
  for name in pairs(palette[theme]) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do out[i] = ("--%s:%s"):format(name, palette[theme][name]) end
  return table.concat(out, ";")
end

local function channel(hex)
  local c = tonumber(hex, 16) / 255
  return c <= 0.03928 and c / 12.92 or ((c + 0.055) / 1.055) ^ 2.4
end

local function luminance(colour)
  local r, g, b = colour:match "^#(%x%x)(%x%x)(%x%x)$"
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
end

-- The contrast of two colours, as WCAG 2 has it: 1 to 21; text takes 4.5.
function palette.contrast(one, other)
  local a, b = luminance(one), luminance(other)
  return (math.max(a, b) + 0.05) / (math.min(a, b) + 0.05)
end

return palette
