-- docs/demo.svg: a cast as a picture that moves, drawn line by line. Nothing in it comes from
-- elsewhere; where motion is not wanted it shows the end.
local core = require "lunik.core"

local WIDE, HIGH, ROW, MARGIN = 8.43, 14, 20, 16       -- of a letter, and of a line
local SHORTEST = 0.3                                   -- seconds that a state of a line lasts
local COLOURS = { ["0"] = "", ["1"] = "b", ["31"] = "r", ["32"] = "g", ["33"] = "y" }

local HEAD = [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">
<style>
text { font: %dpx ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d8dee9;
       white-space: pre }
.b { font-weight: bold } .r { fill: #ff8a80 } .g { fill: #9ccc65 } .y { fill: #ffd54f }
.p { fill: #81d4fa }
.l { opacity: 0; animation: on 1ms linear forwards }
@keyframes on { to { opacity: 1 } }
@keyframes while { from, to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { .l { opacity: 1; animation: none } .t { display: none } }
</style>
<rect width="100%%" height="100%%" rx="8" fill="#1b1f27"/>
]]

local function escaped(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- The states of each line: { { at, spans = { { class, text } } }, … }, from what came when.
local function lines_of(cast)
  local lines, class, spans = { {} }, "", {}
  local function keep(at)
    local copy = {}
    for i, span in ipairs(spans) do copy[i] = { span[1], span[2] } end
    table.insert(lines[#lines], { at = at, spans = copy })
  end
  local function put(text)
    local last = spans[#spans]
    if last and last[1] == class then last[2] = last[2] .. text
    else spans[#spans + 1] = { class, text } end
  end
  for json in cast:gmatch "[^\n]+" do
    local at, _, text = table.unpack(core.json.decode(json))
    for piece in (text or ""):gsub("\27%[[%d;]*[mK]", "\0%0\0"):gsub("[\r\n]", "\0%0\0")
                    :gmatch "%Z+" do
      local code = piece:match "^\27%[(%d*)m$"
      if code then class = COLOURS[code ~= "" and code or "0"] or ""
      elseif piece == "\n" then
        lines[#lines + 1], spans = {}, {}
      elseif piece:find "^\27.*K$" then spans = {}
      elseif piece ~= "\r" then
        put(piece)
        keep(at)
      end
    end
  end
  return lines
end

-- The states that last, each with its end | nil
local function lasting(states)
  local list = {}
  for i, state in ipairs(states) do
    local after = states[i + 1]
    if not after or after.at - state.at >= SHORTEST then
      list[#list + 1] = { at = state.at, spans = state.spans }
    end
  end
  for i, state in ipairs(list) do state.ends = list[i + 1] and list[i + 1].at end
  return list
end

local function drawn(state, row, out)
  local ends = state.ends
  local motion = ends and ("animation: while %.2fs %.2fs"):format(ends - state.at, state.at)
    or ("animation-delay: %.2fs"):format(state.at)
  local text = {}
  for i, span in ipairs(state.spans) do
    local words, class = escaped(span[2]), span[1]
    if i == 1 and span[2]:find "^%$ " then
      text[i] = '<tspan class="p">$</tspan>' .. words:sub(2)
    else
      text[i] = class ~= "" and ('<tspan class="%s">%s</tspan>'):format(class, words) or words
    end
  end
  out[#out + 1] = ('<text class="l%s" style="%s" x="%d" y="%d">%s</text>'):format(
    ends and " t" or "", motion, MARGIN, MARGIN + row * ROW - 6, table.concat(text))
end

return function(cast)
  local head = core.json.decode(cast:match "^[^\n]+")
  local lines, out = lines_of(cast), {}
  out[1] = HEAD:format(math.ceil(head.width * WIDE) + 2 * MARGIN, (#lines - 1) * ROW + 2 * MARGIN,
                       escaped(head.title), HIGH):gsub("\n$", "")
  for row, states in ipairs(lines) do
    for _, state in ipairs(lasting(states)) do drawn(state, row, out) end
  end
  out[#out + 1] = "</svg>\n"
  return table.concat(out, "\n")
end
