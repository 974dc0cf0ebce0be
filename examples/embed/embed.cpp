// SPDX-License-Identifier: MIT
// The same from C++, with a recipe that lies in the program, and a function for it:
//     c++ -std=c++17 embed.cpp $(pkg-config --cflags --libs lunik) -o embed++
//     ./embed++ GUEST DIRECTORY       (GUEST: a folder with vmlinux and initramfs.img)
#include <lunik.h>

#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

const char recipe[] = R"(
  local app = require "lunik.ext.app"
  return machine { name = app.name(), accel = "tcg", cpus = 1, memory = "256M",
    kernel = app.guest("vmlinux"), initrd = app.guest("initramfs.img"),
    append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off panic=-1",
    agent {}, hotplug { ports = 4 } }
)";

struct Error : std::runtime_error {
	explicit Error(const lunik *l) : std::runtime_error(lunik_problems(l)) {}
};

// Functions of ours are called from C: nothing may be thrown through that.
class Context {
public:
	Context() : context(lunik_new(nullptr), lunik_free)
	{
		if (!context)
			throw std::bad_alloc();
	}

	operator lunik *() const { return context.get(); }

	int operator()(int result) const
	{
		if (result < 0)
			throw Error(context.get());
		return result;
	}

private:
	std::unique_ptr<lunik, decltype(&lunik_free)> context;
};

int name(void *, const lunik_event *event)
{
	return lunik_answer(event->context, "\"embedded\"");
}

// event->json is ["vmlinux"].
int guest(void *arg, const lunik_event *event)
{
	const std::string words = event->json, folder = *static_cast<std::string *>(arg);

	return lunik_answer(event->context,
	                    ("\"" + folder + "/" + words.substr(2, words.size() - 3)).c_str());
}

int heard(void *arg, const lunik_event *event)
{
	static_cast<std::vector<std::string> *>(arg)->push_back(event->name);
	return 0;
}

void use(const Context &l, lunik_vm *vm, const char *directory)
{
	const char *const list[] = { "ls", "/shared", nullptr };
	lunik_output output;

	l(lunik_wait_ready(vm, 120));
	l(lunik_mount(vm, directory, "/shared", 1));
	l(lunik_exec(vm, list, nullptr, 0, 60, &output));
	std::cout << "exit " << output.status << ": " << std::string(output.out, output.out_size);
	l(lunik_stop(vm, "seen enough"));
	std::cout << "ended with " << l(lunik_wait(vm, 60)) << "\n";
}

} // namespace

int main(int argc, char *argv[])
{
	std::vector<std::string> events;
	std::string folder = argc == 3 ? argv[1] : "";

	if (argc != 3)
		return 2;
	try {
		Context l;

		l(lunik_define(l, "app", "name", name, nullptr));
		l(lunik_define(l, "app", "guest", guest, &folder));
		l(lunik_on(l, "event", heard, &events));
		l(lunik_load_text(l, recipe, sizeof recipe - 1, "embedded.lua", nullptr));
		if (lunik_vm *vm = lunik_start(l))
			use(l, vm, argv[2]);
		else
			throw Error(l);
	} catch (const std::exception &e) {
		std::cerr << e.what() << "\n";
		return 1;
	}
	for (const std::string &event : events)
		std::cout << "heard: " << event << "\n";
	return 0;
}
