-- What each make of virtiofsd is told for the fields of a mount, and owners that cannot be had.
local fakehost = require "support.fakehost"
local lunik = require "lunik"

local function plan(fields, over)
  local host = fakehost.new(over or {}, {})
  function host.contents()
    return ("return machine { mount { from = %q, to = '/w', %s } }"):format("/etc", fields)
  end
  return lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm", anyway = true })
end

local function made_for(make, fields, uid)
  local made, problems = plan(fields, { uid = uid, virtiofsd = function()
    return { path = "/usr/libexec/virtiofsd", make = make }
  end })
  return assert(made, made or lunik.text(problems))
end

local function argv(make, fields, uid)
  local made = made_for(make, fields, uid)
  local words = table.concat(made.helpers[1].argv, " ", 2)
  return (words:gsub("/%S+/export", "AT"))
end

describe("virtiofsd", function()
  it("is told the same in the words of its make", function()
    for fields, words in pairs {
      [""] = { "-f -o source=AT -o cache=auto -o xattr --fd=3",
               "--shared-dir AT --cache auto --xattr --fd=3" },
      ["cache = 'never', xattr = false"] = { "-f -o source=AT -o cache=none --fd=3",
                                             "--shared-dir AT --cache never --fd=3" },
      ["posix_acl = true, cache = 'always'"] = {
        "-f -o source=AT -o cache=always -o xattr -o posix_acl --fd=3",
        "--shared-dir AT --cache always --xattr --posix-acl --fd=3" },
      ["announce_submounts = true"] = {
        "-f -o source=AT -o cache=auto -o xattr -o announce_submounts --fd=3",
        "--shared-dir AT --cache auto --xattr --announce-submounts --fd=3" },
      ["announce_submounts = false"] = {
        "-f -o source=AT -o cache=auto -o xattr --fd=3",
        "--shared-dir AT --cache auto --xattr --no-announce-submounts --fd=3" },
    } do
      assert.equal(words[1], argv("c", fields))
      assert.equal(words[2], argv("rust", fields))
    end
  end)

  it("can make neither device nodes nor capabilities for root, unless the mount says so", function()
    for fields, row in pairs {
      [""] = { "-mknod:-setfcap:-fsetid", "suid" },
      ["devices = true"] = { "-setfcap:-fsetid", "suid", "device nodes" },
      ["suid = true"] = { "-mknod", nil, "files that run as their owner" },
      ["suid = true, devices = true"] = { nil, nil,
        "device nodes and files that run as their owner" },
      ["suid = true, readonly = true"] = { "-mknod" },
    } do
      local less = row[1]
      assert.equal("-f -o source=AT -o cache=auto -o xattr" ..
        (less and " -o modcaps=" .. less or "") .. " --fd=3", argv("c", fields, 0))
      assert.equal("--shared-dir AT --cache auto --xattr" ..
        (less and " --modcaps=" .. less or "") .. " --fd=3", argv("rust", fields, 0))
      local made = made_for("c", fields, 0)
      assert.equal(row[2], made.helpers[1].refuses)
      assert.equal(row[3] and ("mount 'w': lets the guest make %s in /etc, which count on "
        .. "this host"):format(row[3]), made.notes[#made.notes]:match "^mount .*")
      assert.is_nil(argv("c", fields, 1000):find "modcaps")
      made = made_for("c", fields, 1000)
      assert.is_nil(made.helpers[1].refuses)
      assert.is_nil(made.notes[#made.notes]:match "^mount ")
    end
  end)

  it("gets an owner where there can be one, and is refused it at its line where not", function()
    for fields, owner in pairs { ["owner = '1000:100'"] = "1000:100",
                                 ["owner = 1000"] = "1000:1000", ["owner = '0'"] = "0:0" } do
      local made = assert(plan(fields, { uid = 0 }))
      assert.equal(owner, made.helpers[1].share.owner)
    end
    assert(plan("owner = '0:0'", { uid = 1000 }))
    local ids = { uid = { first = 1, count = 2 }, gid = { first = 1, count = 2 } }
    assert(plan("owner = '7:7'", { uid = 1000, subids = function() return ids end }))
    for fields, why in pairs {
      ["owner = '7:7'"] = "'7:7' cannot be had by an ordinary user: newuidmap and newgidmap are "
        .. 'not in PATH; root, "0:0", can',
      ["owner = 'me'"] = "uid:gid expected, such as \"1000:1000\", got 'me'",
      ["owner = '-1'"] = "uid:gid expected, such as \"1000:1000\", got '-1'",
      ["owner = '4294967295'"] = "uid:gid expected, such as \"1000:1000\", got '4294967295'",
      ["owner = {}"] = 'uid:gid expected, such as "1000:1000", got a table',
    } do
      local made, problems = plan(fields, { uid = 1000 })
      assert.is_nil(made)
      assert.equal("vm.lua:1: mount.owner: " .. why, lunik.text(problems))
    end
  end)
end)
