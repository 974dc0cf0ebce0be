-- SPDX-License-Identifier: MIT
-- The rows of one entry of QMP's schema (qapi/introspect.json).
return function(entry)
  local meta = entry["meta-type"]
  if meta == "enum" then
    local rows = { { "enum" } }
    for i, value in ipairs(entry.values) do rows[i + 1] = { value } end
    return rows
  elseif meta == "object" then
    local rows = { { "object", entry.tag or "" } }
    for _, member in ipairs(entry.members) do
      -- null is a default: the member may be left out
      rows[#rows + 1] = { "member", member.name, member.type,
        member.default ~= nil and "yes" or "" }
    end
    for _, variant in ipairs(entry.variants or {}) do
      rows[#rows + 1] = { "variant", variant.case, variant.type }
    end
    return rows
  elseif meta == "alternate" then
    local rows = { { "alternate" } }
    for _, member in ipairs(entry.members) do rows[#rows + 1] = { "member", "", member.type } end
    return rows
  elseif meta == "array" then
    return { { "array", entry["element-type"] } }
  end
  return { { "builtin", entry["json-type"] } }
end
