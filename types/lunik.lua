---@meta
-- Printed by `make docs` from the rows that lunik runs.

---@class lunik.problem
---@field why string
---@field path? string the field, such as "disk.file"
---@field at? { file: string, line: integer }[] where the recipe says so
---@field about? string "host": only this host lacks it

---@class lunik.options
---@field set? table<string, string> fields of the machine that are overridden
---@field host? table what answers questions about the host: lunik.host, or one of a test
---@field dir? string the folder that the recipe's paths are seen from
---@field limit_memory? boolean bound the memory that reading a recipe may take
---@field anyway? boolean plan what this host lacks, too: it is in plan.lacks
---@field kept? boolean plan a machine that lives on its own
---@field look? boolean hold all that the plan takes against this host
---@field lock? boolean false: a lock beside the recipe is not read
---@field saved? table|string plan what goes on from a saved machine; "any": its disks may belong to one
---@field name? string what a restored machine is called
---@field again? boolean the saved machine stays what it is; what is written is thrown away
---@field verify? boolean all of the saved machine is read before it goes on
---@field recipe? string the recipe of a saved machine, where its own has moved
---@field n? integer how many clones
---@field to? string of a machine that runs: where what its clones start from is kept, an absolute path; left out: in its state directory, as long as they run
---@field force? boolean of a machine that runs: take mounts away from whoever uses them, for a moment
---@field as? string what they are called, with {n} where the number is to be
---@field memory? "private"|"copied" of clones: they stand in what was saved, or each has a copy
---@field host_keys? boolean of clones: the sshd of each guest has keys of its own, made once it is up
---@field unsafe? boolean of clones: they start where nothing can be made their own in the guest
---@field forward? "auto" of clones: a free port of this host where the recipe says one
---@field mounts? table[]|fun(number: integer, name: string): table[] what each clone mounts: fields as of a recipe's mount, with {n} for its number
---@field on? table<string, function> more hooks, by their points
---@field policies? table<string, function> more policies, by their families
---@field tell? fun(kind: string, text: string) hears of progress
---@field console? fun(bytes: string) hears the guest's console
---@field loop? lunik.loop the caller's, in one of whose tasks this is called
---@field paused? boolean the machine stays paused until somebody resumes it
---@field template? string it is the template of the recipe, to be saved in that folder
---@field tb_size? integer bounds the code that TCG keeps, in MiB
---@field images? table<string, string> copies that stand for images, by their paths

---@class lunik.submission
---@field recipe? string the recipe's path
---@field set? table<string, string> fields of the machine that are overridden
---@field command? string[] the program in each guest
---@field sweep? table<string, any[]> values of fields: a job for each with each of the others
---@field each? string[] lines: a job for each, which stands for {}
---@field engine? string slurm, or local; default: slurm where sbatch is
---@field at_once? integer how many run at once
---@field retries? integer how often a job is tried again where the host was at fault
---@field memory? integer bytes that each job may have
---@field cache? integer bytes of images that each node keeps copies of
---@field time? string the limit of each job, as sbatch has it
---@field gres? string as sbatch has it
---@field constraint? string as sbatch has it
---@field partition? string as sbatch has it
---@field account? string as sbatch has it

---@class lunik.pool_options
---@field from? string the folder of a saved machine, or the name of one
---@field name? string what the pool is called; default: as the machine
---@field warm? integer how many clones stand ready; default: 2
---@field max? integer how many there may be, with those that were claimed; default: 5 × warm
---@field budget? string|integer how much memory all may take; default: three quarters of what the host has to spare
---@field forward? "auto" as lunik.fork has it
---@field mounts? table[] as lunik.fork has it
---@field memory? "private"|"copied" as lunik.fork has it
---@field recipe? string as lunik.fork has it
---@field host_keys? boolean as lunik.fork has it
---@field unsafe? boolean as lunik.fork has it
---@field loop? lunik.loop the caller's, in one of whose tasks this is called
---@field tell? fun(kind: string, text: string) hears of progress

---@class lunik.pool
---@field name string
local pool = {}

---takes the clone that has stood ready longest, or waits for one. It is thrown away when its handle is closed, or the program ends. Options: wait, false or for how many seconds at most; keep: it runs on until it is stopped
---@param options? { wait?: boolean|number, keep?: boolean }
---@return lunik.vm?
---@return lunik.problem[]? problems
function pool:claim(options) end

---what `lunik pools --json` prints of it
---@return table?
---@return lunik.problem[]? problems
function pool:status() end

---ends the pool, and the clones that nobody has claimed: the names of the others
---@return string[]?
---@return lunik.problem[]? problems
function pool:stop() end

---@class lunik
---@field version string
local lunik = {}

---reads and checks a recipe
---@param path string
---@param options? lunik.options
---@return table?
---@return lunik.problem[]? problems
function lunik.load(path, options) end

---reads, checks and plans a recipe: what running it would do
---@param path string
---@param options? lunik.options
---@return table?
---@return lunik.problem[]? problems
function lunik.plan(path, options) end

---a command line of QEMU's from a table of options, checked
---@param spec table
---@return string[]?
---@return lunik.problem[]? problems
function lunik.argv(spec) end

---starts a machine in a task of the loop
---@param what string|table
---@param loop lunik.loop
---@param options? lunik.options
---@return lunik.vm?
---@return lunik.problem[]? problems
function lunik.start(what, loop, options) end

---runs a machine to its end: how it ended, { kind, text, code }
---@param what string|table
---@param options? lunik.options
---@return table?
---@return lunik.problem[]? problems
function lunik.run(what, options) end

---starts a machine that lives on its own, and waits until it is ready
---@param path string
---@param options? lunik.options
---@return lunik.vm?
---@return lunik.problem[]? problems
function lunik.up(path, options) end

---lets a saved machine go on, and waits until its guest answers
---@param path string
---@param options? lunik.options
---@return lunik.vm?
---@return lunik.problem[]? problems
function lunik.restore(path, options) end

---starts clones of a machine that runs, and runs on, by its name, or of a saved one, by its folder, and waits until their guests answer
---@param word string
---@param options? lunik.options
---@return lunik.vm[]?
---@return lunik.problem[]? problems
function lunik.fork(word, options) end

---clones of a saved machine that stand ready: those of a pool's name, or of a new one
---@param what string|lunik.pool_options
---@return lunik.pool?
---@return lunik.problem[]? problems
function lunik.pool(what) end

---the handle of a machine that lives on its own, by its name or its recipe's path
---@param name string
---@param options? lunik.options
---@return lunik.vm?
---@return lunik.problem[]? problems
function lunik.attach(name, options) end

---hands a recipe to a queue, as one job or many: a list of { batch, folder, jobs }
---@param options lunik.submission
---@return table?
---@return lunik.problem[]? problems
function lunik.submit(options) end

---problems as lines of text
---@param problems lunik.problem[]
---@return string
function lunik.text(problems) end

return lunik
