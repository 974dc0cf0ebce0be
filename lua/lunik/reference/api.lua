-- SPDX-License-Identifier: MIT
-- `require "lunik"` and `require "lunik.loop"`, for programs that embed them: docs/lua.md, `lunik
-- help lunik.NAME`, and types for editors. A row's fourth is what is returned where all is well;
-- whatever fails returns nil and problems.
local markdown = require "lunik.reference.markdown"

local api = {}

local options = { "options?", "lunik.options" }

-- The members of lunik, in the order of lunik/init.lua.
api.lunik = {
  { "load", "reads and checks a recipe", { { "path", "string" }, options }, "table",
    example = 'local machine, problems = lunik.load "vm.lua"' },
  { "plan", "reads, checks and plans a recipe: what running it would do",
    { { "path", "string" }, options }, "table",
    example = 'print(table.concat(assert(lunik.plan "vm.lua").argv, " "))' },
  { "argv", "a command line of QEMU's from a table of options, checked", { { "spec", "table" } },
    "string[]",
    example = 'print(table.concat(lunik.argv { "qemu-system-x86_64", m = "1G" }, " "))' },
  { "start", "starts a machine in a task of the loop",
    { { "what", "string|table" }, { "loop", "lunik.loop" }, options }, "lunik.vm",
    example = 'local vm = lunik.start("vm.lua", loop, { tell = print })' },
  { "run", "runs a machine to its end: how it ended, { kind, text, code }",
    { { "what", "string|table" }, options }, "table",
    example = 'print(lunik.run("vm.lua", { console = io.write }).text)' },
  { "up", "starts a machine that lives on its own, and waits until it is ready",
    { { "path", "string" }, options }, "lunik.vm",
    example = 'local vm, problems = lunik.up "vm.lua"' },
  { "restore", "lets a saved machine go on, and waits until its guest answers",
    { { "path", "string" }, options }, "lunik.vm",
    example = 'local vm = lunik.restore("/home/me/saved/dev", { again = true })' },
  { "fork", "starts clones of a machine that runs, and runs on, by its name, or of a saved one, by "
    .. "its folder, and waits until their guests answer", { { "word", "string" }, options },
    "lunik.vm[]", example = 'local vms = lunik.fork("dev", { n = 8, forward = "auto" })' },
  { "pool", "clones of a saved machine that stand ready: those of a pool's name, or of a new one",
    { { "what", "string|lunik.pool_options" } }, "lunik.pool",
    example = 'local pool = lunik.pool { from = "/home/me/saved/dev", warm = 4, max = 20 }' },
  { "attach", "the handle of a machine that lives on its own, by its name or its recipe's path",
    { { "name", "string" }, { "options?", "lunik.options" } }, "lunik.vm",
    example = 'local vm, problems = lunik.attach "dev"' },
  { "submit", "hands a recipe to a queue, as one job or many: a list of { batch, folder, jobs }",
    { { "options", "lunik.submission" } }, "table",
    example = 'lunik.submit { recipe = "vm.lua", command = { "make" }, engine = "local" }' },
  { "text", "problems as lines of text", { { "problems", "lunik.problem[]" } }, "string",
    never = true,
    example = 'if not vm then error(lunik.text(problems)) end' },
}

-- What options each of them may have; lunik.run refuses others.
api.options = {
  { "set", "table<string, string>", "fields of the machine that are overridden" },
  { "host", "table", "what answers questions about the host: lunik.host, or one of a test" },
  { "dir", "string", "the folder that the recipe's paths are seen from" },
  { "limit_memory", "boolean", "bound the memory that reading a recipe may take" },
  { "anyway", "boolean", "plan what this host lacks, too: it is in plan.lacks" },
  { "kept", "boolean", "plan a machine that lives on its own" },
  { "look", "boolean", "hold all that the plan takes against this host" },
  { "lock", "boolean", "false: a lock beside the recipe is not read" },
  { "saved", "table|string",
    "plan what goes on from a saved machine; \"any\": its disks may belong to one" },
  { "name", "string", "what a restored machine is called" },
  { "again", "boolean", "the saved machine stays what it is; what is written is thrown away" },
  { "verify", "boolean", "all of the saved machine is read before it goes on" },
  { "recipe", "string", "the recipe of a saved machine, where its own has moved" },
  { "n", "integer", "how many clones" },
  { "to", "string", "of a machine that runs: where what its clones start from is kept, an absolute "
    .. "path; left out: in its state directory, as long as they run" },
  { "force", "boolean", "of a machine that runs: take mounts away from whoever uses them, for a "
    .. "moment" },
  { "as", "string", "what they are called, with {n} where the number is to be" },
  { "memory", '"private"|"copied"', "of clones: they stand in what was saved, or each has a copy" },
  { "host_keys", "boolean", "of clones: the sshd of each guest has keys of its own, made once it "
    .. "is up" },
  { "unsafe", "boolean", "of clones: they start where nothing can be made their own in the guest" },
  { "forward", '"auto"', "of clones: a free port of this host where the recipe says one" },
  { "mounts", "table[]|fun(number: integer, name: string): table[]",
    "what each clone mounts: fields as of a recipe's mount, with {n} for its number" },
  { "on", "table<string, function>", "more hooks, by their points" },
  { "policies", "table<string, function>", "more policies, by their families" },
  { "tell", "fun(kind: string, text: string)", "hears of progress" },
  { "console", "fun(bytes: string)", "hears the guest's console" },
  { "loop", "lunik.loop", "the caller's, in one of whose tasks this is called" },
  { "paused", "boolean", "the machine stays paused until somebody resumes it" },
  { "template", "string", "it is the template of the recipe, to be saved in that folder" },
  { "tb_size", "integer", "bounds the code that TCG keeps, in MiB" },
  { "images", "table<string, string>", "copies that stand for images, by their paths" },
}

-- What lunik.submit is given; it refuses others.
api.submission = {
  { "recipe", "string", "the recipe's path" },
  { "set", "table<string, string>", "fields of the machine that are overridden" },
  { "command", "string[]", "the program in each guest" },
  { "sweep", "table<string, any[]>", "values of fields: a job for each with each of the others" },
  { "each", "string[]", "lines: a job for each, which stands for {}" },
  { "engine", "string", "slurm, or local; default: slurm where sbatch is" },
  { "at_once", "integer", "how many run at once" },
  { "retries", "integer", "how often a job is tried again where the host was at fault" },
  { "memory", "integer", "bytes that each job may have" },
  { "cache", "integer", "bytes of images that each node keeps copies of" },
  { "time", "string", "the limit of each job, as sbatch has it" },
  { "gres", "string", "as sbatch has it" },
  { "constraint", "string", "as sbatch has it" },
  { "partition", "string", "as sbatch has it" },
  { "account", "string", "as sbatch has it" },
}

-- What lunik.pool is given in the place of a name; it refuses others.
api.pool_options = {
  { "from", "string", "the folder of a saved machine, or the name of one" },
  { "name", "string", "what the pool is called; default: as the machine" },
  { "warm", "integer", "how many clones stand ready; default: 2" },
  { "max", "integer", "how many there may be, with those that were claimed; default: 5 × warm" },
  { "budget", "string|integer",
    "how much memory all may take; default: three quarters of what the host has to spare" },
  { "forward", '"auto"', "as lunik.fork has it" },
  { "mounts", "table[]", "as lunik.fork has it" },
  { "memory", '"private"|"copied"', "as lunik.fork has it" },
  { "recipe", "string", "as lunik.fork has it" },
  { "host_keys", "boolean", "as lunik.fork has it" },
  { "unsafe", "boolean", "as lunik.fork has it" },
  { "loop", "lunik.loop", "the caller's, in one of whose tasks this is called" },
  { "tell", "fun(kind: string, text: string)", "hears of progress" },
}

-- The methods of a pool.
api.pool = {
  { "claim", "takes the clone that has stood ready longest, or waits for one. It is thrown away "
    .. "when its handle is closed, or the program ends. Options: wait, false or for how many "
    .. "seconds at most; keep: it runs on until it is stopped", { { "options?",
    "{ wait?: boolean|number, keep?: boolean }" } }, "lunik.vm",
    example = 'local vm <close> = assert(pool:claim())\nprint(vm:exec { "uname", "-a" })' },
  { "status", "what `lunik pools --json` prints of it", {}, "table",
    example = "print(#pool:status().clones)" },
  { "stop", "ends the pool, and the clones that nobody has claimed: the names of the others", {},
    "string[]", example = "pool:stop()" },
}

-- The methods of a loop that a program needs.
api.loop = {
  { "run", "runs fn in a task, until it returns: what it returns", { { "fn", "function" },
    { "...", "any" } }, "any", never = true,
    example = 'loop:run(function() lunik.attach("dev", { loop = loop }):wait() end)' },
  { "spawn", "runs fn in a task of its own beside the others", { { "name", "string" },
    { "fn", "function" }, { "...", "any" } }, "table", never = true,
    example = 'loop:spawn("clock", function() print(os.date()) end)' },
  { "sleep", "lets the others run for that many seconds", { { "seconds", "number" } }, nil,
    example = "loop:sleep(1)" },
  { "close", "ends all tasks", {}, nil,
    example = "loop:close()" },
}

local PAGE = [[
# The Lua API

Printed by `make docs` from the rows of lua/lunik/reference/api.lua; `lunik help lunik` shows the
same. Any Lua 5.4 or 5.5 program is a host: `require "lunik"`, once `make install` or luarocks has
put lunik where Lua looks. What a machine can do once it runs is in [vm.md](vm.md); a program in C
has [the C API](c.md).

What fails gives `nil, problems`, a list of `{ why, path, at, about }` that `lunik.text` makes a
text of; misuse raises at the caller's line. lunik changes nothing of the process it is in: no
signal handler, no directory, no variable.
]]

-- "lunik.up(path, options?)"
local function signature(row, owner)
  local names = {}
  for i, param in ipairs(row[3]) do names[i] = param[1] end
  return ("%s%s(%s)"):format(owner, row[1], table.concat(names, ", "))
end

local function each(visit)
  for _, row in ipairs(api.lunik) do visit(row, "lunik.") end
  for _, row in ipairs(api.pool) do visit(row, "pool:") end
  for _, row in ipairs(api.loop) do visit(row, "loop:") end
end

-- What `lunik help lunik.NAME` and `lunik help loop:NAME` show: the text | nil
function api.text(topic)
  local found
  each(function(row, owner)
    if owner .. row[1] ~= topic then return end
    found = ("%s: %s\n  gives %s%s\n  for example: %s\n"):format(signature(row, owner), row[2],
      row[4] or "nothing", row[4] and not row.never and ", or nil and problems" or "", row.example)
  end)
  return found
end

function api.names()
  local list = {}
  each(function(row, owner) list[#list + 1] = owner .. row[1] end)
  return list
end

-- All of them, a line each, as `lunik help lunik` shows them.
function api.overview()
  local out = { "require \"lunik\": machines from a Lua program\n" }
  each(function(row, owner)
    out[#out + 1] = ("  %-16s %s\n"):format(owner .. row[1], row[2])
  end)
  out[#out + 1] = "`lunik help lunik.NAME` explains one; docs/lua.md has them all\n"
  return table.concat(out)
end

local function section(row, owner, out)
  out[#out + 1] = ("### %s%s\n\n`%s`\n\n%s Gives %s%s.\n"):format(owner, row[1],
    signature(row, owner), markdown.sentence(row[2]), row[4] and "`" .. row[4] .. "`" or "nothing",
    row[4] and not row.never and ", or `nil` and problems" or "")
  out[#out + 1] = ("```lua\n%s\n```\n"):format(row.example)
end

local function options_table(rows, out)
  local cells = {}
  for i, row in ipairs(rows) do
    cells[i] = { "`" .. row[1] .. "`", "`" .. row[2] .. "`", row[3] }
  end
  markdown.table({ "option", "type", "what" }, cells, out)
end

-- docs/lua.md
function api.markdown()
  local out = { PAGE, "## lunik\n\n`lunik.version` is the version, a text.\n" }
  for _, row in ipairs(api.lunik) do section(row, "lunik.", out) end
  out[#out + 1] = "## Options\n\nEach function takes those that make sense to it, and refuses "
    .. "others.\n"
  options_table(api.options, out)
  out[#out + 1] = "## What `lunik.submit` is given\n"
  options_table(api.submission, out)
  out[#out + 1] = "## What `lunik.pool` is given\n"
  options_table(api.pool_options, out)
  out[#out + 1] = "## A pool\n\nIts name is `pool.name`. It lives on its own, whatever becomes of "
    .. "the program.\n"
  for _, row in ipairs(api.pool) do section(row, "pool:", out) end
  out[#out + 1] = "## The loop\n\n`local loop = require \"lunik.loop\".new()` is a loop of tasks, "
    .. "in which several machines are at work at once: what waits in one task lets the others run."
    .. "\n"
  for _, row in ipairs(api.loop) do section(row, "loop:", out) end
  return table.concat(out, "\n")
end

local HEAD = "---@meta\n-- Printed by `make docs` from the rows that lunik runs.\n"

local function fn(row, owner, out)
  local names = {}
  out[#out + 1] = ("---%s"):format(row[2])
  for i, param in ipairs(row[3]) do
    out[#out + 1] = ("---@param %s %s"):format(param[1], param[2])
    names[i] = param[1]:gsub("%?$", "")
  end
  if row[4] then
    out[#out + 1] = ("---@return %s"):format(row.never and row[4] or row[4] .. "?")
    if not row.never then out[#out + 1] = "---@return lunik.problem[]? problems" end
  end
  out[#out + 1] = ("function %s%s(%s) end\n"):format(owner, row[1], table.concat(names, ", "))
end

-- types/lunik.lua
function api.types()
  local out = { HEAD, "---@class lunik.problem\n---@field why string\n"
    .. "---@field path? string the field, such as \"disk.file\"\n"
    .. "---@field at? { file: string, line: integer }[] where the recipe says so\n"
    .. "---@field about? string \"host\": only this host lacks it\n",
    "---@class lunik.options" }
  local function fields(rows)
    for _, row in ipairs(rows) do
      out[#out + 1] = ("---@field %s? %s %s"):format(row[1], row[2], row[3])
    end
  end
  fields(api.options)
  out[#out + 1] = "\n---@class lunik.submission"
  fields(api.submission)
  out[#out + 1] = "\n---@class lunik.pool_options"
  fields(api.pool_options)
  out[#out + 1] = "\n---@class lunik.pool\n---@field name string\nlocal pool = {}\n"
  for _, row in ipairs(api.pool) do fn(row, "pool:", out) end
  out[#out + 1] = "---@class lunik\n---@field version string\nlocal lunik = {}\n"
  for _, row in ipairs(api.lunik) do fn(row, "lunik.", out) end
  out[#out + 1] = "return lunik\n"
  return table.concat(out, "\n")
end

-- types/lunik/loop.lua: the file is called as the module is.
function api.loop_types()
  local out = { HEAD, "---@class lunik.loop\nlocal loop = {}\n",
    "---a loop of tasks\n---@return lunik.loop\nfunction loop.new() end\n" }
  for _, row in ipairs(api.loop) do fn(row, "loop:", out) end
  out[#out + 1] = "return loop\n"
  return table.concat(out, "\n")
end

return api
