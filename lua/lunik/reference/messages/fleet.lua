-- SPDX-License-Identifier: MIT
-- Messages about jobs.
return { title = "Jobs", rows = {
  { "no job: slurm:1234_5 names one, slurm:1234 its array", "A job is named by its engine, its "
    .. "number and its place in the array.", "lunik jobs" },
  { "has … jobs, and no job …", "Jobs are counted from 1.", "lunik jobs" },
  { "the batch has no job …", "The queue started a number that the batch does not have.",
    "lunik jobs" },
  { "no batch '…:…' was submitted in …", "What was submitted is written down in the "
    .. "folder where it was submitted.", "lunik jobs" },
  { "is an array: say which job, such as …_1", "This is about one job's machine.", "lunik jobs" },
  { "_… has no log yet", "The job has not begun.", "lunik jobs" },
  { "does not run: …", "The job waits, or is over, so there is no machine to speak to.",
    "lunik jobs" },
  { "logs of a job have no option '…'", "They have -n LINES and -f.",
    "lunik logs slurm:1234_5 -f" },
  { "queued as …, but not written down: …", "The queue has the jobs; lunik could not write "
    .. "its own record, so it cannot show them.", "squeue --me" },
  { "a sweep of more than … jobs", "The product of all values is larger than a queue takes.",
    "lunik help submit" },
  { "more than … lines", "A list has at most as many lines as a queue takes jobs.",
    "lunik help submit" },
  { "each line is a job of its own", "Nothing of the command or of what is set has {}, so all "
    .. "jobs would be the same.", "lunik submit vm.lua --each list -- ./process {}" },
  { "there is no line, and so no job", "The list that was given is empty.", "lunik help submit" },
  { "a list and a sweep do not go together", "Each gives the jobs by itself.",
    "lunik help submit" },
  { "no blanks, in a script's first line", "The program's path has a blank, and a batch script "
    .. "is started by the kernel, which knows no quotes.", "command -v lunik" },
  { "a batch script has at most …", "The recipe and its lists are larger than a queue takes.",
    "lunik help submit" },
  { "no batch of this lunik's", "The script was made by another version, or is none.",
    "lunik version" },
  { "batch.json: …", "The record of a batch cannot be read.", "lunik jobs" },
  { "not started by …: no number of a job", "A batch script is started by its queue.",
    "lunik submit vm.lua" },
  { "sbatch: no job's number, but …", "sbatch answered something else than a number.",
    "sbatch --version" },
  { "--cache: …", "A size is such as 512M or 20G.", "lunik help submit" },
  { "no room in the node's cache of … MiB", "All that is there is used by other jobs, or the "
    .. "image is larger than the cache may be: it is read where it is.",
    "lunik submit vm.lua --cache 40G -- true" },
  { "it could not be linked", "The node's cache is in another file system than the job's "
    .. "folder: the image is read where it is.", "df /tmp" },
  { "…: is no file itself: name the one that it leads to", "A kept overlay is replaced when the "
    .. "job is over, and a link in its place would be.", "readlink -f kept.qcow2" },
  { "a running machine writes it", "A kept overlay has one writer, and a machine on that node has "
    .. "it.", "lunik ls" },
  { "…: … is to be put into it first: lunik up does", "A restored machine has written above this "
    .. "overlay, and what it wrote is not in it yet.", "lunik up vm.lua" },
  { "… stays as it is: …", "Another attempt at the job has begun meanwhile, and the overlay is for "
    .. "that one.", "lunik jobs" },
  { "… was written by somebody else meanwhile: what this job wrote is in …", "The overlay is not "
    .. "what it was when the job began, so it was not replaced: the job's own is beside it.",
    "lunik jobs" },
  { "--engine: no engine '…'", "There are slurm, local and kubernetes.", "lunik help submit" },
  { "--engine kubernetes: …", "For Kubernetes lunik prints a manifest, and needs to know the "
    .. "image.", "lunik submit vm.lua --engine kubernetes --print --image IMAGE -- true" },
} }
