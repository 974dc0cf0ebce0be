#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same from Python, by ctypes, with a recipe's machine that another may have started:
    embed.py LIBRARY vm.lua DIRECTORY     starts it, and attaches to nothing
    embed.py LIBRARY NAME DIRECTORY       attaches to a machine of `lunik up`
LIBRARY is liblunik.so.0, or a path to it."""
import ctypes
import json
import sys


class Problem(ctypes.Structure):
    _fields_ = [("text", ctypes.c_char_p), ("code", ctypes.c_char_p), ("file", ctypes.c_char_p),
                ("line", ctypes.c_int), ("field", ctypes.c_char_p), ("why", ctypes.c_char_p)]


class Event(ctypes.Structure):
    _fields_ = [("context", ctypes.c_void_p), ("vm", ctypes.c_void_p), ("name", ctypes.c_char_p),
                ("json", ctypes.c_char_p), ("problem", ctypes.POINTER(Problem))]


Function = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Event))

P, S, I, D = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_double
SIGNATURES = {
    "version": (S,), "new": (P, P), "free": (None, P), "problems": (S, P),
    "load": (I, P, S), "start": (P, P), "attach": (P, P, S), "release": (I, P),
    "on_vm": (I, P, S, Function, P), "call": (I, P, S, S, ctypes.POINTER(S)),
    "stop": (I, P, S), "wait": (I, P, D), "wait_ready": (I, P, D),
}


class Lunik:
    """A context; what fails raises with what lunik says."""

    def __init__(self, library):
        self.c = ctypes.CDLL(library)
        for name, (result, *arguments) in SIGNATURES.items():
            function = getattr(self.c, "lunik_" + name)
            function.restype, function.argtypes = result, arguments
        self.context = self.c.lunik_new(None)
        self.kept = []          # what C has a pointer to must live

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.c.lunik_free(self.context)

    def __getattr__(self, name):
        function = getattr(self.c, "lunik_" + name)

        def checked(*arguments):
            result = function(*arguments)
            if result is None or result == -1:
                raise RuntimeError(self.c.lunik_problems(self.context).decode())
            return result
        return checked

    def hear(self, vm, point, function):
        self.kept.append(Function(lambda _, event: function(event.contents) or 0))
        self.on_vm(vm, point.encode(), self.kept[-1], None)

    def ask(self, vm, method, **arguments):
        result = S()
        self.call(vm, method.encode(), json.dumps(arguments).encode(), ctypes.byref(result))
        return json.loads(result.value)


def main(library, what, directory):
    with Lunik(library) as lunik:
        print("lunik", lunik.version().decode())
        own = what.endswith(".lua")
        if own:
            lunik.load(lunik.context, what.encode())
            vm = lunik.start(lunik.context)
        else:
            vm = lunik.attach(lunik.context, what.encode())
        lunik.hear(vm, "SHUTDOWN", lambda event: print("heard:", event.name.decode()))
        lunik.wait_ready(vm, 120)
        mount = {"from": directory, "to": "/shared", "readonly": True}
        print("mount:", lunik.ask(vm, "mount", **mount)["state"])
        done = lunik.ask(vm, "exec", argv=["ls", "/shared"])
        print("exit", done["status"], "of", len(done["out-b64"]) > 0)
        lunik.stop(vm, b"seen enough")
        print("ended with", lunik.wait(vm, 60))


if __name__ == "__main__":
    main(*sys.argv[1:])
