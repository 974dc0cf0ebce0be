-- SPDX-License-Identifier: MIT
-- What becomes of a device in a clone of its machine (lunik fork), as its row's `fork` says:
--   new      each clone has one of its own: an overlay above the disk, a free port, a log
--   share    all have the same, which bears it: a medium, a directory
--   refuse   there can be only one
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local forked = {}

forked.DOCS = {
  new = "each clone has one of its own",
  share = "all clones have the same",
  refuse = "cannot be forked",
}

local UNKNOWN = "its kind does not say what a second one of it would do"

-- What a row says of a fork: a word, and why where that is "refuse".
function forked.word(row)
  local word = row.fork or "refuse"
  return word, word == "refuse" and (row.no_fork or UNKNOWN) or nil
end

-- Why a row of an extension's says nothing that is known of a fork | nil
function forked.unfit(row)
  if row.fork == nil or forked.DOCS[row.fork] then return nil end
  local words = sorted(forked.DOCS)
  return ("its fork is one of %s, not '%s'%s"):format(table.concat(words, ", "),
    tostring(row.fork), suggest.hint(tostring(row.fork), words))
end

-- Why a checked item cannot be in a clone, and the field that says so | nil. asked: what the fork
-- is to be like: forward = "auto", ports of the host are free ones, or "written", those that the
-- recipe says, of which one clone can be up; private, its memory is that of the template.
function forked.refusal(item, asked)
  local _, why = forked.word(item.row)
  if why then return why end
  if not item.row.no_clone then return nil end
  local reason, field = item.row.no_clone(item, asked)
  if reason then return reason, field end
end

-- The port of this host that a plan, or a drawing, has for one of the recipe's: in a clone that
-- asks for it, and in a template, a free one, chosen at the start.
function forked.port(plan, port)
  if plan.template then return 0 end
  local asked = plan.saved and plan.saved.fork
  return asked and asked.forward == "auto" and 0 or port
end

-- Where user networking has the guest in a clone, whose card has another address than the one that
-- its table, which came with the state, gives the first place to: what QEMU is to be told.
function forked.places(plan)
  if not plan.saved or not plan.saved.fork then return {} end
  return { first = "10.0.2.14", guest = "10.0.2.15" }
end

return forked
