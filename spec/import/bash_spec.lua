-- Scripts as people write them: the words that are imported are those that bash hands to QEMU, or it
-- is said which only running the script would tell.
local run = require "support.run"
local scratch = require "support.scratch"
local shell = require "lunik.import.shell"
local stat = require "posix.sys.stat"

describe("a script's command line", function()
  local dir, host
  setup(function()
    dir = scratch.new()
    host = { home = dir, user = "dev" }
    scratch.write(dir .. "/kvm", [[
#!/bin/sh
for word; do printf '%s\0' "$word"; done >"$HOME/words"
]])
    stat.chmod(dir .. "/kvm", 493)
  end)
  teardown(function() scratch.remove(dir) end)

  -- What bash runs: the words behind "kvm", with bars between them.
  local function by_bash(text)
    local path = scratch.write(dir .. "/script", text)
    run.output { argv = { "bash", path }, path = true, cwd = dir,
      env = { "PATH=" .. dir .. ":" .. os.getenv "PATH", "HOME=" .. dir } }
    return (scratch.read(dir .. "/words"):gsub("%z$", ""):gsub("%z", "|"))
  end

  local function imported(text)
    local argv, _, notes = shell.command(text, host)
    assert(argv, text)
    local at = 1
    while argv[at] ~= "kvm" do at = at + 1 end
    local words = table.concat(argv, "|", at + 1)
    return shell.shown(words), notes, words:find "%z" ~= nil
  end

  local same = {
    'args=()\nadd() { args+=("$@"); }\nadd -m 1G\nadd -name "a b"\nkvm "${args[@]}"',
    "function start {\n  local name=$1 mem=${2:-2G}\n  shift 2\n  kvm -name $name -m $mem \"$@\"\n}\n"
      .. "start web 1G -S",
    "start() { local n=$1; shift; kvm -name $n \"$@\"; }\nif true; then start a -S; fi",
    'build() { ARGS+=(-m 1G); }\nARGS=()\nbuild\nkvm "${ARGS[@]}"',
    "main() { setup; start; }\nsetup() { M=1G; }\nstart() { kvm -m $M; }\nmain \"$@\"",
    'run() { echo "+ $*"; "$@"; }\nrun kvm -m 1G -name "a b"',
    "x() { y() { M=2G; }\n y; }\nx\nkvm -m $M",
    'x() { case $1 in *}) : ;; esac; M=${2:-"}"}; echo "}"; }\nx a 1G\nkvm -m $M',
    "set -- -m 1G\nset -- \"$@\" -drive 'file=my disk.img'\nexec kvm \"$@\"",
    'set -- a.img ${2:-2G}\nkvm -hda $1 -m $2 -append "$*"',
    'cmd="kvm -m 1G"\ncmd+=" -append \'a b\'"\neval "$cmd"',
    "eval set -- \"-m 1G -name 'a b'\"\nkvm \"$@\"",
    "bash -c \"kvm -m 1G -name 'a b'\"",
    "M=1G\n( M=2G; cd / )\n{ N=2; }\nkvm -m $M -smp $N",
    "M=1G\n(\n M=2G\n case x in x) M=3G ;; esac\n kvm -m $M\n)",
    'M=1G kvm -m "${M:-2G}"',
    "N=1; unset N\nkvm -smp \"${N:-2}\"",
    'QEMU=$(command -v kvm)\n"$QEMU" -m 1G',
    "`which kvm` -m 1G",
    'M=2G\n[ -n "$1" ] && M=$1\nkvm -m $M',
    'M=2G\nwhile getopts m: o; do case $o in m) M=$OPTARG ;; esac; done\nkvm -m "$M"',
    "# don't\nlog() { echo \"it's $*\"; }\nlog a\nkvm -name 'a)b' # -S",
    'A=$(echo ")")\nkvm -m 1G',
    "(( N = 3 ))\nif (( 2 > 1 )); then M=1G; fi\nkvm -m $M",
    "kvm -hda {} -append '{a,b}' -name \"*\" -k a,b",
  }
  for _, text in ipairs(same) do
    it("is what bash runs: " .. text:gsub("\n", "; "), function()
      local words, _, unknown = imported(text)
      assert.equal(by_bash(text), words)
      assert.is_false(unknown)
    end)
  end

  -- { script, the words with what is not known as the script says it }
  local unknown = {
    { "kvm -hda {a,b}.img -m 1G", "-hda|{a,b}.img|-m|1G" },
    { "kvm -hda x{1..2}", "-hda|x{1..2}" },
    { "kvm -hda *.img", "-hda|*.img" },
    { "kvm -hda ~root/x", "-hda|~root/x" },
    { "a=(-m 1G); unset 'a[0]'; kvm \"${a[@]}\"", "${a[@]}" },
    { "a=([1]=b [0]=a); kvm \"${a[*]}\"", "${a[*]}" },
    { "N=0; ((N++)); kvm -smp $N", "-smp|$N" },
    { "N=0; (( N += 2 )); kvm -smp $N", "-smp|$N" },
    { "N=1; let N=N+1; kvm -smp $N", "-smp|$N" },
    { "N=1; kvm -smp $[N+1]", "-smp|$[N+1]" },
    { "N=x; printf -v N %s y; kvm -name $N", "-name|$N" },
    { "f() { shift; kvm \"$@\"; }; if true; then shift; fi; f -m 1G; set -- a b; "
      .. "for i in 1; do shift; done; kvm \"$@\" -m 1G -S", "$@|-m|1G|-S" },
  }
  for _, case in ipairs(unknown) do
    it("is said not to be known: " .. case[1], function()
      local words, _, is_unknown = imported(case[1])
      assert.equal(case[2], words)
      assert.is_true(is_unknown)
    end)
  end

  it("comes with what was left out", function()
    for text, note in pairs {
      ["source ./conf; kvm -m ${M:-1G}"] = "left out: what ./conf sets",
      [". conf; kvm -m 1G"] = "left out: what conf sets",
      ["IFS=,; kvm $A"] = "IFS is set: words may be split elsewhere than here",
      ['M=1; test "$1" && M=$1; kvm -m $M'] =
        "$1: the script's own arguments are left out, and M is as before",
      ["f() { f; }; f; kvm -S"] =
        "functions were not followed to their end: they call each other too often",
    } do
      local _, notes = imported(text)
      assert.matches(note, table.concat(notes, "\n"), 1, true)
    end
    local _, notes = imported "while IFS= read -r l; do :; done; kvm -S"
    assert.is_nil(table.concat(notes, "\n"):find "IFS")
  end)

  it("ends, whatever calls itself or doubles", function()
    for _, text in ipairs { "f() { f; f; }; f", 'f() { f "$@" "$@"; }; f a', ("f(){ "):rep(3000),
      "a=x\n" .. ("a=$a$a\n"):rep(80), "a=(x)\n" .. ('a=("${a[@]}" "${a[@]}")\n'):rep(80),
      'x="eval \\$x; eval \\$x"; eval $x', ("${a:-"):rep(3000), ("("):rep(3000),
      "eval " .. ("eval "):rep(3000) } do
      assert.same({ "kvm", "-S" }, shell.command("kvm -S\n" .. text, host))
    end
  end)
end)
