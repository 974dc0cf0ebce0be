-- SPDX-License-Identifier: MIT
-- `lunik save`: puts a running machine away as a folder, from which `lunik restore` goes on.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"

local save = { name = "save", summary = "put a running machine away, to be restored later" }
save.example = "lunik save dev ~/saved/dev"
save.more = { "lunik save dev ~/saved/dev --sums --compress",
  "lunik save dev ~/saved/dev --force --json" }

function save.args(command)
  arguments.machine(command)
  command:argument("file", "where its folder is to be; left out: in the machine's state directory")
    :args "?"
  command:flag("--force", "take mounts away from whoever uses them")
  command:flag("--sums", "read its disks, too, and what they stand on, so that --verify can tell "
    .. "whether they are what they were")
  command:flag("--compress", "compress its memory, by zstd: it takes less room, and longer")
  command:flag("--json", "as JSON")
end

local function absolute(path)
  return path and kind.absolute(path, { host = host, dir = host.real "." })
end

function save.run(args, out, err)
  return attached.with(args, function(vm)
    attached.hear(vm, err, "stopped")
    local done, why = vm:save(absolute(args.file), { force = args.force, sums = args.sums,
                                                     compress = args.compress })
    if not done then return nil, why, exit.problems end
    vm:wait()
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, file = portable.text(done.file) },
                "\n")
    else
      err:write(("%s: saved in %s\n"):format(vm.name, printable(done.file)))
    end
    return exit.ok
  end, attached.FINISHES)
end

return save
