-- SPDX-License-Identifier: MIT
-- Messages about saved machines and files that lunik writes.
return { title = "Saved machines and files", rows = {
  { "is no saved machine: it has no …", "A saved machine is a folder that lunik save has made.",
    "lunik show FOLDER" },
  { "…: no such folder; lunik ls -a says which machines are saved", "There is neither a folder of "
    .. "that name nor a machine that is saved by it.", "lunik ls -a" },
  { "clones are started by a supervisor: lunik up starts machines that have one", "vm:fork of a "
    .. "machine that a program or lunik run runs itself has no process that could start clones.",
    "lunik up vm.lua" },
  { "machines stand on what '…' keeps for its clones: …", "The machine was forked while it ran, "
    .. "and clones of it run that read their disks and memory from there.", "lunik down CLONE" },
  { "clones of it are just being started", "Somebody starts clones from that folder at this "
    .. "moment, so it stays.", "lunik ls -a" },
  { "it is no saved machine", "The folder is called like one that clones start from, and has not "
    .. "what is in those.", "lunik ls -a" },
  { "is damaged (its sum is another)", "A file of the saved machine is not what was written: "
    .. "the copy is incomplete, or the disk it lay on is failing. It cannot be restored.",
    "lunik check FOLDER" },
  { "is not what it was (its sum is another)", "The image was written to, or the disk it "
    .. "lies on is failing, though its size and its times are what they were: the guest remembers "
    .. "another. It cannot be restored.", "lunik check FOLDER --verify" },
  { "was saved without a sum: lunik save --sums keeps one", "Whether the image is what it "
    .. "was is known by its size, its times and its inode alone. With --sums it is read when the "
    .. "machine is saved.", "lunik save NAME --sums" },
  { "there is no zstd here to compress with: …", "lunik save --compress has the program zstd "
    .. "do it, and so has a restore from there.", "apt install zstd" },
  { "its memory goes into one stream with its state, which is not compressed: …", "Only memory "
    .. "that lies in a file of its own is compressed: that of machines with mounts, or that ask "
    .. "for it.", "memory = { size = \"4G\", kept = true }" },
  { "…: it has no …", "A file that the saved machine's record names is not in the folder.",
    "lunik check FOLDER" },
  { "…: others may write to it (mode …)", "Whoever may write to a saved machine can change "
    .. "what runs in your guest, so such a folder is not read.", "chmod -R go-w FOLDER" },
  { "machine.json: …", "The record of the saved machine cannot be read, or holds what no "
    .. "lunik writes.", "lunik show FOLDER" },
  { "has no name", "A saved machine's files have names of letters, digits and . _ + -.",
    "lunik show FOLDER" },
  { "its name is longer than … bytes", "A saved machine's files have short names.",
    "lunik show FOLDER" },
  { "its name may have letters, digits", "A saved machine's files have names of letters, digits "
    .. "and . _ + -.", "lunik show FOLDER" },
  { "it is saved in …, and cannot go on:", "The machine was put away when its host went, and "
    .. "what it was saved with differs from what is here now; what differs stands below.",
    "lunik check FOLDER" },
  { "was restored already", "Its disks have moved on since: a memory that remembers other disks "
    .. "destroys them. --again lets it go on once more, and throws its writes away.",
    "lunik restore FOLDER --again" },
  { "was made for clones of a machine that ran on", "lunik fork kept it of a machine that runs on, "
    .. "and whose disks have changed since.", "lunik fork FOLDER" },
  { "--to is for clones of a machine that runs", "--to says where what a running machine was is "
    .. "kept. One that is saved has its folder already.", "lunik ls" },
  { "what is in … stands on it", "What the machine has written since it was forked lies above its "
    .. "disk, on which its clones stand: it can be saved once they have ended.", "lunik ls" },
  { "link …", "A disk of a machine that is forked cannot be kept beside what clones start from: "
    .. "its folder cannot be written to, or the disk is full.", "lunik fork NAME --to FILE" },
  { "disk …: QEMU has no node of that name", "Somebody has changed the machine's disks by QEMU's "
    .. "own commands, so that lunik does not know them any more.", "lunik qmp NAME query-block" },
  { "it cannot be forked: …", "A clone would take something from the machine that was saved, "
    .. "or from another clone: a port, a file that is written to, a device of the host. The "
    .. "line that says so is named.", "lunik fork FOLDER --forward auto" },
  { "… has no template { … }…", "A recipe is forked by its template, which it does not have.",
    "lunik help template" },
  { "machines stand on '…': …", "The machines that are named are clones of this template: it can "
    .. "be removed once they have ended.", "lunik down NAME" },
  { "prepare: …", "The function that prepares the recipe's template has failed; its own words, and "
    .. "the line, stand behind it. There is no template, and nothing was started.",
    "lunik up vm.lua" },
  { "template …: …", "The template of the recipe could not be made, so nothing was started; why "
    .. "stands behind it.", "lunik up vm.lua" },
  { "'…' is a template: its clones have other names", "A machine cannot be called as its template "
    .. "is.", "lunik up vm.lua --set name=NAME" },
  { "… is a template: lunik fork … starts clones of it", "A template stays what it is, so that "
    .. "clones can be had: nobody goes on from there himself.", "lunik fork vm.lua" },
  { "the host has too little memory left", "The memory of a saved machine is kept for forks only "
    .. "where that takes a quarter at most of what the host has left: each fork reads the file.",
    "lunik templates" },
  { "whoever wanted the template is gone", "The supervisor that prepared a template was killed: "
    .. "the next start makes it anew.", "lunik up vm.lua" },
  { "the name of several clones needs {n}", "Each clone has a name of its own; their number "
    .. "stands where {n} is.", "lunik fork FOLDER -n 8 --as test-{n}" },
  { "a number of clones from … to … expected", "-n says how many clones are started.",
    "lunik fork FOLDER -n 8" },
  { "no … names like … are free", "Machines of these names run, or have something put away.",
    "lunik ls -a" },
  { "mount: …: no such directory", "What --mount names is not there; {n} in it is the number of "
    .. "the clone.", "lunik help fork" },
  { "no private memory: …", "--memory private has all clones stand in the memory that was saved, "
    .. "which has to lie apart; a mount's daemon cannot have it.",
    "lunik fork FOLDER --memory copied" },
  { "…: --memory copied has no need of it", "The memory of all clones has to be sealed against "
    .. "writing, and this kernel does not do that.", "lunik fork FOLDER --memory copied" },
  { "it did not come", "Whoever starts the clone has not handed over the memory that it is to "
    .. "stand in: it was ended meanwhile.", "lunik fork FOLDER" },
  { "nothing is its own: …", "The guest of a clone cannot be asked, or does not answer to the "
    .. "end, so its random numbers, its name and its addresses would be those of the machine that "
    .. "was saved. The recipe's ready_within says how long it may take.",
    "lunik fork FOLDER --unsafe" },
  { "there is no pool: lunik pool FOLDER makes one", "Clones are claimed of a pool, in which they "
    .. "stand ready.", "lunik pool FOLDER --warm 4" },
  { "no pool '…'", "No pool of that name was started, or it was stopped.", "lunik pools" },
  { "say which pool is meant: …", "There are several.", "lunik pools" },
  { "pool '…' has no process any more", "The pool was killed, and those of its clones with it "
    .. "that nobody had claimed. What was claimed runs on, and is known to the next pool of its "
    .. "name.",
    "lunik pool FOLDER --name NAME" },
  { "pool '…' is there already", "A pool of that name has a process: its clones can be claimed.",
    "lunik pools" },
  { "pool '…' is just being removed", "Its process is at its end.", "lunik pools" },
  { "pool '…' is being stopped", "It hands out no clones any more.", "lunik pools" },
  { "pool '…' has ended", "Its process ended while it was asked.", "lunik pools" },
  { "its process ended unexpectedly", "The pool's process was killed while its first clones were "
    .. "started. They end by themselves.", "lunik pool FOLDER" },
  { "no clone of pool '…' stands ready: …", "As many were claimed as may be there, or memory is "
    .. "short, or a clone cannot be started; which of these stands behind it. Without --no-wait "
    .. "one is waited for.", "lunik pools" },
  { "no clone of pool '…' has become free in time", "--timeout was over before there was one.",
    "lunik pools" },
  { "no program can be run in its guest: …", "A clone stands ready once a program could be run in "
    .. "its guest.", "lunik pools" },
  { "it has … clones, and --max is …", "Another is started when one of those that were claimed has "
    .. "ended.", "lunik pool FOLDER --max 20" },
  { "its clones take … MiB, one more some …, and --budget is …", "Another is started when one has "
    .. "ended, or they take less.", "lunik pool FOLDER --budget 16G" },
  { "… are to stand ready, and there may be only …", "--max counts those that stand ready, too.",
    "lunik help pool" },
  { "a pool's name has at most … letters", "Its clones are called as it is, with a number.",
    "lunik pool FOLDER --name NAME" },
  { "the pool has … clients, and takes no more", "Too many ask at once.", "lunik pools" },
  { "budget: …", "How much memory all clones may take is a number of bytes, or a text such as "
    .. "\"20G\".", "lunik help lunik.pool" },
  { "pool '…': …", "Its process could not be asked, or answered something else than a pool "
    .. "does.",
    "lunik pools" },
  { "what it answers is no answer of a pool's", "The process behind the pool's socket is that of "
    .. "another version, or none of lunik's.", "lunik pools" },
  { "not written down", "What a pool does it writes down before, in its state directory, which is "
    .. "full, or cannot be written to.", "lunik doctor" },
  { "--budget: …", "A size is such as 512M or 20G.", "lunik help pool" },
  { "the keys of the guest that was saved are gone", "lunik logs in to this guest by keys of its "
    .. "own, which lay in the state directory of the machine that was saved.",
    "lunik up vm.lua" },
  { "a CPU with … can only be had as '…'", "The saved machine's CPU has features that this "
    .. "QEMU gives only with another model.", "lunik check FOLDER" },
  { "the machine has no memory '…'", "The machine that was made to restore into is another "
    .. "than the one that was saved.", "lunik check FOLDER" },
  { "QEMU has ended", "QEMU died while its machine was saved or restored. Nothing is left of a "
    .. "save; what is restored can be restored again, unless its disks had moved on.", "lunik ls" },
  { "it has not gone on for good, and what it writes to its disks is thrown away at its end: …",
    "The saved machine could not be marked as used, so that it stays what it is. Save the machine "
    .. "anew to keep what it does now.", "lunik status" },
  { "… was restored meanwhile…", "Two machines went on from one saved machine at once: it is the "
    .. "one's that was first. End this one: what it writes to its disks is thrown away.",
    "lunik down NAME" },
  { "file: an absolute path expected", "A program says where a machine is saved by a whole path.",
    "lunik help vm.save" },
  { "what it was started from is not known", "Only a machine of lunik up can be saved: its "
    .. "recipe has to be read again when it goes on.", "lunik up vm.lua" },
  { "migrate-set-capabilities: …", "The installed QEMU cannot save in the way that lunik does.",
    "lunik version" },
  { "disk …: …", "A disk of the saved machine cannot be read or copied.", "qemu-img info FILE" },
  { "the job is gone", "QEMU was to write a disk's changes into its image, and has forgotten "
    .. "about it: the image was moved, or the disk is full.", "lunik logs NAME --source qemu" },
  { "blockdev-del: …", "QEMU does not let go of an image whose changes it has written.",
    "lunik logs NAME --source qemu" },
  { "qemu-img …", "qemu-img could not do its part; its own words stand behind it.",
    "qemu-img info FILE" },
  { "credential …: …", "The file of a credential cannot be read.", "lunik check" },
  { "password: its file is empty", "An empty password would let anybody in.", "lunik check" },
  { "ssh-keygen …", "A key for the guest could not be made.", "ssh-keygen -t ed25519 -f key" },
  { "open …", "A file of lunik's could not be opened; why stands behind it.", "df -h" },
  { "mkdir …", "A folder of lunik's could not be made; why stands behind it.", "df -h" },
  { "remove …", "A file or folder of lunik's could not be removed; why stands behind it.",
    "lunik ls -a" },
  { "rename …", "A folder could not be given its final name; why stands behind it.", "df -h" },
  { "sync …: …", "What was written has not reached the disk: it is full, or failing.", "df -h" },
  { "create …: …", "A file of the recipe's could not be made; why stands behind it.", "df -h" },
  { "write …: …", "A file could not be written whole.", "df -h" },
  { "notify: …", "systemd could not be told how the machine is.", "systemctl --user status" },
  { "notify …: …", "systemd could not be told how the machine is.", "systemctl --user status" },
  { "cannot write its output: …", "Whoever reads what the guest's program prints has gone, or "
    .. "the disk is full.", "df -h" },
  { "is there already, and stays as it is", "A file that is there is never overwritten.",
    "lunik init other.lua" },
  { "is there already: …", "A file that is there is never overwritten; the message says what "
    .. "does it instead.", "lunik help" },
  { "…: no such folder; `lunik status …` is about a machine of that name",
    "show is about a machine that was saved, a folder.", "lunik status NAME" },
} }
