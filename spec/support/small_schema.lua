-- A schema for core.options, and a line that is right by it.
local small = {}

function small.schema()
  return {
    rows = {
      { flag = "-one", grammar = 2, open = false, repeats = true, first = 1, names = 1, forms = 0,
        space = 1, id = 2 },
      { flag = "-two", grammar = 2, open = true, repeats = false, form = "type", first = 0,
        names = 1, forms = 3, space = 0, id = 0 },
      { flag = "-three", grammar = 0, open = false, repeats = false, first = 0, names = 0,
        forms = 0, space = 0, id = 0 },
    },
    keys = {
      { name = "word", kind = 9, words = 0, rank = 1, least = 0, most = 9, space = 0 },
      { name = "id", kind = 10, words = 0, rank = 2, least = 0, most = 9, space = 0 },
      { name = "way", kind = 3, words = 2, rank = 3, least = 0, most = 9, space = 0 },
      { name = "ref", kind = 11, words = 0, rank = 4, least = 0, most = 9, space = 1 },
    },
    tables = { { [0] = 0, word = 1, id = 2, way = 3, ref = 4 }, { up = true, down = true },
      { a = 1, b = 1 } },
    names = { one = 1, two = 2, three = 3 },
    titles = { "one", "two", "three" },
  }
end

function small.line()
  return { "qemu", one = { { "x", id = "i", way = "up" }, { "y", ref = "i" } },
    two = { type = "a", word = "w" }, three = true }
end

return small
