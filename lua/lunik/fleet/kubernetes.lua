-- SPDX-License-Identifier: MIT
-- A batch as a manifest for Kubernetes: printed, for kubectl to apply; lunik runs nothing there.
-- The script is a ConfigMap, which the container's lunik reads; each index of the Job is a job.
local core = require "lunik.core"
local exit = require "lunik.exit"

local kubernetes = {}

kubernetes.name = "kubernetes"

local SCRIPT, RESULTS = "/etc/lunik", "/results"

-- Names there have small letters, digits and dashes.
local function named(name)
  return (name:lower():gsub("[^%w-]", "-"):gsub("^-+", ""):gsub("-+$", ""):sub(1, 52))
end

-- What this process is a job of, by its environment | nil
function kubernetes.here(batch)
  local index = math.tointeger(os.getenv "JOB_COMPLETION_INDEX")
  if not index then return nil end
  return { number = index + 1, key = ("%s_%d"):format(named(batch.name), index + 1) }
end

local function mebibytes(bytes) return ("%dMi"):format((bytes + (1 << 20) - 1) >> 20) end

local function container(batch, options)
  local need = { cpu = tostring(batch.resources.cpus), memory = mebibytes(batch.resources.memory) }
  local limits = { cpu = need.cpu, memory = need.memory }
  if batch.resources.kvm then limits["devices.kubevirt.io/kvm"] = "1" end
  return { name = "lunik", image = options.image,
    command = core.json.array { "lunik", "job", SCRIPT .. "/job" },
    resources = { requests = need, limits = limits },
    volumeMounts = core.json.array { { name = "script", mountPath = SCRIPT, readOnly = true },
      { name = "results", mountPath = RESULTS } } }
end

-- Codes of lunik's that no other try makes better: the recipe's, and the command line's.
local function final()
  return core.json.array { exit.problems, exit.usage, exit.panicked, exit.deadline, exit.provision }
end

local function results(options)
  if options.claim then return { claimName = options.claim } end
end

local function job(batch, name, options)
  local claim = results(options)
  return { apiVersion = "batch/v1", kind = "Job", metadata = { name = name },
    spec = { completions = #batch.jobs, parallelism = options.at_once or #batch.jobs,
      completionMode = "Indexed", backoffLimit = batch.retries * #batch.jobs,
      activeDeadlineSeconds = batch.resources.seconds,
      podFailurePolicy = { rules = core.json.array { { action = "FailJob",
        onExitCodes = { containerName = "lunik", operator = "In", values = final() } } } },
      template = { metadata = { labels = { ["app.kubernetes.io/managed-by"] = "lunik" } },
        spec = { restartPolicy = "Never", terminationGracePeriodSeconds = batch.grace,
          automountServiceAccountToken = false, enableServiceLinks = false,
          containers = core.json.array { container(batch, options) },
          volumes = core.json.array {
            { name = "script", configMap = { name = name } },
            { name = "results", persistentVolumeClaim = claim,
              emptyDir = not claim and core.json.object {} or nil } } } } } }
end

-- The manifest of a batch: a value for JSON. options: image, claim, at_once
function kubernetes.manifest(batch, text, options)
  local name = named(batch.name)
  return { apiVersion = "v1", kind = "List", items = core.json.array {
    { apiVersion = "v1", kind = "ConfigMap", metadata = { name = name }, data = { job = text } },
    job(batch, name, options) } }
end

kubernetes.results = RESULTS

return kubernetes
