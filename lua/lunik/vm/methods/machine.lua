-- SPDX-License-Identifier: MIT
-- Methods about the machine as a whole: rows of lunik.vm.methods.
local suggest = require "lunik.text.suggest"

-- Loads what most callers of a method have no use for.
local function points() return require "lunik.hook.points" end
local function ready() return require "lunik.vm.ready" end
local function status() return require "lunik.vm.status" end

local stop_rungs = { "powerdown", "quit", "term", "kill" }

local function until_ready(vm, limit)
  local ok, why, code = ready().hold(vm, limit)
  if ok then return true end
  if code then return nil, "not ready yet", code end
  local late = (vm.seen.unready or "deadline") == "deadline"
  return nil, why, vm.ended:is_set() and "ended" or late and "timeout" or "failed"
end

local function until_end(vm, limit)
  local how = vm.ended:wait(limit)
  if type(how) == "table" then return status().how(how) end
  return nil, "still running", "timeout"
end

local WAITS = { ready = until_ready, ["end"] = until_end }

local function qemu(command)
  return function(vm)
    local ok, why, code = vm:qmp(command)
    return ok and true, why, code
  end
end

-- Says what is wrong with a name that nobody will ever fire: a slip of the pen | nil
local function unknown_point(name)
  local row, names = points().find(name), {}
  if row and row.phase ~= "reading" then return points().doubt(name) end
  for _, each in ipairs(points().rows) do
    if each.phase ~= "reading" then names[#names + 1] = each.name end
  end
  local event = points().meant(name)
  return ("no hook point '%s'%s"):format(name,
    event and ("; did you mean '%s'?"):format(event) or suggest.hint_or_all(name, names, 8))
end

local function read_on(_, name, fn)
  return { name = name, fn = fn }, type(name) == "string" and unknown_point(name) or nil
end

-- vm:fork(file, { force = true }), vm:fork { n = 3 }
local function read_fork(row, ...)
  local read = require "lunik.vm.signature".forms
  if type((...)) == "table" then return read.fields(row, ...) end
  return read.positions(row, ...)
end

return {
  { name = "status", wire = "lunik-status", takes = {},
    doc = "what the machine is, and how it is",
    gives = "what `lunik status --json` prints",
    returns = "the object that `lunik status --json` prints", example = "vm:status()",
    run = function(vm) return status().of(vm) end },

  { name = "announce", only = "machine", empty = true,
    doc = "tell hooks, programs and clients of an event that an extension declares",
    takes = { { "name", type = "string", doc = "such as SSHFS_LOST" },
              { "data", type = "object", optional = true, doc = "what it carries" } },
    example = 'vm:announce("SSHFS_LOST", { tag = "src" })', codes = { "missing", "invalid" },
    run = function(vm, asked) return require "lunik.vm.announce"(vm, asked.name, asked.data) end },

  { name = "is_now_ready", takes = {}, doc = "whether the machine's `ready =` has held",
    gives = "true or false", example = "vm:is_now_ready()",
    run = function(vm) return vm:is_now_ready() end },

  { name = "wait", wire = "lunik-wait", waits = true,
    doc = "wait until the machine has ended, or is ready",
    takes = { { "seconds", type = "number", doc = "how long to wait at most", optional = true },
      { "for", lua = "what", type = "string", doc = "end (default) or ready", optional = true,
        one_of = { "ready", "end" } } },
    gives = "how it ended: { kind, text, code, status or signal, lines }; true when it is ready",
    returns = "an empty object, or how it ended",
    codes = { "timeout", "ended", "closed", "failed" },
    example = 'vm:wait(60, "ready")',
    run = function(vm, asked) return WAITS[asked["for"] or "end"](vm, asked.seconds) end },

  { name = "stop", wire = "lunik-stop",
    doc = "begin to stop the machine, or climb to the next rung",
    takes = { { "reason", type = "string", doc = "for the log", optional = true },
      { "rung", type = "string", doc = "the first one: powerdown, quit, term or kill",
        optional = true, one_of = stop_rungs } },
    empty = true, gives = "true at once; vm:wait() tells the end",
    returns = "an empty object at once; the event LUNIK_ENDED tells the end",
    codes = { "invalid" }, example = 'vm:stop("done", "quit")',
    run = function(vm, asked) return vm:stop(asked.reason, asked.rung) end },

  { name = "pause", wire = "lunik-pause", takes = {}, waits = true,
    doc = "stop the machine's CPUs", empty = true,
    codes = { "busy", "closed", "failed" }, example = "vm:pause()", run = qemu "stop" },

  { name = "resume", wire = "lunik-resume", takes = {}, waits = true,
    doc = "let a paused machine run on", empty = true,
    codes = { "busy", "closed", "failed" }, example = "vm:resume()", run = qemu "cont" },

  { name = "save", wire = "lunik-save", waits = true,
    doc = "put the machine away as a folder, with all that its guest is about, and end it",
    takes = { { "file", type = "string", optional = true,
        doc = "where the folder is to be, an absolute path; left out: in the machine's state "
          .. "directory" },
      { "force", type = "boolean", option = true, optional = true,
        doc = "take mounts away from whoever uses them" },
      { "sums", type = "boolean", option = true, optional = true,
        doc = "read its disks, too, and all that these stand on, so that it can be told later "
          .. "whether they are what they were" },
      { "compress", type = "boolean", option = true, optional = true,
        doc = "compress its memory, by zstd: it takes a third of the room, and longer" } },
    gives = "{ file }", returns = "file",
    codes = { "invalid", "taken", "missing", "busy", "unsupported", "unreachable", "ended",
              "closed", "failed" },
    example = 'vm:save "/var/tmp/dev.saved"',
    run = function(vm, asked) return require "lunik.vm.save".run(vm, asked) end },

  { name = "fork", wire = "lunik-fork", waits = true, read = read_fork,
    doc = "keep in a folder what the machine is now, and let it run on; and start clones from "
      .. "there, where one of n, as, forward, mounts, memory, host_keys, unsafe is given: all of "
      .. "them are up then, or none",
    call = 'vm:fork(file?, { force? }), vm:fork { n = 3, as = "web-{n}", … }',
    takes = { { "file", type = "string", optional = true,
        doc = "where the folder is to be, an absolute path; left out: in the machine's state "
          .. "directory, as long as clones stand on it" },
      { "force", type = "boolean", option = true, optional = true,
        doc = "take mounts away from whoever uses them, for a moment" },
      { "n", type = "integer", option = true, optional = true,
        doc = "how many clones; default: 1" },
      { "as", type = "string", option = true, optional = true,
        doc = "what they are called, with {n} where the number is to be; default: the machine's "
          .. "name and \"-{n}\"" },
      { "forward", type = "string", option = true, optional = true, one_of = { "auto" },
        doc = "auto: where the recipe says a port of this host, a free one" },
      { "mounts", type = "array", option = true, optional = true,
        doc = "what vm:mount takes, for each mount of each clone, {n} in it the clone's number; "
          .. "relative paths are seen from the recipe's folder" },
      { "memory", type = "string", option = true, optional = true,
        one_of = { "private", "copied" },
        doc = "private: all stand in what is in the folder, and nothing can be mounted in them; "
          .. "copied: each has its own; default: private where nothing could be mounted" },
      { "host_keys", type = "boolean", option = true, optional = true,
        doc = "give the sshd of each guest keys of its own" },
      { "unsafe", type = "boolean", option = true, optional = true,
        doc = "start them where nothing can be made their own in the guest" } },
    gives = "{ file, stood_still, clones }: the folder, for lunik.fork, for how many seconds the "
      .. "guest stood still, and the names of the clones, where there are any",
    returns = "file, stood_still, clones",
    codes = { "invalid", "taken", "missing", "busy", "unsupported", "unreachable", "ended",
              "closed", "failed" },
    example = 'vm:fork { n = 3, as = "web-{n}" }',
    run = function(vm, asked) return require "lunik.vm.fork".run(vm, asked) end },

  { name = "apply", wire = "lunik-apply", waits = true,
    doc = "make the machine what its recipe says now, as far as it can be while it runs",
    takes = { { "outline", type = "object", doc = "of the recipe as it reads now, such as `lunik "
        .. "apply` sends it" },
      { "files", type = "array", option = true, optional = true,
        doc = "what was read for that: path and text of each" },
      { "env", type = "array", option = true, optional = true,
        doc = "and the variables of the environment that it took: name and value of each" },
      { "dry_run", type = "boolean", option = true, optional = true,
        doc = "say what would be done" },
      { "force", type = "boolean", option = true, optional = true,
        doc = "take away what the guest uses, too" } },
    gives = "{ changes, applied }: of each change sign (+, -, ~), what, at, text, fate (hot, "
      .. "restart, refused), why, details", returns = "changes, applied",
    codes = { "invalid", "missing", "taken", "busy", "refused", "unsupported", "unreachable",
              "timeout", "ended", "closed", "failed" },
    example = "vm:apply(outline, { dry_run = true })",
    run = function(vm, asked) return require "lunik.vm.apply".run(vm, asked) end },

  { name = "provision", wire = "lunik-provision", waits = true,
    doc = "do what the recipe provisions and has not been done yet on the machine's disk",
    takes = { { "again", type = "boolean", option = true, optional = true,
                doc = "do all of it, done or not" } },
    gives = "how many steps were done", returns = "steps",
    codes = { "missing", "busy", "unreachable", "failed" },
    example = "vm:provision { again = true }",
    run = function(vm, asked)
      local silent = vm:why_silent()
      if silent then return nil, silent, "unreachable" end
      local count, why, code = ready().provision(vm, asked.again)
      return count and { steps = count }, why, code
    end,
    lua = function(done) return done.steps end },

  { name = "qmp", waits = true, doc = "run a command of QEMU's (QMP)",
    takes = { { "command", type = "string", doc = "its name" },
      { "arguments", type = "object", doc = "as QEMU has them", optional = true },
      { "seconds", type = "number", doc = "how long to wait at most; default 30",
        optional = true } },
    gives = "what QEMU returned", codes = { "timeout", "busy", "missing", "unsupported", "closed",
                                            "failed" },
    example = 'vm:qmp("query-status")',
    run = function(vm, asked) return vm:qmp(asked.command, asked.arguments, asked.seconds) end },

  { name = "events", wire = "lunik-events", takes = {}, doc = "the last events, oldest first",
    gives = "a list of events", returns = "a list of events", example = "vm:events()",
    run = function(vm) return { table.unpack(vm.recent) } end },

  { name = "on", read = read_on,
    doc = "call a function at a hook point, or at an event of QEMU's, from now on",
    takes = { { "name", type = "string", doc = "such as SHUTDOWN, helper-died, or event: all" },
      { "fn", type = "function", doc = "fn(vm, event): as hooks of the recipe; over a control "
          .. "socket it is called while a method waits, and must not wait itself" } },
    empty = true, example = 'vm:on("SHUTDOWN", function(vm, event) print(event.reason) end)',
    run = function(vm, asked)
      local why = points().is_event(asked.name) and points().unheard(asked.name)
      if why then return nil, why, "unsupported" end
      vm.dispatch:add(asked.name, asked.fn)
      return true
    end },

  { name = "tell", wire = "lunik-tell",
    doc = "say something about the machine, to whoever follows its progress",
    takes = { { "kind", type = "string", doc = "problem, or a word of one's own" },
      { "text", type = "string", doc = "what to say" } },
    empty = true, example = 'vm:tell("note", "backed up")',
    run = function(vm, asked)
      vm:tell(asked.kind, asked.text)
      return true
    end },

  { name = "sleep", waits = true, doc = "wait without keeping anybody else from working",
    takes = { { "seconds", type = "number", doc = "how long" } }, empty = true,
    example = "vm:sleep(0.5)",
    run = function(vm, asked)
      vm.loop:sleep(asked.seconds)
      return true
    end },

  { name = "now", takes = {}, doc = "the time on a clock that never jumps",
    gives = "seconds since some moment", example = "vm:now()",
    run = function(vm) return vm.loop.now() end },

  { name = "close", doc = "let go of a machine that lives on its own; it runs on", takes = {},
    only = "attached", empty = true, example = "vm:close()" },
}
