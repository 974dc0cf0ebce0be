-- SPDX-License-Identifier: MIT
-- Whether the files that a machine's recipe was read from are what they were when it was started,
-- or applied last.
local core = require "lunik.core"
local host = require "lunik.host"
local journal = require "lunik.vm.apply.journal"
local printable = require "lunik.text.printable"
local sorted = require "lunik.text.sorted"

local files = {}

-- What each file held, by its path.
local function known(vm)
  local record = journal.of(vm)
  if not record or not record.files then return vm.about.texts or {} end
  local texts = {}
  for _, file in ipairs(record.files) do texts[file.path] = file.text end
  return texts
end

-- The files that hold something else now, or are not there: a list, fit to be shown | nil
function files.changed(vm)
  local texts, list = known(vm), core.json.array {}
  for _, path in ipairs(sorted(texts)) do
    local text = texts[path]
    if host.contents(path, #text + 1) ~= text then list[#list + 1] = printable(path) end
  end
  return list[1] and list or nil
end

return files
