-- SPDX-License-Identifier: MIT
-- Messages about what was typed, and about command lines that are read.
return { title = "What was typed", rows = {
  { "expected, got '…'", "An option or an argument is not of the form that is taken: the "
    .. "message says which is.", "lunik help VERB" },
  { "expected", "Something that has to be said was not, or two were said of which one is taken.",
    "lunik help VERB" },
  { "a name expected, got a position", "A method was called with too much, or the wrong type; "
    .. "its row says what it takes.", "lunik help vm" },
  { "… arguments at most expected, got …", "A method was called with too much.", "lunik help vm" },
  { "options: a table expected", "The last argument of a method holds its options: { seconds = "
    .. "5 }.", "lunik help vm" },
  { "vm:…: …", "A method of a running machine was called with what it does not take.",
    "lunik help vm" },
  { "no verb '…'", "The first word behind lunik is a verb, and there is none of this name; "
    .. "the message has the nearest.", "lunik help" },
  { "unknown option '…'", "The verb has no such option. One that is meant for the guest's "
    .. "program stands behind --.", "lunik help VERB" },
  { "missing argument '…'", "The verb takes one word more.", "lunik help VERB" },
  { "too many arguments", "The verb takes fewer words. A name or a path with blanks is quoted.",
    "lunik help VERB" },
  { "requires an argument", "The option takes a value, which stands behind it.",
    "lunik help VERB" },
  { "must be one of …", "The option or the argument takes one of some words, which the "
    .. "message lists.", "lunik help VERB" },
  { "no such recipe …", "No file is there. Where none is named it is vm.lua of this folder.",
    "lunik init" },
  { "arguments: …", "The arguments of a QMP command are KEY=VALUE words, or one JSON object.",
    "lunik help qmp" },
  { "… is a …", "The path leads to something else than is meant.", "ls -l PATH" },
  { "--timeout: …", "A time is a number of seconds, or one such as 90s, 5m, 2h.",
    "lunik help down" },
  { "--memory: …", "A size is such as 512M or 4G.", "lunik help submit" },
  { "--image is the disk to boot from", "A recipe boots from an image that is there, or has a "
    .. "new disk made.", "lunik help init" },
  { "--user is with --ssh-key FILE", "A user who is to log in needs a key to log in with.",
    "lunik help init" },
  { "--batch answers on standard output", "In batch mode each line is answered by a line.",
    "lunik help import" },
  { "an argument holds a newline", "One argument a line cannot show it: -0 ends each with a NUL.",
    "lunik argv --shell" },
  { "a program is run in the guest of one machine", "up starts several, but a program behind -- "
    .. "runs in one.", "lunik up vm.lua -- COMMAND" },
  { "jobs and machines are waited for each by themselves", "A job is named engine:number, a "
    .. "machine by its name; wait takes one sort at once.", "lunik wait NAME" },
  { "one recipe expected, or behind -- a command line of QEMU", "check takes a recipe, a "
    .. "script, a saved machine's folder, or QEMU's words.",
    "lunik check -- qemu-system-x86_64 -m 1G" },
  { "no check '…'", "doctor has no check of this name.", "lunik doctor" },
  { "nothing about '…'", "No word, code or message of lunik's is like it.", "lunik help" },
  { "the types for editors are not installed", "The files that editors complete recipes by are "
    .. "not beside this lunik: it was copied without them.", "make install" },
  { "the lunik program is not found", "A job's machine is spoken to by the program that started "
    .. "it.", "command -v lunik" },
  { "no … here", "No such QEMU is installed.", "lunik doctor" },
  { "no command that runs QEMU", "The script was read, and no command in it begins with a QEMU.",
    "lunik import -- qemu-system-x86_64 -m 1G" },
  { "no process …", "There is no process of this number.", "pgrep -a qemu" },
  { "process … has no command line", "It is no program, or belongs to another user.",
    "pgrep -a qemu" },
  { "QEMU takes no notice of '…'", "A key that QEMU does not read is not put into a recipe.",
    "lunik check script.sh" },
  { "which only JSON can say", "A value of the command line has no form in QEMU's key=value "
    .. "words, so the option is kept as it is.", "lunik help qemu" },
  { "…: only JSON can say …", "A value of the command line has no form in QEMU's key=value words.",
    "lunik help qemu" },
  { "…: no recipe can spell this key", "A key of the command line is no name of Lua's.",
    "lunik help qemu" },
  { "argv: a NUL byte", "No program can be given such a word.", "lunik help lunik.argv" },
} }
