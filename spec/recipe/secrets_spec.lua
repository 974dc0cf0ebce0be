-- What a report leaves out: every secret that is said to be one, wherever it stands.
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local secrets = require "lunik.recipe.secrets"

local function of_machine(text)
  local host = fakehost.new { environment = { TOKEN = "sesame" } }
  function host.contents() return text end
  local plan, machine = lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm", anyway = true })
  assert(plan, plan or lunik.text(machine))
  local hidden = secrets.new()
  hidden:machine(machine)
  hidden:environment(machine.raw.inputs.env)
  return hidden, plan
end

describe("a report's text", function()
  it("has no value of a variable, as the recipe took it", function()
    local hidden, plan = of_machine [[return machine { append = "key=" .. env "TOKEN",
      kernel = "vmlinuz" }]]
    local line = table.concat(plan:command "paste", " ")
    assert.matches("key=sesame", line)
    assert.matches("%-append key=%[env TOKEN%]$", (hidden:mask(line):gsub(" %-display.*", "")))
  end)

  it("has no key of an option whose row says that it is a secret", function()
    local hidden, plan = of_machine [[return machine {
      qemu.object { "secret", id = "s", data = "hun,ter2" } }]]
    local line = table.concat(plan:command "paste", " ")
    assert.matches("data=hun,,ter2", line)
    line = hidden:mask(line .. " hun,ter2")
    assert.is_nil(line:find "hun")
    assert.matches("secret,id=s,data=%[secret%]", line)
  end)

  it("has none of a command line, in QEMU's own words or in JSON", function()
    local hidden = secrets.new()
    hidden:command { "qemu", "-object", "secret,id=s,data=one-secret",
      "-spice", "port=1,password=two",
      "-object", '{"qom-type":"secret","id":"t","data":"in-json"}', "-append", "word",
      "-smbios", "type=11,value=io.systemd.credential:my.key=cred=1", "-spice", "password=three",
      "-smbios", "type=11,value=io.systemd.credential.binary:fstab.extra=b3Vycw==" }
    assert.equal("[secret] two [secret] [secret] [secret] word b3Vycw==",
                 hidden:mask "one-secret two in-json cred=1 three word b3Vycw==")
  end)

  it("has nothing of a recipe that is given to a name such as password", function()
    local hidden = secrets.new()
    hidden:source [==[
      local root_password = "first" db = { passwd = 'second', token = [[third
line]], password_secret = "an-id", password = read "x" }]==]
    assert.equal("[secret] [secret] [secret] an-id", hidden:mask "first second third\nline an-id")
  end)

  it("has no private key", function()
    local key = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----"
    assert.equal("a [secret] b [secret] c", secrets.new():mask(("a %s b %s c"):format(key, key)))
    local public = "-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----"
    assert.equal(public, secrets.new():mask(public))
  end)

  it("has the longer of two where one is in the other, and keeps what is too short", function()
    local hidden = secrets.new()
    hidden:environment { A = "path", B = "/some/path/x", C = "1", D = false }
    assert.equal("[env B] [env A] 1", hidden:mask "/some/path/x path 1")
    local tree = { ["x path"] = { "path", 1, true, { deep = "/some/path/x" } } }
    assert.same({ ["x [env A]"] = { "[env A]", 1, true, { deep = "[env B]" } } },
                hidden:masked(tree))
  end)
end)
