-- SPDX-License-Identifier: MIT
-- Messages about the guest: what it answers, by its agent, by ssh, by its console.
return { title = "The guest", rows = {
  { "the machine has no agent and no ssh", "To run something in a guest, lunik needs a road "
    .. "into it: QEMU's guest agent (`agent {}`, with qemu-guest-agent installed in the guest), "
    .. "or `ssh {}`.", "lunik help agent" },
  { "the machine has no ssh {}", "The recipe does not say how to log in; a shell in the guest can "
    .. "be had by its agent, too.", "lunik shell NAME" },
  { "no forward leads to the guest's ssh", "`ssh {}` needs a port of the host that leads to "
    .. "port 22 of the guest: `nic { forward = { ssh = 22 } }`.",
    "lunik forward NAME add 22 --name ssh" },
  { "no forward named '…'", "No port of the host that leads into the guest has this name.",
    "lunik forward NAME" },
  { "ssh: port …: no login within … seconds", "The forward is there, but nobody lets us in: "
    .. "sshd is not up yet, not installed, or does not know the key. The guest's console mostly "
    .. "shows it.", "lunik console NAME" },
  { "ssh: still running after … seconds", "The program in the guest was given that long, and "
    .. "has not ended.", "lunik exec NAME --timeout 10m -- COMMAND" },
  { "ssh: …", "What ssh itself said: the connection ended, or the login was refused.",
    "lunik ssh-config NAME" },
  { "ssh …", "ssh could not be run, or was ended; it stands behind it how.",
    "lunik ssh-config NAME" },
  { "the server says: …", "The guest's sshd refuses connections at the moment, mostly since "
    .. "the guest is starting or going down.", "lunik wait NAME --for ready" },
  { "agent: …", "The guest's agent was asked, and cannot do it, or did not answer in time. "
    .. "Older agents know fewer commands; SELinux or a list of blocked commands in the guest "
    .. "may forbid some.", "lunik status NAME" },
  { "agent: …: …", "The guest's agent refuses a command, in its own words.", "lunik status NAME" },
  { "agent: guest-exec: output: …", "What a program printed did not come back as the agent "
    .. "has to send it.", "lunik shell NAME" },
  { "agent: guest-exec: still running at the deadline", "The program in the guest was given "
    .. "that long, and has not ended; it may run on there.",
    "lunik exec NAME --timeout 10m -- COMMAND" },
  { "agent: guest-exec: the input has … bytes, and … are the most", "An agent takes its "
    .. "input whole, in one message.", "lunik cp FILE NAME:/tmp" },
  { "it may run on, pid … in the guest", "Nobody hears of the program any more; it was not "
    .. "ended with its connection.", "lunik exec NAME -- kill PID" },
  { "busy with another command", "The agent does one thing at a time, and is at another.",
    "lunik status NAME" },
  { "no answer in time", "The guest is there, but has not answered: it is starting, it is out "
    .. "of memory, or it stands still.", "lunik console NAME" },
  { "no proper answer: …", "Something else than QEMU's agent answers on the agent's channel.",
    "lunik logs NAME" },
  { "'error' is no object", "The agent's answer is not of the form that it has to be.",
    "lunik logs NAME" },
  { "'desc' is no string", "The agent's answer is not of the form that it has to be.",
    "lunik logs NAME" },
  { "the guest says more than is kept", "A program printed more than lunik keeps of an answer.",
    "lunik exec NAME -- sh -c 'COMMAND > /tmp/out'" },
  { "the guest's shell answered something else", "A script of lunik's ran in the guest and was "
    .. "not answered as sh answers: the login shell prints something of its own.",
    "lunik exec NAME -- sh -c true" },
  { "the guest's shell: …", "What the guest's shell said when a program was to be started or "
    .. "ended.", "lunik shell NAME" },
  { "the guest's stty: …", "The guest's terminal could not be given the size or the mode of "
    .. "yours.", "lunik ssh NAME" },
  { "the guest shows no terminal", "A program was to have a terminal in the guest, and there is "
    .. "no script(1) and no other way to one.", "lunik ssh NAME" },
  { "the guest has no terminal for it", "A program was to have a terminal in the guest, which "
    .. "could not make one.", "lunik ssh NAME" },
  { "the guest does not show its channels", "A program's input and output travel by virtio "
    .. "ports, which udev or mdev shows in the guest as /dev/virtio-ports; there are none.",
    "lunik exec NAME -- ls /dev/virtio-ports" },
  { "no channel into the guest: …", "A program's input and output travel by a port that is "
    .. "plugged for it, and that could not be done.", "lunik slots NAME" },
  { "the guest's channel: …", "The port by which a program's input and output travel was closed.",
    "lunik status NAME" },
  { "a file for the input: …", "What the program is to read could not be put into a file.",
    "df -h /tmp" },
  { "the program's output ended before the program", "The connection to the guest broke while a "
    .. "program ran; it may run on there.", "lunik status NAME" },
  { "the program has ended", "What was to be done with it came too late.",
    "lunik exec NAME -- ps" },
  { "the program still runs", "The wait is over, and the program has not ended.",
    "lunik exec NAME -- ps" },
  { "its input is closed", "The program was told that no more comes, and then something came.",
    "lunik help vm.spawn" },
  { "no such program is followed", "A program that runs with streams is known by its id, for "
    .. "the connection that started it.", "lunik help vm.spawn" },
  { "no such terminal", "Only a program that was given a terminal has a size.",
    "lunik help vm.spawn" },
  { "a program is just run in the guest", "A machine is not put away while a program's input "
    .. "and output travel.", "lunik status NAME" },
  { "nothing in the guest runs that could get the signal", "The program is gone, or the guest "
    .. "has no /proc by which it could be found.", "lunik exec NAME -- ps" },
  { "console: '…' not seen within … seconds", "The text that was waited for has not "
    .. "appeared on the guest's console. What did appear is in its log.",
    "lunik logs NAME --source serial" },
  { "cloud-init: the guest has none", "`ready = \"cloud-init\"` waits for a cloud-init that is "
    .. "not installed: this is no cloud image.", "lunik help cloud_init" },
  { "cloud-init: it is disabled in the guest", "cloud-init looked for a seed at boot and found "
    .. "none: the recipe has no `cloud_init {}`, or the image looks elsewhere.",
    "lunik exec NAME -- cloud-init status --long" },
  { "cloud-init: …", "cloud-init ran in the guest and is not content.",
    "lunik exec NAME -- cat /var/log/cloud-init-output.log" },
  { "the ready function said no for … seconds", "`ready = function(vm) … end` never "
    .. "answered true within `ready_within =`.", "lunik logs NAME" },
  { "ready function: …", "The recipe's ready function raised an error; its line stands in it.",
    "lunik check" },
  { "lunik provision … goes on there", "A command or a function of `provision { … }` "
    .. "failed: its last lines stand with it. What was done before is not done again.",
    "lunik provision NAME" },
  { "provision: …", "The file of `provision { file = … }` cannot be used.", "lunik check" },
  { "the machine is being provisioned", "Two cannot do it at once.",
    "lunik wait NAME --for ready" },
  { "a header with a wrong sum", "A copy travels as a tar archive, and what came is none: the "
    .. "guest's tar is damaged, or the connection broke.", "lunik exec NAME -- tar --version" },
  { "a header with a number that is none", "What the guest's tar sent is no archive.",
    "lunik exec NAME -- tar --version" },
  { "an entry of an unknown type, …", "The guest sent a kind of file that a copy does not have.",
    "lunik exec NAME -- ls -l PATH" },
  { "pax records …", "What the guest's tar sent is no archive: its extended header cannot be "
    .. "read.", "lunik exec NAME -- tar --version" },
  { "what is copied at once comes from one machine", "cp copies into one guest, or out of one.",
    "lunik cp NAME:/a /b ." },
  { "- is one file's bytes: it is copied alone", "Standard input and output hold one file.",
    "lunik cp - NAME:/tmp/file" },
  { "the recipe decides about each …", "The recipe has a policy about such devices, so none comes "
    .. "by itself: a large file goes into the guest by a stream.", "lunik cp -v FILE NAME:/tmp" },
  { "the descriptor is no file's", "A program asked for something to be shown to the guest that is "
    .. "no regular file.", "lunik cp FILE NAME:/tmp" },
  { "nothing of that id is lent", "A program gave back a file that the guest is not shown any "
    .. "more.", "lunik slots NAME" },
  { "standard output has the file's bytes, or JSON, not both",
    "cp prints the file there, where it is copied to -.", "lunik cp --json NAME:/tmp/file ." },
  { "character …, '…', is on no key of a US keyboard", "Typing presses keys, and a US "
    .. "keyboard has none for this.", "lunik exec NAME -- COMMAND" },
  { "--text: …", "The text cannot be typed on a US keyboard; nothing was.", "lunik help sendkey" },
  { "no agent is there to set it", "The clock of a guest that goes on from a saved state could "
    .. "not be set by ssh: what was wrong with that stands before it.",
    "lunik exec NAME -- date" },
  { "there is no road to the guest", "A guest that goes on from a saved state has the clock and "
    .. "the random numbers that it was saved with until somebody inside renews them: lunik can "
    .. "by an agent, or by ssh.", "lunik help agent" },
  { "this build has no program for guests of …", "Random numbers are renewed by a small "
    .. "program, and when lunik was built there was no compiler of the guest's architecture. Build "
    .. "it with that GCC, or clang and lld, and make says nothing of it.", "lunik version" },
  { "the guest has those that lunik has made for it", "The recipe's cloud_init or "
    .. "credential gives the guest the host keys by which ssh knows it: a clone keeps them.",
    "lunik help ssh" },
} }
