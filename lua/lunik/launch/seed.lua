-- SPDX-License-Identifier: MIT
-- Makes the seed of a plan: keys and hashes first, then the texts, then a file system by mtools,
-- which is told the texts by their input. The instance is the same while texts and disk are.
local belongings = require "lunik.launch.belongings"
local command = require "lunik.process.command"
local core = require "lunik.core"
local file = require "lunik.system.file"
local host = require "lunik.host"
local name = require "lunik.device.name"
local remove = require "lunik.process.remove"
local text = require "lunik.device.cloud_init.text"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local seed = {}

local PATIENCE = 60
local LARGEST = 8 << 20    -- bytes of a file that goes into a seed
local ROOM = 128 << 10     -- bytes for the file system itself
local HEADS, TRACK, SECTOR = 16, 32, 512

-- Runs a program with a text for its input, which stands nowhere else: what it prints | nil, why
local function fed(ctx, argv, input)
  local ours, theirs = core.chan.pair()
  if not ours then return nil, theirs end
  local task = ctx.loop:spawn("input", function()
    wait.send(ctx.loop, ours, input, PATIENCE)
    ours:close()
  end)
  local env = table.move(ctx.env, 1, #ctx.env, 1, {})
  env[#env + 1] = "MTOOLSRC=/dev/null"
  local done, why = command.run(ctx.loop, argv, { seconds = PATIENCE, env = env,
                                                  fds = { [0] = theirs:fd() } })
  task:cancel()
  ours:close()
  theirs:close()
  if not done then return nil, why end
  if done.status == 0 then return done.out end
  return nil, ("%s %s"):format(argv[1], command.describe(done))
end

-- The text itself, or that of its file | nil, why
local function read(one)
  if not one.file then return one.text end
  return host.contents(one.file, LARGEST)
end

local function hash(ctx, password, salt)
  if not password then return nil end
  local plain, why = read(password)
  if not plain then return nil, why end
  plain = plain:match "^[^\r\n]*"
  if plain:find "^%$%w+%$" then return plain end
  if plain == "" then return nil, "password: its file is empty" end
  local out
  out, why = fed(ctx, { "openssl", "passwd", "-6", "-salt", salt, "-stdin" }, plain .. "\n")
  return out and out:match "^[^\n]*", why
end

-- The public half of what lunik logs in by | nil, why
local function login(ctx, row)
  if row.of then return belongings.public(ctx, row.of) end
  local key, why = belongings.key(ctx, "login_ed25519")
  return key and key.public, why
end

-- The public keys that may log in | nil, why
local function keys(ctx, row)
  local list = {}
  for _, one in ipairs(row.keys) do
    local lines, why = read(one)
    if not lines then return nil, why end
    for line in lines:gmatch "[^\r\n]+" do list[#list + 1] = line end
  end
  if not row.login then return list end
  local key, why = login(ctx, row.login)
  if not key then return nil, why end
  list[#list + 1] = key
  return list
end

local function files(row)
  local list = {}
  for i, one in ipairs(row.files) do
    local bytes, why = read(one)
    if not bytes then return nil, why end
    list[i] = { path = one.path, mode = one.mode, owner = one.owner, text = bytes }
  end
  return list
end

-- The key by which lunik will know the guest, where it logs in to it: false where it does not
-- | nil, why
local function host_key(ctx)
  local access = ctx.plan.guest.ssh
  if not access or not access.known then return false end
  local key, why = belongings.key(ctx, "host_ed25519")
  local ok = key
  if key then ok, why = belongings.known(ctx.plan, key.public) end
  if not ok then return nil, why end
  return key
end

-- What only the start knows (lunik.device.cloud_init.text) | nil, why
local function made(ctx, row, known)
  local host_pair, why = host_key(ctx)
  if host_pair == nil then return nil, why end
  local out = { host = host_pair }
  out.keys, why = keys(ctx, row)
  if out.keys then out.files, why = files(row) end
  if out.files then out.hash, why = hash(ctx, row.password, known.salt) end
  if not why then return out end
  return nil, why
end

-- The files of the seed, by name | nil, why
local function texts(ctx, row)
  local known, why = belongings.of(ctx.plan, row.disk)
  if not known then return nil, why end
  local user_data, all
  if row.user_data then
    user_data, why = host.contents(row.user_data, LARGEST)
  else
    all, why = made(ctx, row, known)
    user_data = all and text.user_data(row, all)
  end
  if not user_data then return nil, why end
  local out = { ["user-data"] = user_data }
  if row.network then out["network-config"], why = host.contents(row.network, LARGEST) end
  if row.network and not out["network-config"] then return nil, why end
  local content = known.salt .. row.hostname .. user_data .. (out["network-config"] or "")
  local instance = ("lunik-%08x%08x"):format(name.hash("1" .. content), name.hash("2" .. content))
  out["meta-data"] = text.meta_data(row, instance)
  return out
end

local ORDER = { "meta-data", "user-data", "network-config" }

-- A FAT of the label that cloud-init looks for, with the files: true | nil, why
local function write(ctx, path, contents)
  local bytes = ROOM
  for _, content in pairs(contents) do bytes = bytes + #content end
  local cylinder = HEADS * TRACK * SECTOR
  local sectors = (bytes + cylinder - 1) // cylinder * HEADS * TRACK
  local fd, why = file.new(path)           -- for lunik's user alone, whatever mtools thinks of that
  if not fd then return nil, why end
  unistd.close(fd)
  local ok
  ok, why = fed(ctx, { "mformat", "-C", "-i", path, "-v", "CIDATA", "-T", ("%d"):format(sectors),
                       "-h", ("%d"):format(HEADS), "-s", ("%d"):format(TRACK), "::" }, "")
  for _, each in ipairs(ORDER) do
    if ok and contents[each] then
      ok, why = fed(ctx, { "mcopy", "-i", path, "-", "::" .. each }, contents[each])
    end
  end
  return ok and true, why
end

-- Makes the seed of a plan, when its disks are there; it goes when the machine does: true
-- | nil, why
function seed.create(ctx, row)
  ctx.started:push("remove " .. row.path, function() return remove(row.path) end)
  local contents, why = texts(ctx, ctx.plan.seed)
  local ok = contents
  if ok then ok, why = write(ctx, row.path, contents) end
  if not ok then return nil, ("create %s: %s"):format(row.path, why) end
  ctx.tell("file", "made " .. row.path)
  return true
end

return seed
