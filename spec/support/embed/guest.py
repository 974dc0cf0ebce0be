# What a program asks of a real guest over the C API, beside the examples: guest.py EXAMPLES LIBRARY
# WHAT, which is a recipe or a machine's name. Prints `ok`.
import base64
import os
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
from embed import Lunik  # noqa: E402


def text(value, name="bytes"):
    return base64.b64decode(value.get(name + "-b64", "")).decode()


def use(lunik, vm):
    ask = lambda method, **arguments: lunik.ask(vm, method, **arguments)

    lunik.wait_ready(vm, 120)
    n = ask("spawn", argv=["cat"])["program"]
    ask("program.write", program=n, **{"bytes-b64": base64.b64encode(b"to and fro\n").decode()})
    assert text(ask("program.read", program=n)) == "to and fro\n"
    ask("program.close_input", program=n)
    assert ask("program.read", program=n)["ended"]
    assert ask("program.wait", program=n)["status"] == 0
    ask("program.close", program=n)

    n = ask("spawn", argv=["sleep", "100"])["program"]
    ask("program.signal", program=n, name="TERM")
    assert ask("program.wait", program=n)["signal"] == 15
    ask("program.close", program=n)

    here = os.path.abspath(__file__)
    ask("copy_in", **{"from": here, "to": "/tmp/copied"})
    done = ask("exec", argv=["sh", "-c", "wc -c </tmp/copied; exit 3"])
    assert done["status"] == 3 and int(text(done, "out")) == os.path.getsize(here), done

    heard = []
    lunik.hear(vm, "STOP", lambda event: heard.append(event.name))
    ask("pause")
    ask("resume")
    ask("sleep", seconds=0.2)
    assert heard == [b"STOP"], heard
    done = ask("exec", argv=["sh", "-c", "echo begun; sleep 60"], seconds=1)
    assert "after 1 s" in done["late"] and text(done, "out") == "begun\n", done
    lunik.stop(vm, b"seen enough")
    assert lunik.wait(vm, 60) == 0


def main(library, what):
    with Lunik(library) as lunik:
        if what.endswith(".lua"):
            lunik.load(lunik.context, what.encode())
            vm = lunik.start(lunik.context)
        else:
            vm = lunik.attach(lunik.context, what.encode())
        use(lunik, vm)
    print("ok")


main(*sys.argv[2:])
