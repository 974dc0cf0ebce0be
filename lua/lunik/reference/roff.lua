-- SPDX-License-Identifier: MIT
-- The pieces of a manual page, in the macros of man(7), which every reader of manuals knows.
local version = require "lunik.version"

local roff = {}

local WIDTH = 78

local ESCAPED = { ["\\"] = "\\e", ["-"] = "\\-", ["`"] = "\\(ga", ["'"] = "\\(aq", ["…"] = "..." }

-- A text as it is: no escape, no request, "-" as one can paste it, and nothing but ASCII.
function roff.plain(text)
  return (tostring(text):gsub(utf8.charpattern, function(char)
    return ESCAPED[char] or #char > 1 and ("\\[u%04X]"):format(utf8.codepoint(char)) or nil
  end))
end

function roff.bold(text) return "\\fB" .. roff.plain(text) .. "\\fR" end

function roff.italic(text) return "\\fI" .. roff.plain(text) .. "\\fR" end

-- Text in roff, broken into lines that no request can begin.
local function lines(text)
  local out, line = {}, ""
  for word in text:gmatch "%S+" do
    if line ~= "" and #line + 1 + #word > WIDTH then out[#out + 1], line = line, "" end
    line = line == "" and word:gsub("^%.", "\\&.") or line .. " " .. word
  end
  out[#out + 1] = line
  return table.concat(out, "\n")
end

-- A text with what stands in backquotes in bold.
function roff.prose(text)
  local out, at = {}, 1
  for before, word, after in text:gmatch "([^`]*)`([^`]+)`()" do
    out[#out + 1] = roff.plain(before) .. roff.bold(word)
    at = after
  end
  return lines(table.concat(out) .. roff.plain(text:sub(at)))
end

-- "a disk" as a sentence of its own: "A disk."
local function sentence(text) return text:sub(1, 1):upper() .. text:sub(2) .. "." end

-- The head of a page: { name, section, summary }. `date` is the day of the release, YYYY-MM-DD.
function roff.head(page, date)
  return (".TH %s %d %s \"lunik %s\" \"lunik's manual\"\n.SH NAME\n%s \\- %s\n"):format(
    roff.plain(page.name:upper()), page.section, date, version, roff.plain(page.name),
    roff.plain(page.summary))
end

function roff.section(title) return (".SH \"%s\"\n"):format(roff.plain(title:upper())) end

function roff.part(title) return (".SS \"%s\"\n"):format(roff.plain(title)) end

-- The first paragraph below a title: what may be no sentence yet.
function roff.paragraph(text) return roff.prose(sentence(text)) .. "\n" end

-- An entry of a list: what it is called, in roff, and what it means.
function roff.entry(term, text)
  return (".TP\n%s\n%s\n"):format(term, roff.prose(text ~= "" and text or "\\&"))
end

-- Lines as they stand, each with its end.
function roff.lines(text)
  return ".PP\n.nf\n" .. roff.plain(text):gsub("\n%.", "\n\\&.") .. ".fi\n"
end

return roff
