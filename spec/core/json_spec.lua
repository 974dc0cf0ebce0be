-- What core.json promises: what comes in goes out again, or is refused; nothing is bent.
local errno = require "posix.errno"
local json = require "lunik.core".json

local function again(text) return json.encode(json.decode(text)) end

-- why a text is refused, which must be with that errno
local function refused(code, text, limits)
  local value, why, got = json.decode(text, limits)
  assert.is_nil(value)
  assert.equal(code, got, why)
  return why
end

describe("json.decode", function()
  it("gives plain Lua values", function()
    assert.same({ a = { 1, 2.5, "x", true, false }, b = {} }, json.decode [[
      { "a" : [1, 2.5, "x", true, false], "b" : {} } ]])
    assert.equal("s", json.decode '"s"')
    assert.equal(json.null, json.decode "null")
    assert.equal(12, json.decode "12")
  end)

  it("keeps integers integers and doubles doubles", function()
    assert.equal("integer", math.type(json.decode "1024"))
    assert.equal("float", math.type(json.decode "1024.0"))
    assert.equal("float", math.type(json.decode "1e3"))
    assert.equal(9007199254740993, json.decode "9007199254740993")
    assert.equal(0, json.decode "-0")
    assert.equal("-0.0", again "-0.0")
  end)

  it("has every integer from -2^63 to 2^64-1", function()
    for _, text in ipairs {
      "-9223372036854775808", "-9223372036854775807", "9223372036854775806", "9223372036854775807",
      "9223372036854775808", "18446744073709551614", "18446744073709551615",
    } do
      assert.equal(text, tostring(json.decode(text)))
      assert.equal("[" .. text .. "]", again("[" .. text .. "]"))
    end
    assert.equal(math.mininteger, json.decode "-9223372036854775808")
  end)

  it("refuses numbers that do not fit, wherever they are", function()
    for _, text in ipairs {
      "18446744073709551616", "99999999999999999999", "-9223372036854775809", "1e400", "-1e400",
      ("9"):rep(400), ("9"):rep(400) .. ".5",
    } do
      refused(errno.ERANGE, text)
      refused(errno.ERANGE, '{"a":[{"b":' .. text .. "}]}")
    end
    assert.equal("json: integer above 2^64-1", refused(errno.ERANGE, "18446744073709551616"))
    assert.equal("json: integer below -2^63", refused(errno.ERANGE, "-9223372036854775809"))
    assert.equal("json: number beyond a double", refused(errno.ERANGE, "1e400"))
    assert.equal(0.0, json.decode "1e-400")
    assert.equal(1e308, json.decode "1e308")
  end)

  it("refuses a NUL in a key and keeps it in a value", function()
    assert.equal("json: NUL in a key", refused(errno.ERANGE, [[{"a\u0000b":1}]]))
    refused(errno.ERANGE, [=[[{"x":{"\u0000"  :1}}]]=])
    assert.same({ a = "\0b\0" }, json.decode [[{"a":"\u0000b\u0000"}]])
    assert.same({ ["a\\u0000"] = 1 }, json.decode [[{"a\\u0000":1}]])
  end)

  it("reads every escape, and U+FFFD for half a surrogate", function()
    assert.equal("é😀€\0\"\\/\b\f\n\r\tz",
                 json.decode [["\u00e9\ud83d\ude00\u20AC\u0000\"\\\/\b\f\n\r\tz"]])
    assert.equal("\u{FFFD}x", json.decode [["\ud83dx"]])
    assert.equal("\u{FFFD}", json.decode [["\ude00"]])
  end)

  it("refuses what is not UTF-8", function()
    for _, bytes in ipairs {
      "\xff", "\xc3", "\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80",
      "\xf0\x8f\xbf\xbf", "\xe2\x82", "\xf5\x80\x80\x80",
    } do
      refused(errno.EBADMSG, '"' .. bytes .. '"')
    end
    assert.equal("\u{7ff}\u{d7ff}\u{10ffff}", json.decode '"\u{7ff}\u{d7ff}\u{10ffff}"')
  end)

  it("takes JSON only", function()
    for _, text in ipairs {
      "", " ", "{", "[1", "[1,]", "[,1]", '{"a":1,}', "{a:1}", "{'a':1}",
      "[1 2]", '{"a" 1}', "]", "[}",
      '{"a":}', '{1:2}', '{"a":1]', "NaN", "Infinity", "-Infinity", "nan", "True", "nul", "01", "-",
      "-01", "1.", ".5", "1e", "+1", "0x10", "1.e5", '"\n"', '"\0"', "\0",
      '"\\x"', '"\\u12"', '"\\u12G4"', "'a'", '"a\'', '{"a\n":1}', '{"\\x":1}', "[,]", "{,}", ",",
      ":", "[1,,2]", "[1, \n]", '{"a":1 ,\t}', '{"a":1,,"b":2}', '{"a"::1}', '["a":1]', "{null:1}",
      "[truefalse]", "[1null]", '["a""b"]', "[1-2]", "[1.2.3]", "[1e5e5]", "[2\f]", "\v[]", "[/]",
      '"abc', "/* c */ 1", "1 // c", "[1]/**/", "\u{feff}1", "1;", '"a" "b"',
    } do
      refused(errno.EBADMSG, text)
    end
  end)

  it("refuses what follows the end, but white space", function()
    assert.same({}, json.decode "\r\n\t {} \r\n\t")
    for _, text in ipairs {
      "{}x", "{} {}", "1 2", "1-2", '1"a"', "truefalse", "{}[]", "[]]", "null,", "1:", "{}'",
      "{}//", "{}\0", '"a"\0',
    } do
      refused(errno.EBADMSG, text)
    end
  end)

  it("nests as deep as told and no deeper", function()
    local function nested(n) return ("["):rep(n) .. ("]"):rep(n) end
    assert.is_table(json.decode(nested(1024)))
    assert.equal("json: nested deeper than 1024", refused(errno.EMSGSIZE, nested(1025)))
    assert.is_table(json.decode(nested(4096), { nesting = 4096 }))
    refused(errno.EMSGSIZE, nested(3), { nesting = 2 })
    refused(errno.EMSGSIZE, nested(200000))
    refused(errno.EMSGSIZE, ('{"a":'):rep(200000))
    assert.equal(1, json.decode("1", { nesting = 0 }))
    assert.has_error(function() json.decode("1", { nesting = 5000 }) end)
  end)

  it("is as long as told and no longer", function()
    assert.equal("abc", json.decode('"abc"', { size = 5 }))
    assert.equal("json: over 4 bytes", refused(errno.EMSGSIZE, '"abc"', { size = 4 }))
  end)

  it("lets the last of equal keys count", function()
    assert.same({ a = 2 }, json.decode '{"a":1,"a":2}')
  end)

  it("reads much", function()
    local list = {}
    for i = 1, 20000 do list[i] = '{"name":"' .. i .. '"}' end
    local value = json.decode("[" .. table.concat(list, ",") .. "]")
    assert.equal(20000, #value)
    assert.equal("20000", value[20000].name)
  end)
end)

describe("json.encode", function()
  it("is compact and in the order of the keys", function()
    assert.equal('{"":0,"A":1,"a":[1,"x"],"aa":{},"b":null,"ä":true}',
      json.encode { b = json.null, a = { 1, "x" }, aa = {}, A = 1, ["ä"] = true, [""] = 0 })
  end)

  it("gives back null, empty arrays and empty objects as they were", function()
    for _, text in ipairs { "null", "[]", "{}", '[[],{},[null]]', '{"a":[],"b":{},"c":null}' } do
      assert.equal(text, again(text))
    end
  end)

  it("takes an empty table for an object, or as marked", function()
    assert.equal("{}", json.encode {})
    assert.equal("[]", json.encode(json.array {}))
    assert.equal("{}", json.encode(json.object {}))
    assert.is_true(json.is_array(json.array {}))
    assert.is_false(json.is_array {})
    local list = json.decode "[1]"
    list[1] = nil
    assert.equal("[]", json.encode(list))
  end)

  it("shows a float as one, as short as it reads back", function()
    assert.equal("[1024.0,0.1,1e+300,-0.0,0.30000000000000004]",
      json.encode { 1024.0, 0.1, 1e300, -0.0, 0.1 + 0.2 })
  end)

  it("escapes what must be and nothing else", function()
    assert.equal([["\"\\/\b\f\n\r\t\u0000\u001f]] .. '\x7fä😀"',
      json.encode '"\\/\b\f\n\r\t\0\x1f\x7fä😀')
  end)

  local function refused_as(message, value)
    local text, why = json.encode(value)
    assert.is_nil(text)
    assert.equal("json: " .. message, why)
  end

  it("refuses what JSON has not, and says where it was", function()
    refused_as("not a finite number", 0 / 0)
    refused_as(".a[2].b: not a finite number", { a = { 1, { b = math.huge } } })
    refused_as("[1]: not UTF-8", { "\xff" })
    refused_as("not UTF-8", { ["\xc3"] = 1 })
    refused_as(".f: a function has no JSON", { f = print })
    refused_as(".f: a userdata has no JSON", { f = io.stdout })
    refused_as("a key with a NUL in it", { ["a\0"] = 1 })
    refused_as("an array with keys that are names", { 1, a = 2 })
    refused_as("an array with holes", { 1, nil, 3, [10] = 1 })
    refused_as("an array with holes", json.array { [2] = 1 })
    refused_as("an array with keys that are names", json.array { a = 1 })
    refused_as("an object with keys that are no names", json.object { 1 })
    refused_as("an object with keys that are no names", { [2.5] = 1 })
    refused_as("an object with keys that are no names", { [true] = 1 })
    refused_as("a nil has no JSON", nil)
  end)

  it("refuses a table within itself and what is nested too deep", function()
    local loop = {}
    loop[1] = loop
    assert.matches("nested too deep, or within itself$", select(2, json.encode(loop)))
    local deep = {}
    for _ = 1, 1023 do deep = { deep } end
    assert.is_string(json.encode(deep))
    assert.is_nil((json.encode { deep }))
  end)

  it("takes no notice of metamethods", function()
    local odd = setmetatable({ a = 1 }, { __index = error, __len = error, __pairs = error })
    assert.equal('{"a":1}', json.encode(odd))
  end)

  it("keeps its hands on the keys of a table that loses members meanwhile", function()
    for count = 1, 60 do
      local weak = setmetatable({}, { __mode = "v" })
      for i = 1, 200 do weak["a key of its own " .. i] = { i, ("x"):rep(200) } end
      -- what falls due within encode, at another moment each time
      local finalizer = setmetatable({}, { __gc = function()
        for i = 1, 200 do weak["a key of its own " .. i] = nil end
      end })
      for _ = 1, count * 50 do finalizer[1] = {} end
      finalizer = nil -- luacheck: ignore
      local text, why = json.encode(weak)
      assert(text or why:find "has no JSON$", why)
    end
  end)
end)

describe("json.uint64", function()
  local least, max = json.uint64 "9223372036854775808", json.uint64 "18446744073709551615"

  it("is exact, printed and compared", function()
    assert.equal("18446744073709551615", tostring(max))
    assert.is_true(max == json.decode "18446744073709551615")
    assert.is_false(max == json.uint64 "18446744073709551614")
    assert.is_false(max == io.stdout)
    assert.is_true(least < max and least <= max and max <= max)
    assert.is_true(max > 0 and max >= math.maxinteger and 0 < max and -1.5 <= max)
    assert.is_true(max < 2.0 ^ 64 and max > 1.8e19 and least <= 2.0 ^ 63 and least >= 2.0 ^ 63)
    assert.is_true(max < math.huge and max > 1)
    assert.is_false(max < 1)
    assert.is_false(2.0 ^ 64 <= max)
    assert.is_false(max < least)
  end)

  it("is an integer where that will do", function()
    assert.equal(math.maxinteger, json.uint64 "9223372036854775807")
    assert.equal(7, json.uint64(7))
    assert.equal(max, json.uint64(max))
  end)

  it("refuses what it cannot hold", function()
    assert.same({ nil, "uint64 '18446744073709551616': above 2^64-1", errno.ERANGE },
      { json.uint64 "18446744073709551616" })
    for _, text in ipairs { "", "-1", "1.0", " 1", "0x1" } do
      assert.equal(errno.EINVAL, select(3, json.uint64(text)))
    end
    assert.has_error(function() json.uint64(-1) end)
    assert.has_error(function() return max < "x" end)
  end)
end)

describe("json.decode, bounded", function()
  local limits = { values = 4 }

  it("reads as many values as it is told, and refuses one more", function()
    assert.same({ 1, 2, 3 }, json.decode("[1,2,3]", limits))
    assert.same({ a = 1 }, json.decode('[[{"a":1}]]', { values = 5 })[1][1])
    for _, text in ipairs { "[1,2,3,4]", '{"a":1,"b":2}', '[[{"a":1}]]', "[{},{},{},{}]" } do
      local value, why, code = json.decode(text, limits)
      assert.is_nil(value)
      assert.equal("json: over 4 values", why)
      assert.equal(errno.EMSGSIZE, code)
    end
  end)

  it("takes next to no memory to refuse millions", function()
    local before = collectgarbage "count"
    assert.is_nil((json.decode("[" .. ("{},"):rep(5000000) .. "{}]", { values = 65536 })))
    collectgarbage()
    collectgarbage()
    assert.is_true(collectgarbage "count" - before < 1024)
  end)

  it("ignores what only separates values", function()
    assert.same({ a = {}, b = {} }, json.decode(' { "a" : [ ] , "b" : { } } ', { values = 5 }))
  end)
end)

describe("json.decode of single quotes", function()
  local quotes = { quotes = true }

  it("is as QEMU reads them", function()
    for text, value in pairs {
      ["{'a':'b'}"] = { a = "b" }, ["['\"','\\'',\"'\",\"\\'\"]"] = { '"', "'", "'", "'" },
      ["{'a':\"it's\",\"b\":''}"] = { a = "it's", b = "" }, ["['\\u0041\\n']"] = { "A\n" },
    } do
      assert.same(value, json.decode(text, quotes), text)
      assert.is_nil((json.decode(text)))
    end
  end)

  it("refuses what is not closed, and a quote where no string may stand", function()
    for _, text in ipairs { "['a]", "['a\"]", "[\"a']", "'", "{'a'}", "{'a':'b''c'}", "['\n']",
                            "['\\x']" } do
      assert.is_nil((json.decode(text, quotes)), text)
    end
  end)
end)

describe("json.splitter", function()
  local function split(stream, step, limits)
    local splitter, found = json.splitter(limits), {}
    for i = 1, #stream, step do
      assert(splitter:feed(stream:sub(i, i + step - 1)))
      while true do
        local text, why, code = splitter:next()
        if code then return found, why, code, splitter end
        if not text then break end
        found[#found + 1] = text
      end
    end
    return found
  end

  it("cuts objects out of a stream, however it is packed", function()
    local objects = { '{}', '{"a":"}{\\"]\\\\"}', '{"b":[{"c":[]},"\\u005d"]}',
      '{"d":"ä\u{10ffff}"}' }
    for step = 1, 20 do
      assert.same(objects, (split("\r\n\t " .. table.concat(objects, " \r") .. "{", step)))
    end
  end)

  it("finds nonsense where an object should begin, and stays with it", function()
    for _, stream in ipairs { "{}[", "{}x", "{}}", "\0", "\xef\xbb\xbf{}", "{}\0" } do
      local _, why, code, splitter = split(stream, 1)
      assert.equal(errno.EPROTO, code)
      assert.matches("^byte 0x%x%x where a message should begin$", why)
      splitter:feed "{}"
      assert.equal(why, select(2, splitter:next()))
    end
  end)

  it("has its limits", function()
    local _, why = split(("["):rep(9), 1, { nesting = 8 })
    assert.matches("^byte", why)
    _, why = split("{" .. ("["):rep(8), 1, { nesting = 8 })
    assert.equal("message nested deeper than 8", why)
    assert.same({ '{"a":1}' }, (split('   {"a":1}', 3, { size = 7 })))
    for step = 1, 12 do
      local found, too_long, code, splitter = split('{} {"a":12} {}', step, { size = 7 })
      assert.same({ "{}" }, found)
      assert.equal("message over 7 bytes", too_long)
      assert.equal(errno.EPROTO, code)
      assert.equal(errno.EPROTO, select(3, splitter:next()))
    end
  end)
end)
