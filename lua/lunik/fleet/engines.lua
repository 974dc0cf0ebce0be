-- SPDX-License-Identifier: MIT
-- The engines that jobs are handed to, a file each:
--   name        as --engine has it
--   refuse      refuse(asked): why an option cannot be handed on | nil
--   site        site(loop): what of it matters to a batch | nil, why
--   demand      demand(asked, batch, site): adds what a batch needs, by what the site calls it
--   notes       notes(site, batch, powerdown): what a person should know of it
--   directives  directives(batch, asked): lines of the script
--   submit      submit(loop, batch, path): its id | nil, why
--   here        here(batch, …): what this process is a job of | nil
local host = require "lunik.host"

local engines = {}

engines.names = { "local", "slurm", "kubernetes" }

function engines.find(name) return require("lunik.fleet." .. name) end

-- The one that is meant where none is said.
function engines.usual() return host.program "sbatch" and "slurm" or "local" end

return engines
