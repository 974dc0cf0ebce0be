-- SPDX-License-Identifier: MIT
-- `lunik complete WORD…`: what the last word may become, for the shells' completion (lunik.cli.
-- completion has what asks it). A line is a candidate, a tab and what it means; what ends in "=",
-- ":" or "/" goes on. A line ":files", ":folders" or ":recipes" has the shell add its own.
local exit = require "lunik.exit"
local usage = require "lunik.cli.usage"

local complete = { name = "complete", summary = "print what a word may become" }

local place = {}
place.__index = place

-- A candidate, where the word begins it.
function place:add(word, doc)
  local whole = self.prefix .. word
  if whole:sub(1, #self.typed) == self.typed and not self.seen[whole] then
    self.seen[whole] = true
    self.list[#self.list + 1] = { whole, (tostring(doc or ""):gsub("%c", " ")) }
  end
end

-- The shell's own candidates: files | folders | recipes.
function place:paths(kind) self.kind = kind end

local function option_of(described, name)
  for _, option in ipairs(described.options) do
    for _, each in ipairs(option.names) do
      if each == name then return option end
    end
  end
end

-- Reads the words between the verb and the last one.
local function read(self, words, verb)
  local at, ended = 1, false
  while words[at] do
    local word = words[at]
    local option = not ended and option_of(self.described, word:match "^(%-%-[^=]+)=" or word)
    if verb.verbatim and #self.positional > 0 then ended = true end
    if not ended and word == "--" then
      ended, self.foreign = true, verb.program
    elseif option and not ended then
      self.given[option.name] = true
      if not option.flag and not word:find "^%-%-[^=]+=" then
        at = at + 1
        self.open = words[at] == nil and option or nil
        if option.name == "--machine" then self.machine = words[at] end
      end
    elseif ended or word:sub(1, 1) ~= "-" then
      table.insert(self.positional, word)
    end
    at = at + 1
  end
  self.ended = ended or verb.verbatim and #self.positional > 0
end

local function offer_options(self)
  for _, option in ipairs(self.described.options) do
    if not self.given[option.name] or option.count == "*" then
      self:add(option.name, option.doc)
    end
  end
  self:add("--help", "what the verb takes")
end

-- What a value of an argument or an option may be.
local function offer(self, element)
  for _, word in ipairs(element.choices or {}) do self:add(word) end
  local candidates = require "lunik.cli.complete.candidates"
  local find = candidates[self.verb .. "." .. element.name] or candidates[element.name]
  if find and not element.choices then find(self) end
end

local function argument_at(self, index)
  local list = self.described.arguments
  local last = list[#list]
  return list[index] or last and tostring(last.args):find "[*+]" and last or nil
end

local function offer_arguments(self, verb)
  local index = #self.positional + 1
  local argument = argument_at(self, index)
  if argument then offer(self, argument) end
  -- a single word may be what the verb is about, its machine left out
  if verb.lone and not self.machine and index == 1 then offer(self, argument_at(self, 2)) end
end

local function offer_all(self, words, cli)
  local verb = cli.verb(self.verb)
  self.described = usage.of(verb)
  read(self, words, verb)
  if self.machine then self.described = usage.of(verb, true) end
  local first = self.described.arguments[1]
  if not self.machine and first and first.name == "machine" then
    self.machine = self.positional[1]
  end
  local name = not self.ended and self.typed:match "^(%-%-[^=]+)="
  local option = self.open or name and option_of(self.described, name)
  if self.foreign then return end
  if option and not option.flag then
    if name and not self.open then
      self.prefix, self.word = name .. "=", self.typed:sub(#name + 2)
    end
    return offer(self, option)
  elseif self.typed:sub(1, 1) == "-" and not self.ended then return offer_options(self) end
  offer_arguments(self, verb)
end

local function offer_verbs(self, cli)
  for _, name in ipairs(cli.all()) do
    local verb = cli.verb(name)
    if verb then self:add(name, verb.summary) end
  end
  if self.typed:sub(1, 1) == "-" then
    self:add("--help", "the verbs")
    self:add("--version", "versions")
  end
end

-- `words` are those behind "lunik", the last of them unfinished: a list of { word, doc }, and the
-- kind of paths that the shell adds | nil
function complete.words(words, cli)
  local typed = words[#words] or ""
  local self = setmetatable({ verb = words[1], typed = typed, word = typed, prefix = "",
    list = {}, seen = {}, given = {}, positional = {}, cli = cli }, place)
  if #words < 2 then
    offer_verbs(self, cli)
  elseif not cli.hidden[self.verb] and cli.verb(self.verb) then
    offer_all(self, table.move(words, 2, #words - 1, 1, {}), cli)
  end
  return self.list, self.kind
end

function complete.run(args, out, _, cli)
  local list, kind = complete.words(table.move(args, 2, #args, 1, {}), cli)
  if kind then out:write(":", kind, "\n") end
  for _, each in ipairs(list) do out:write(each[1], "\t", each[2], "\n") end
  return exit.ok
end

return complete
