-- What of the API v1 and batch/v1 (1.31) of Kubernetes a manifest may have: the fields of these
-- types, so that a misspelt one is seen. Form: a type's name, { list = form }, { map = form },
-- { fields = {…}, required = {…} }, or a function that says what is wrong.
local function one_of(...)
  local known = {}
  for _, word in ipairs { ... } do known[word] = true end
  return function(value) return not known[value] and "none of its words" or nil end
end

local function like(pattern, most)
  return function(value)
    local fits = type(value) == "string" and #value <= (most or 253) and value:find(pattern)
    return not fits and "not of the form " .. pattern or nil
  end
end

local function integer(least)
  return function(value)
    return (math.type(value) ~= "integer" or value < least) and "no number from " .. least or nil
  end
end

local NAME = like("^[a-z0-9][a-z0-9-]*$", 63)
local metadata = { fields = { name = NAME, namespace = NAME, labels = { map = "string" },
  annotations = { map = "string" } } }
local quantity = { map = like "^%d+[KMGT]?i?$" }

local container = { required = { "name" }, fields = { name = NAME, image = "string",
  command = { list = "string" }, args = { list = "string" }, workingDir = "string",
  env = { list = { fields = { name = "string", value = "string" } } },
  resources = { fields = { requests = quantity, limits = quantity } },
  volumeMounts = { list = { required = { "name", "mountPath" }, fields = { name = NAME,
    mountPath = like "^/", readOnly = "boolean", subPath = "string" } } } } }

local volume = { required = { "name" }, fields = { name = NAME,
  configMap = { fields = { name = NAME, defaultMode = "number" } },
  persistentVolumeClaim = { required = { "claimName" }, fields = { claimName = NAME,
    readOnly = "boolean" } },
  emptyDir = { fields = { medium = "string", sizeLimit = "string" } } } }

local pod = { required = { "containers", "restartPolicy" }, fields = {
  containers = { list = container }, volumes = { list = volume },
  restartPolicy = one_of("Never", "OnFailure"), terminationGracePeriodSeconds = integer(0),
  automountServiceAccountToken = "boolean", enableServiceLinks = "boolean",
  nodeSelector = { map = "string" } } }

local rule = { required = { "action" }, fields = {
  action = one_of("FailJob", "FailIndex", "Ignore", "Count"),
  onExitCodes = { required = { "operator", "values" }, fields = { containerName = NAME,
    operator = one_of("In", "NotIn"), values = { list = integer(1) } } } } }

local job = { required = { "template" }, fields = { completions = integer(0),
  parallelism = integer(0), completionMode = one_of("Indexed", "NonIndexed"),
  backoffLimit = integer(0), backoffLimitPerIndex = integer(0),
  activeDeadlineSeconds = integer(1), ttlSecondsAfterFinished = integer(0),
  podFailurePolicy = { required = { "rules" }, fields = { rules = { list = rule } } },
  template = { fields = { metadata = metadata, spec = pod } } } }

local kinds = {
  ConfigMap = { required = { "apiVersion", "kind", "metadata" }, fields = {
    apiVersion = one_of "v1", kind = one_of "ConfigMap", metadata = metadata,
    data = { map = "string" } } },
  Job = { required = { "apiVersion", "kind", "metadata", "spec" }, fields = {
    apiVersion = one_of "batch/v1", kind = one_of "Job", metadata = metadata, spec = job } },
}

local check

local function check_fields(value, form, at, wrong)
  for _, name in ipairs(form.required or {}) do
    if value[name] == nil then wrong[#wrong + 1] = at .. "." .. name .. ": missing" end
  end
  for name, each in pairs(value) do
    if form.fields[name] == nil then
      wrong[#wrong + 1] = ("%s.%s: no such field"):format(at, name)
    else
      check(each, form.fields[name], at .. "." .. name, wrong)
    end
  end
end

function check(value, form, at, wrong)
  if type(form) == "function" then
    local why = form(value)
    wrong[#wrong + 1] = why and at .. ": " .. why
  elseif type(form) == "string" then
    if type(value) ~= form then wrong[#wrong + 1] = at .. ": no " .. form end
  elseif type(value) ~= "table" then
    wrong[#wrong + 1] = at .. ": no object"
  elseif form.list or form.map then
    for key, each in pairs(value) do
      check(each, form.list or form.map, ("%s.%s"):format(at, key), wrong)
    end
  else
    check_fields(value, form, at, wrong)
  end
end

-- What is wrong with a manifest, sorted: {} where nothing is.
return function(manifest)
  local wrong = {}
  if manifest.apiVersion ~= "v1" or manifest.kind ~= "List" then wrong[1] = "no List" end
  for i, item in ipairs(manifest.items or {}) do
    local form = kinds[item.kind]
    if form then
      check(item, form, ("items[%d]"):format(i), wrong)
    else
      wrong[#wrong + 1] = ("items[%d]: no kind %s"):format(i, tostring(item.kind))
    end
  end
  table.sort(wrong)
  return wrong
end
