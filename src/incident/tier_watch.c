#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lru.h"
#include "base/memory.h"
#include "base/report.h"
#include "incident/document_take.h"
#include "incident/tier_folder.h"
#include "incident/tier_state.h"
#include "incident/tier_watch.h"

#define NS UINT64_C(1000000000)

enum {
	WRITTEN = 65536, /* envelopes remembered a folder */
	FAILED = 4096,   /* files remembered a folder, which could not be read or kept */
	NAME = 256,      /* of a file, with its NUL */
	SETTLE_S = 2,    /* nobody wrote to a file for so long: it is whole */
	LOOK_S = 60,     /* also where nothing seems to have changed, or something failed */
};

struct folder {
	char *path;
	const char *to;             /* NULL: all */
	bool is_in, is_one_way;
	bool was_told;              /* that it is away */
	struct lru *written;        /* out: uid: when */
	struct lru *failed;         /* in: name: when it was tried last */
	struct timespec changed;    /* the folder, when all of it had been looked at */
	uint64_t looked_ns, now_ns;
};

struct tier_watch {
	struct tier *t;
	struct folder *folders;
	unsigned count;
};

/* ---- tier.json ---- */

static bool refuse(const struct tier *t, const char *why)
{
	report_error("%s/tier.json: a row of \"folders\" %s", t->folder, why);
	return false;
}

static bool take_flag(bool *flag, const json_t *row, const char *key)
{
	return !json_object_get(row, key) || take_bool(flag, row, key);
}

static bool is_sound(const struct tier *t, const struct folder *f, const json_t *row)
{
	const char *in = json_string_value(json_object_get(row, "in"));
	const char *out = json_string_value(json_object_get(row, "out"));

	if (!in == !out)
		return refuse(t, "needs \"in\" or \"out\", a path, one of them");
	if (in && (json_object_get(row, "to") || json_object_get(row, "one_way")))
		return refuse(t, "with \"in\" has no \"to\" and no \"one_way\"");
	if (json_object_get(row, "to") && (!f->to || !tier_peer(t, f->to)))
		return refuse(t, "goes \"to\" somebody who is no peer");
	return true;
}

static bool take_folder(struct folder *f, const struct tier *t, const json_t *row)
{
	const char *in = json_string_value(json_object_get(row, "in"));
	const char *path = in ? in : json_string_value(json_object_get(row, "out"));

	f->to = json_string_value(json_object_get(row, "to"));
	f->is_in = in != NULL;
	if (!is_sound(t, f, row))
		return false;
	if (!take_flag(&f->is_one_way, row, "one_way"))
		return refuse(t, "has a \"one_way\" that is neither true nor false");
	f->path = path[0] == '/' ? mem_string(path) : tier_path(t, path, "", "");
	if (f->is_in)
		f->failed = lru_new(FAILED, 0, NAME, NULL, NULL);
	else
		f->written = lru_new(WRITTEN, 0, ENVELOPE_UID, NULL, NULL);
	return true;
}

struct tier_watch *tier_watch_new(struct tier *t, unsigned *count)
{
	const json_t *rows = json_object_get(t->config, "folders");
	struct tier_watch *w = mem_new(sizeof(*w));
	bool ok = !rows || json_is_array(rows) || refuse(t, "must stand in an array");

	w->t = t;
	w->folders = mem_array(json_array_size(rows), sizeof(*w->folders));
	for (size_t i = 0; ok && i < json_array_size(rows); i++)
		ok = take_folder(&w->folders[w->count++], t, json_array_get(rows, i));
	*count = w->count;
	if (ok)
		return w;
	tier_watch_free(w);
	return NULL;
}

void tier_watch_free(struct tier_watch *w)
{
	for (unsigned i = 0; w && i < w->count; i++) {
		free(w->folders[i].path);
		if (w->folders[i].written)
			lru_free(w->folders[i].written);
		if (w->folders[i].failed)
			lru_free(w->folders[i].failed);
	}
	if (w)
		free(w->folders);
	free(w);
}

/* ---- out ---- */

static bool wants(void *context, const struct outbox_item *item)
{
	struct folder *f = context;
	char uid[ENVELOPE_UID] = "";
	bool is_new;

	if (item->lane == ENVELOPE_LANES)
		return true;
	snprintf(uid, sizeof(uid), "%s", item->uid);
	uint64_t *at_ns = lru_make(f->written, uid, sizeof(*at_ns), &is_new);
	if (!is_new && f->now_ns < *at_ns + TIER_WATCH_AGAIN_S * NS)
		return false;
	*at_ns = f->now_ns;
	return true;
}

static void look_out(struct tier *t, struct folder *f)
{
	struct tier_export e = { f->path, f->to, f->is_one_way, wants, f };

	if (tier_export(t, &e, f->now_ns) >= 0)
		return;
	while (lru_oldest(f->written, &(const void *){ NULL }))
		lru_drop_oldest(f->written); /* who knows which of them are there */
	f->looked_ns = f->now_ns;
}

/* ---- in ---- */

/* When it failed last; NULL if it did not. */
static uint64_t *failure(struct folder *f, const char *path, bool make)
{
	const char *slash = strrchr(path, '/');
	char name[NAME] = "";
	bool is_new;

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
	return make ? lru_make(f->failed, name, sizeof(uint64_t), &is_new) :
		lru_find(f->failed, name);
}

/* What failed is not tried, and told of, each time that another file comes or goes. */
static bool is_due(void *context, const char *path)
{
	struct folder *f = context;
	const uint64_t *at_ns = failure(f, path, false);

	return !at_ns || f->now_ns >= *at_ns + LOOK_S * NS;
}

static void told(void *context, const char *path, const struct tier_incoming *in)
{
	struct folder *f = context;

	if (in->outcome == TIER_FAILED)
		*failure(f, path, true) = f->now_ns;
	else if (in->outcome == TIER_REFUSED)
		report_warning("%s: refused, and not answered: %s", path, in->why);
	else if (in->outcome == TIER_REJECTED)
		report_warning("%s: rejected: %s", path, in->why);
	else if (in->outcome == TIER_SETTLED && in->why[0])
		report_warning("%s: rejected by its recipient: %s", path, in->why);
}

static bool is_same(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static void look_in(struct tier *t, struct folder *f, const struct stat *st)
{
	struct tier_import i = { f->path, true, SETTLE_S, is_due, told, f, 0 };

	if (is_same(&st->st_mtim, &f->changed) && f->now_ns < f->looked_ns + LOOK_S * NS)
		return;
	tier_import(t, &i, f->now_ns);
	if (i.unsettled > 0)
		return;
	f->changed = st->st_mtim;
	f->looked_ns = f->now_ns;
}

/* ---- each of them ---- */

static bool is_there(struct folder *f, struct stat *st)
{
	bool is = stat(f->path, st) == 0 && S_ISDIR(st->st_mode);

	if (is && f->was_told)
		report_news("%s: it is there", f->path);
	else if (!is && !f->was_told)
		report_warning("%s: no such folder, waited for", f->path);
	f->was_told = !is;
	return is;
}

static void look(struct tier *t, struct folder *f)
{
	struct stat st;

	if (!is_there(f, &st))
		return;
	if (f->is_in)
		look_in(t, f, &st);
	else if (!f->looked_ns || f->now_ns > f->looked_ns + LOOK_S * NS)
		look_out(t, f);
}

void tier_watch_look(struct tier_watch *w, uint64_t now_ns)
{
	for (unsigned i = 0; i < w->count; i++) {
		w->folders[i].now_ns = now_ns;
		look(w->t, &w->folders[i]);
	}
}
