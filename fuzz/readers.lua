-- SPDX-License-Identifier: MIT
-- What fuzz/readers.c calls: a function of bytes, of which the first says who says the others.
package.path = "lua/?.lua;lua/?/init.lua;build/deps/share/?.lua;build/deps/share/?/init.lua;"
               .. package.path
package.cpath = "build/deps/lib/?.so;" .. package.cpath
local agent = require "lunik.vm.guest.agent"
local commands = require "lunik.control.commands"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local mount = require "lunik.vm.guest.mount"
local protocol = require "lunik.control.protocol"
local signature = require "lunik.vm.signature"
local wire = require "lunik.control.wire"

local SECONDS = 0.01
local MOUNTED = "1 2 0:3 / /t rw - virtiofs t rw\n"
local spec = { type = "virtiofs", tag = "t", to = "/t" }

local rows = {}
for _, row in ipairs(commands.rows) do rows[row.wire] = row end

-- Every answer comes at once, and then the end.
local function guest(bytes)
  local l <close> = loop.new()
  l:run(function()
    local ours, theirs = assert(core.chan.pair())
    theirs:send(bytes, 0)
    theirs:shutdown()
    local one = agent.new(l, ours)
    one.synced = true
    local done, why = one:exec({ "x" }, { seconds = SECONDS })
    assert(done and type(done.out) == "string" and math.type(done.status or done.signal)
           or type(why) == "string")
    ours:close()
    theirs:close()
  end)
end

-- The same bytes as what a script of the guest's shell printed.
local function shell(bytes)
  local function run() return { status = #bytes % 2, out = bytes, err = bytes } end
  local function unmount(script)
    return script:find "^cat " and { status = 0, out = MOUNTED, err = "" } or run()
  end
  mount.perform(run, spec, true, "p")
  mount.undo(run, spec)
  mount.undo(unmount, spec)
  mount.parse(bytes)
end

local function client(bytes)
  local splitter = core.json.splitter { size = 4096 }
  splitter:feed(bytes)
  for text in splitter.next, splitter do
    local request = protocol.request(text)
    assert(request.name or request.error)
    assert(protocol.refusal(request.id, "GenericError", "no"))
    local row = rows[request.name]
    local asked = row and wire.decode(request.arguments or core.json.object {})
    if asked then assert(signature.wrong(row, asked) or wire.encode(asked)) end
  end
end

local readers = { [0] = guest, shell, client }

return function(bytes)
  local who = (bytes:byte(1) or 0) % 3
  readers[who](bytes:sub(2))
end
