/* SPDX-License-Identifier: MIT */
/* A machine in a program that has a loop of its own, GLib's; nothing here waits for lunik:
 *     cc glib.c $(pkg-config --cflags --libs lunik glib-2.0) -o glib
 *     ./glib vm.lua DIRECTORY */
#include <glib-unix.h>
#include <lunik.h>
#include <stdio.h>

struct app {
	GMainLoop *loop;
	struct lunik *lunik;
	struct lunik_vm *vm;
	GSource *timer;
	char *mount;            /* the arguments of vm:mount */
	int code;
};

static void
fail(struct app *app, const char *why)
{
	fprintf(stderr, "%s\n", why);
	app->code = 1;
	g_main_loop_quit(app->loop);
}

/* After each call the deadline may be another. */
static void
set_timer(struct app *app)
{
	int left = lunik_timeout(app->lunik);

	g_source_set_ready_time(app->timer,
	                        left < 0 ? -1 : g_get_monotonic_time() + left * 1000);
}

static void
step(struct app *app)
{
	if (lunik_step(app->lunik) < 0)
		fail(app, lunik_problems(app->lunik));
	set_timer(app);
}

static gboolean
readable(gint fd, GIOCondition condition, gpointer app)
{
	(void)fd;
	(void)condition;
	step(app);
	return G_SOURCE_CONTINUE;
}

static gboolean
late(gpointer app)
{
	step(app);
	return G_SOURCE_CONTINUE;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	(void)source;
	return callback(data);
}

static int
ended(void *arg, const struct lunik_event *event)
{
	struct app *app = arg;

	printf("ended: %s\n", event->json);
	g_main_loop_quit(app->loop);
	return 0;
}

static int
listed(void *arg, const struct lunik_event *event)
{
	struct app *app = arg;

	if (event->problem)
		fail(app, event->problem->text);
	else
		printf("listed: %s\n", event->json);
	lunik_stop(app->vm, "seen enough");
	return 0;
}

static int
mounted(void *arg, const struct lunik_event *event)
{
	struct app *app = arg;

	if (event->problem)
		fail(app, event->problem->text);
	else
		lunik_submit(app->vm, "exec", "{\"argv\":[\"ls\",\"/shared\"]}", listed, app);
	return 0;
}

/* A hook: the machine's `ready =` holds. */
static int
ready(void *arg, const struct lunik_event *event)
{
	struct app *app = arg;

	printf("ready: %s\n", event->name);
	return lunik_submit(event->vm, "mount", app->mount, mounted, app);
}

static void
run(struct app *app, const char *recipe)
{
	static GSourceFuncs timer = { .dispatch = dispatch };
	struct lunik *l = app->lunik;

	if (lunik_on(l, "ready", ready, app) < 0 || lunik_on(l, "exit", ended, app) < 0 ||
	    lunik_load(l, recipe) < 0 || !(app->vm = lunik_start(l))) {
		fprintf(stderr, "%s\n", lunik_problems(l));
		app->code = 1;
		return;
	}
	app->loop = g_main_loop_new(NULL, FALSE);
	app->timer = g_source_new(&timer, sizeof *app->timer);
	g_source_set_callback(app->timer, late, app, NULL);
	g_source_attach(app->timer, NULL);
	g_unix_fd_add(lunik_fd(l), (GIOCondition)lunik_events(l), readable, app);
	set_timer(app);
	g_main_loop_run(app->loop);
	g_source_destroy(app->timer);
	g_source_unref(app->timer);
	g_main_loop_unref(app->loop);
}

int
main(int argc, char *argv[])
{
	struct app app = { .lunik = lunik_new(NULL) };

	if (!app.lunik || argc != 3)
		return 2;
	app.mount = g_strdup_printf("{\"from\":\"%s\",\"to\":\"/shared\"}", argv[2]);
	run(&app, argv[1]);
	lunik_free(app.lunik);
	g_free(app.mount);
	return app.code;
}
