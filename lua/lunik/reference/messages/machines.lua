-- SPDX-License-Identifier: MIT
-- Messages about which machine is meant, and how it is.
return { title = "Machines and their supervisors", rows = {
  { "no machine '…'", "No machine of this name runs or is remembered under this user's state "
    .. "directory. Another user's, and one started with another XDG_STATE_HOME, are not seen.",
    "lunik ls -a" },
  { "no machine was started from …", "The recipe is there, but no machine runs that was "
    .. "started from this file.", "lunik up" },
  { "say which is meant of those that run", "No machine was named, and several run.",
    "lunik status NAME" },
  { "and none runs", "No machine was named, and there is none that could be meant.", "lunik up" },
  { "machine '…' is not running", "It has ended, in an orderly way. What it said last is in "
    .. "its logs; up starts it again from its recipe.", "lunik logs NAME" },
  { "machine '…' runs: lunik down … first", "What is known of a machine is forgotten only "
    .. "once it has ended.", "lunik down NAME" },
  { "machine '…' is a clone of '…', which cannot be started anew: …", "What a clone goes on from "
    .. "is the machine that was saved or ran: its recipe alone would make another machine, and "
    .. "where it names disks of its own, with those.", "lunik fork NAME" },
  { "machine '…' was not started by lunik up", "It is not remembered from which recipe it "
    .. "came: it was one of lunik run, or of a program. Only what lunik up started can be "
    .. "started again, or changed, by its name.", "lunik up vm.lua" },
  { "machine '…' has a supervisor", "Only a machine whose supervisor has died is adopted. "
    .. "This one is looked after.", "lunik status NAME" },
  { "machine '…' has a supervisor that does not answer", "The supervisor is stopped, or "
    .. "stuck: QEMU runs on without it. What it was last at is in its log.",
    "lunik logs NAME --source supervisor" },
  { "machine '…' has as many clients as its control socket takes", "64 clients are connected "
    .. "to its control socket: programs that attach, and do not let go. Whoever stops one of "
    .. "them is heard again.", "lunik down NAME" },
  { "machine '…' runs in the foreground of another terminal", "A machine of lunik run belongs "
    .. "to that terminal: Ctrl-] ends it there. Started by lunik up, it can be spoken to from "
    .. "any.", "lunik up" },
  { "machine '…' has no supervisor: lunik adopt …", "The supervisor was killed (by the "
    .. "kernel, for want of memory, or by hand). QEMU and the guest run on; hooks, forwards and "
    .. "mounts need somebody who looks after them.", "lunik adopt NAME" },
  { "machine '…' has no supervisor, and what was written down about it cannot be read",
    "Its record in the runtime directory is damaged, so nobody can take the machine over.",
    "lunik down --force NAME" },
  { "machine '…' runs, but its runtime directory is gone", "Somebody removed "
    .. "$XDG_RUNTIME_DIR: a log-out does so where `loginctl enable-linger` was not said. Its "
    .. "sockets are gone with it, so nobody can speak to the machine.", "lunik down NAME" },
  { "machine '…' runs on …: only there can anything be done about it",
    "The state directory is shared between hosts (an NFS home), and the machine is on another "
    .. "one.", "lunik ls" },
  { "machine '…' has ended unseen", "Supervisor and QEMU are both gone: the host was reset, "
    .. "or both were killed. What it had is removed; its disks are as the guest left them.",
    "lunik up" },
  { "machine '…' is still starting", "Nothing can be asked of it yet.",
    "lunik wait NAME --for ready" },
  { "machine '…' cannot be reset: its TPM is gone", "The process that is its TPM has died, "
    .. "and QEMU would die at a reset.", "lunik restart NAME" },
  { "machine '…' has no console: add console {} to its recipe", "No serial port or virtio "
    .. "console is lunik's to show: `defaults = false` leaves it out, or the recipe sends it "
    .. "elsewhere.", "lunik help console" },
  { "machine '…' has no logs", "It never came as far as to write one, or they went with lunik rm.",
    "lunik up" },
  { "machine '…': …", "Why the wait for this machine is over, other than that it is ready.",
    "lunik logs NAME" },
  { "its supervisor has just gone; try again", "It ended in the moment in which it was asked.",
    "lunik ls -a" },
  { "its supervisor does not end", "It was told to, then killed, and is still there: the "
    .. "process hangs in the kernel, mostly on a disk or a network file system that does not "
    .. "answer.", "lunik down --force NAME" },
  { "the machine's supervisor is of lunik …, which has no …", "The machine was started by "
    .. "an older lunik, which goes on looking after it, and does not know this command yet.",
    "lunik restart NAME" },
  { "hooks of '…' are heard only where the machine is run", "This point is called in the "
    .. "process that has the machine; from outside only events can be heard.",
    "lunik help hooks" },
  { "the recipe makes machine '…' now, not '…': nothing is stopped", "The recipe's `name =` "
    .. "was changed: restarting would leave a machine behind that nobody asked for.",
    "lunik down OLD" },
  { "interrupted", "Ctrl-C was pressed, or a signal came. The rest of the line says what goes "
    .. "on without you.", "lunik status NAME" },
  { "interrupted by …", "lunik run was ended by a signal, and has ended its machine with it.",
    "lunik up" },
  { "the machine has ended", "It ended while something was asked of it; the message, and the "
    .. "logs, say how.", "lunik logs NAME" },
  { "the machine is stopping", "It was told to stop, and nothing new is begun.",
    "lunik wait NAME" },
  { "the machine is paused", "Its CPUs stand still, so the guest answers nothing. A disk that "
    .. "the host could not write, a save, or somebody's pause has done it: the message says "
    .. "which.", "lunik resume NAME" },
  { "the guest is paused", "A guest that stands still cannot be asked to power off.",
    "lunik resume NAME" },
  { "not ready yet", "What the recipe calls ready has not come in the time that was given.",
    "lunik logs NAME -f" },
  { "still running", "The wait is over, and the machine has not ended.", "lunik down NAME" },
  { "it is not known which recipe it is of", "What is remembered of the machine does not name a "
    .. "recipe, so it cannot be told of.", "lunik report NAME" },
  { "standard input is no terminal", "A console or a shell needs a terminal to be typed into; "
    .. "in a script, use exec.", "lunik exec NAME -- COMMAND" },
  { "lunik down --force … ends the machine", "The machine could not be taken over, and runs "
    .. "on as it was.", "lunik down --force NAME" },
  { "qemu: …", "QEMU did not start, or ended at once; its own last lines stand beside it, "
    .. "with the line and the field of the recipe that they speak of.", "lunik check --start" },
  { "qemu: …: …", "QEMU was started, and refused one of the commands by which the machine "
    .. "is finished.", "lunik logs NAME --source qemu" },
  { "what raw words or a file of options would do is not known", "A trial has to know all that "
    .. "QEMU would do; words that lunik hands on unread could do anything.", "lunik check" },
  { "scratch image: …", "A trial needs room for empty stand-ins of the machine's disks in the "
    .. "temporary directory.", "df -h /tmp" },
  { "bug: …", "lunik's own fault. The text behind it is where it happened; the report has all "
    .. "that is needed to look into it, without secrets.", "lunik report NAME" },
} }
