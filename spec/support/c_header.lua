-- docs/c.md: the C API as its header has it, src/embed/lunik.h, with what its first comment says of
-- all functions said of each.
local header = {}

local PATH, EACH = "src/embed/lunik.h", "spec/support/embed/each.c"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read "a"
end

-- A call of each function, by its name: what stands below the comment with that name, up to a line
-- with nothing on it, or to the function's end.
function header.calls()
  local calls, name, lines = {}, nil, nil
  for line in (read(EACH) .. "\n"):gmatch "([^\n]*)\n" do
    local mark = line:match "^\t/%* (lunik_[%l_]+) %*/$"
    if mark then
      name, lines = mark, {}
    elseif name and (line == "" or line == "}") then
      calls[name], name = table.concat(lines, "\n"), nil
    elseif name then
      lines[#lines + 1] = line:gsub("^\t", ""):gsub("\t", "        ")
    end
  end
  return calls
end

-- A comment's text as paragraphs, with names of the header's marked.
local function prose(comment)
  local text = comment:gsub("^/%* ?", ""):gsub(" ?%*/$", ""):gsub("\n %* ?", "\n")
  text = text:gsub("%f[%w_`](lunik_[%l_]+)%f[^%w_`]", "`%1`")
  text = text:gsub("%f[%w_]NULL%f[^%w_]", "`NULL`")
  return (text:gsub("``", "`"))
end

-- { comment, declaration } of everything that is declared, in its order; the comment may be nil.
function header.entries(text)
  local list, at = {}, text:find("struct lunik;", 1, true)
  local comment
  for block in (text:sub(at):match "^(.-)#ifdef __cplusplus" .. "\n\n"):gmatch "(.-)\n\n+" do
    comment = block:match "^/%*.-%*/" or nil
    local declaration = comment and block:sub(#comment + 2) or block
    if declaration ~= "" then list[#list + 1] = { comment = comment, text = declaration } end
  end
  return list
end

-- The name of a function that is declared | nil
function header.name(entry) return entry.text:match "^LUNIK_API [^(]-%**(lunik_[%l_]+)%(" end

-- What holds of a function by its type and by the header's first comment.
local function rules(entry)
  local said = entry.comment:gsub("\n %*", "")
  local gives = entry.text:match "^LUNIK_API (.-)lunik_[%l_]+%(":gsub("%s+$", "")
  local failure
  if gives == "int" and not said:find("-1", 1, true) then failure = "-1" end
  if gives:find "%*$" and (said:find "or NULL%." or said:find "NULL when") then
    failure = "`NULL`"
  end
  return ("%sCalled by %s."):format(failure
    and failure .. ": it has failed, and `lunik_problems` says why. " or "",
    said:find "ny thread" and "any thread" or "the thread that uses the context")
end

local function entry_text(entry, calls)
  local name, out = header.name(entry), {}
  if name then out[#out + 1] = ("### %s\n"):format(name) end
  local shown = entry.text:gsub("LUNIK_API ", ""):gsub("\t", "        ")
  out[#out + 1] = ("```c\n%s\n```\n"):format(shown)
  if entry.comment then out[#out + 1] = prose(entry.comment) .. "\n" end
  if name then out[#out + 1] = rules(entry) .. "\n" end
  if name and calls[name] then out[#out + 1] = ("```c\n%s\n```\n"):format(calls[name]) end
  return table.concat(out, "\n")
end

-- The first paragraphs of docs/c.md, before what the header says.
local HEAD = [[
# The C API

Printed by `make docs` from `src/embed/lunik.h`. `make install-c PREFIX=…` puts `liblunik.so.0`,
`liblunik.a`, `lunik.h` and `lunik.pc` below a prefix; where `make install` has put lunik itself
there, too, nothing more is needed: no environment variable, and the prefix may be moved. Below
/usr/local the linker's list has to be told once, by `ldconfig`.

```sh
make install install-c PREFIX=/usr/local && ldconfig         # as root
cc first.c $(pkg-config --cflags --libs lunik) -o first
```

This is all of `first.c`: the machine of `vm.lua` beside it, which has `agent {}`, a program that
runs in its guest, and its end.

```c
PROGRAM```

[examples/embed](../examples/embed) has it, longer programs in C, C++ and Python, and one that waits
in GLib's loop. Names that begin with `lunik_` are all that the library shows; functions are added,
and none changes its meaning while the library is `liblunik.so.0`.
]]

-- The program that the page begins with: what it includes, and all below.
function header.first()
  return (read "examples/embed/first.c":match "#include.*":gsub("\t", "        "))
end

function header.markdown()
  local text, calls = read(PATH), header.calls()
  local head = HEAD:gsub("PROGRAM", (header.first():gsub("%%", "%%%%")))
  local out, types, functions = { head }, { "## Types\n" }, { "## Functions\n" }
  out[#out + 1] = prose(text:match "\n(/%* lunik for programs.-%*/)") .. "\n"
  for _, entry in ipairs(header.entries(text)) do
    local list = header.name(entry) and functions or types
    list[#list + 1] = entry_text(entry, calls)
  end
  return table.concat(out, "\n") .. "\n" .. table.concat(types, "\n") .. "\n"
    .. table.concat(functions, "\n")
end

return header
