-- SPDX-License-Identifier: MIT
-- Questions that a terminal answers as if its user had typed: where the cursor is, what the colours
-- are, what it is called. In output that is shown again, or goes through a pipe, nobody waits for
-- the answer, and it lands in the guest or in the shell. They are taken out here, and nothing else.
-- Sequences are those of ECMA-48 and xterm's ctlseqs; a sequence that another one breaks off shows
-- nothing, and goes with the query that breaks it off, lest what is around grow together into one.
local queries = {}
queries.__index = queries

local LONGEST = 64 << 10   -- bytes of a sequence without an end

-- Between "CSI" and a final byte: what asks.
local control = {
  n = { "^%??[%d;]*$" },                                  -- DSR
  c = { "^[>=]?[%d;]*$" },                                -- DA
  x = { "^[01]?$" },                                      -- DECREQTPARM
  p = { "^%??[%d;]*%$$" },                                -- DECRQM
  q = { "^>[%d;]*$" },                                    -- XTVERSION
  u = { "^%?[%d;]*$", "^[%d;]*%$$", "^&$" },              -- kitty's keys, DECRQTSR, DECRQUPSS
  w = { "^[%d;]*%$$" },                                   -- DECRQPSR
  v = { '^[%d;]*"$' },                                    -- DECRQDE
  y = { "^[%d;]*%*$" },                                   -- DECRQCRA
  S = { "^%?[%d;]+$", "^#$" },                            -- XTSMGRAPHICS, XTTITLEPOS
  R = { "^#$" },                                          -- XTREPORTCOLORS
  m = { "^%?[%d;]*$" },                                   -- XTQMODKEYS
  g = { "^%?[%d;]*$" },                                   -- XTQFMTKEYS
  ["|"] = { "^[%d;]*['#]$" },                             -- DECRQLP, XTREPORTSGR
}

-- The operations on a window ("CSI Ps t") that report.
local reports = {}
for code in ("11 13 14 15 16 18 19 20 21"):gmatch "%d+" do reports[code] = true end

local function asks(body, final)
  if final == "t" then return reports[body:match "^(%d+)[%d;]*$"] or false end
  for _, pattern in ipairs(control[final] or {}) do
    if body:find(pattern) then return true end
  end
  return false
end

-- OSC codes with which a "?" in the place of a value asks; in a title it is a question mark.
local asking = {}
for code in ("4 5 10 11 12 13 14 15 16 17 18 19 21 22 39 49 50 52 60 61 99 1337 5522 701 702 703 "
  .. "704 705 706 707 708"):gmatch "%d+" do
  asking[code] = true
end

local function asks_iterm(body)
  return (body:find "^1337;Report" or body:find "^1337;Capabilities") ~= nil
end

local string_asks = {}

string_asks["]"] = function(body)
  local code = body:match "^%d+"
  if not asking[code] then return false end
  if code == "60" or code == "61" then return true end
  if code == "1337" then return asks_iterm(body) or false end
  if code == "22" or code == "50" then return body:find "^%d+;%?" ~= nil end
  return (body .. ";"):find "[;=]%?[;:]" ~= nil
end

-- DECRQSS, XTGETTCAP, XTGETXRES
function string_asks.P(body) return body:find "^[%d;]*[$+][qQ]" ~= nil end

-- kitty's graphics
string_asks["_"] = function(body) return body:find "^G[^;]*a=q" ~= nil end

-- Whether the beginning of a string can still become a query.
local function may_ask(kind, body)
  if kind == "_" then return body:find "^G?$" or body:find "^G[^;]*$" or string_asks._(body) end
  if kind == "P" then return body:find "^[%d;]*[$+]?$" or string_asks.P(body) end
  if kind ~= "]" then return false end
  -- Linux's palette, "P" or "R", has no code and no end
  local code, rest = body:match "^(%d+)(.*)$"
  if not code then return body == "" end
  if rest == "" then return true end
  return asking[code] and not (code == "52" and rest:find "^;[^;]*;[^?]")
end

-- The length of the UTF-8 character at `at`: 0 when the text ends in it; nil when there is none.
local function character(text, at)
  local byte = text:byte(at)
  local length = byte >= 0xf0 and byte <= 0xf4 and 4 or byte >= 0xe0 and byte < 0xf0 and 3
    or byte >= 0xc2 and byte < 0xe0 and 2 or nil
  if not length then return nil end
  local more = #text:match("^[\x80-\xbf]*", at + 1)
  if more >= length - 1 then return utf8.len(text:sub(at, at + length - 1)) and length or nil end
  return at + more == #text and 0 or nil
end

-- The C1 control at `at` as the letter behind ESC, and how many bytes it has; nil and the length
-- of what is none; nil and 0 when the text ends too early.
local function c1(text, at)
  local length = character(text, at)
  if length == 0 then return nil, 0 end
  local byte = length == 2 and text:byte(at) == 0xc2 and text:byte(at + 1)
    or not length and text:byte(at)
  if byte and byte < 0xa0 then return string.char(byte - 0x40), length or 1 end
  return nil, length or 1
end

-- What begins at `from`, behind the introducer of a control sequence: "query", "kept", "broken" (by
-- what begins behind), or "open"; the index behind it; and the controls inside, which act by
-- themselves.
local function sequence(text, from)
  local at, body, inside = from, "", ""
  while true do
    local run = text:match("^[\x20-\x3f]*", at)
    body, at = body .. run, at + #run
    local byte = text:byte(at)
    if not byte then return "open", at end
    if byte == 0x1b or byte >= 0x80 then return "broken", at, inside end
    if byte == 0x18 or byte == 0x1a then return "kept", at + 1, inside end
    at = at + 1
    if byte >= 0x40 and byte < 0x7f then
      return asks(body, string.char(byte)) and "query" or "kept", at, inside
    end
    inside = inside .. string.char(byte)
  end
end

-- The end of a string that begins at `from`: "end", "cancelled", "broken" or "open", where its body
-- ends, and the index behind it. A bell ends only OSC.
local function string_end(text, from, kind)
  local at = from
  while true do
    at = text:find("[\7\24\26\27\x80-\xff]", at)
    if not at then return "open", #text + 1 end
    local byte = text:byte(at)
    if byte == 0x18 or byte == 0x1a then return "cancelled", at, at + 1 end
    if byte == 7 and kind == "]" then return "end", at, at + 1 end
    if byte == 0x1b then
      local last = text:byte(at + 1)
      if not last then return "open", at end
      if last == 0x5c then return "end", at, at + 2 end
      return "broken", at, at
    elseif byte >= 0x80 then
      local letter, length = c1(text, at)
      if length == 0 then return "open", at end
      if letter == "\\" then return "end", at, at + length end
      at = at + length
    else
      at = at + 1
    end
  end
end

local function control_string(text, from, kind)
  local how, upto, behind = string_end(text, from, kind)
  -- controls in it are nothing to most terminals
  local body = text:sub(from, upto - 1):gsub("[\0-\31\127]", "")
  -- one that can never ask is text from here on, whether its end is here yet or not
  if not may_ask(kind, body) then return "text", from end
  if how == "open" or how == "broken" then return how, behind, "" end
  return how == "end" and string_asks[kind](body) and "query" or "kept", behind
end

-- What begins with the letter `kind` behind ESC, whose own bytes end in front of `from`.
local function escape(text, from, kind)
  if kind == "[" then return sequence(text, from) end
  if kind == "Z" then return "query", from end            -- DECID
  if string_asks[kind] then return control_string(text, from, kind) end
  return "text", from
end

-- What is at `at`, a byte that may begin something: how, the index behind it, controls inside.
local function token(text, at)
  local byte = text:byte(at)
  if byte == 5 then return "query", at + 1 end            -- ENQ
  if byte ~= 0x1b then
    local letter, length = c1(text, at)
    if length == 0 then return "open", at end
    if letter then return escape(text, at + length, letter) end
    return "text", at + length
  end
  local inside = text:match("^[\0-\x17\x19\x1c-\x1f\x7f]*", at + 1)
  local behind = at + 1 + #inside
  local next = text:byte(behind)
  if not next then return "open", at end
  if next == 0x1b or next >= 0x80 then return "broken", behind, inside end
  local how, last, more = escape(text, behind + 1, string.char(next))
  return how, last, inside .. (more or "")
end

-- What comes out. A broken beginning is there with the controls in it, which are what it showed.
local out = {}
out.__index = out

function out:put(text, controls)
  if text == "" then return end
  self[#self + 1] = text
  self.broken[#self] = controls
end

-- Takes back the broken beginnings at the end: their text, and the controls in them.
function out:take_back()
  local text, controls = "", ""
  while self.broken[#self] do
    text, controls = self[#self] .. text, self.broken[#self] .. controls
    self.broken[#self], self[#self] = nil, nil
  end
  return text, controls
end

local function without_enq(text) return (text:gsub("\5", "")) end

-- Puts what was found at `from`; returns what has to wait for more.
local function decide(done, text, from, how, behind, inside)
  if how == "open" then
    local before, controls = done:take_back()
    if #text - from < LONGEST then return before .. text:sub(from) end
    done:put(controls)
    return ""
  elseif how == "query" then
    local _, controls = done:take_back()
    done:put(without_enq(controls .. (inside or "")))
  else
    local kept = text:sub(from, behind - 1)
    done:put(inside and without_enq(kept) or kept, how == "broken" and (inside or "") or nil)
  end
end

-- Takes the queries out of what begins up to `last`: the text, what is not decided yet, and the
-- index behind what was looked at.
local function strip(text, last)
  local done, at = setmetatable({ broken = {} }, out), 1
  while at <= last do
    local from = text:find("[\5\27\x80-\xff]", at)
    if not from or from > last then
      done:put(text:sub(at, last))
      at = last + 1
    else
      done:put(text:sub(at, from - 1))
      local how, behind, inside = token(text, from)
      local waiting = decide(done, text, from, how, behind, inside)
      if waiting then return table.concat(done), waiting, #text + 1 end
      at = behind
    end
  end
  return table.concat(done), "", at
end

-- A stream's filter: what comes in pieces is decided when enough of it is there.
function queries.new() return setmetatable({ rest = "" }, queries) end

-- The next piece without queries. What may yet become one is kept back.
function queries:feed(bytes)
  local text
  text, self.rest = strip(self.rest .. bytes, #self.rest + #bytes)
  return text
end

-- Decides what was kept back, with the help of what follows, which stays as it is: the text, and
-- whether all is decided.
function queries:finish(bytes)
  local whole = self.rest .. bytes
  local text, rest, behind = strip(whole, #self.rest)
  self.rest = rest
  return text .. whole:sub(behind), rest == ""
end

return queries
