---@meta
-- Printed by `make docs` from the rows that lunik runs.

---@class lunik.loop
local loop = {}

---a loop of tasks
---@return lunik.loop
function loop.new() end

---runs fn in a task, until it returns: what it returns
---@param fn function
---@param ... any
---@return any
function loop:run(fn, ...) end

---runs fn in a task of its own beside the others
---@param name string
---@param fn function
---@param ... any
---@return table
function loop:spawn(name, fn, ...) end

---lets the others run for that many seconds
---@param seconds number
function loop:sleep(seconds) end

---ends all tasks
function loop:close() end

return loop
