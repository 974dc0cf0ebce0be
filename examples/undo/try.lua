-- Tries a command in a machine that runs, and goes back: whatever it did to disks and memory is
-- undone, and the machine goes on from before. KEEP=1 does it for good.
--
--   lua5.4 examples/undo/try.lua undo sh -c 'rm -r /etc; ls /'
local lunik = require "lunik"

local name, keep = table.remove(arg, 1), os.getenv "KEEP" ~= nil
if not arg[1] then error("usage: try.lua MACHINE COMMAND …", 0) end

local function restored(file, options)
  local vm, problems = lunik.restore(file, options)
  return vm or error(lunik.text(problems), 0)
end

local vm <const>, why = lunik.attach(name)
if not vm then error(lunik.text(why), 0) end
local saved = assert(vm:save())
vm:wait()

-- what is restored `again` never moves its disks on: it ends, and what was saved is as it was
local tried = restored(saved.file, { again = not keep })
local status, out, err = tried:exec { table.unpack(arg) }
if status then
  io.write(out)
  io.stderr:write(err)
end
if not keep then
  tried:stop "what was tried is taken back"
  tried:wait()
  restored(saved.file)
end
os.exit(status or error(out, 0))
