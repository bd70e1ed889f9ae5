#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/tier_checkpoint.h"
#include "incident/tier_folder.h"
#include "incident/tier_state.h"

/* ---- export ---- */

static bool is_for(const struct outbox_item *item, const struct text *content, const char *node)
{
	json_t *doc = canonical_read((struct bytes){ (const uint8_t *)content->at, content->len });
	const json_t *to = json_object_get(doc, "to");
	bool is = item->lane == ENVELOPE_LANES ? take_word(doc, "to", node) :
		take_word(to, "node", node);

	json_decref(doc);
	return is;
}

/* 1: written, 0: for somebody else, or gone meanwhile; -1 after a reported error. */
static int write_item(const struct tier_export *e, const struct outbox_item *item)
{
	struct text content = { 0 };
	char *path = mem_printf("%s/%s%s", e->folder, item->uid,
		item->lane == ENVELOPE_LANES ? ".receipt.json" : ".json");
	int result = 0;

	if (disk_read(&content, item->path, ENVELOPE_SIZE, true) &&
		(!e->to || is_for(item, &content, e->to)))
		result = disk_replace(path,
			(struct bytes){ (const uint8_t *)content.at, content.len }, 0644) ? 1 : -1;
	text_fini(&content);
	free(path);
	return result;
}

static void left(struct tier *t, const struct tier_export *e, const struct outbox_item *item,
	uint64_t now_ns)
{
	if (item->lane == ENVELOPE_LANES)
		tier_receipt_left(t, item);
	else if (e->one_way)
		tier_sent_one_way(t, item, now_ns);
}

static struct outbox_item *list(struct tier *t, unsigned *count)
{
	struct tier_work w;

	if (!tier_begin(&w, t))
		return NULL;
	struct outbox_item *items = outbox_list(&w.out, count);
	tier_end(&w);
	return items;
}

int tier_export(struct tier *t, const struct tier_export *e, uint64_t now_ns)
{
	unsigned count = 0;
	int written = 0, result = 0;

	if (!disk_make_folder(e->folder, 0755))
		return -1;
	tier_checkpoints(t, now_ns, false);
	struct outbox_item *items = list(t, &count);
	if (!items)
		return -1;
	for (unsigned i = 0; i < count && result >= 0; i++) {
		if (e->wants && !e->wants(e->context, &items[i]))
			continue;
		result = write_item(e, &items[i]);
		if (result > 0)
			left(t, e, &items[i], now_ns);
		written += result > 0;
	}
	free(items);
	return result < 0 ? -1 : written;
}

/* ---- import ---- */

static int is_document(const struct dirent *e)
{
	size_t len = strlen(e->d_name);

	return e->d_name[0] != '.' && len > 5 && strcmp(e->d_name + len - 5, ".json") == 0;
}

static void receive_file(struct tier *t, const char *path, uint64_t now_ns,
	struct tier_incoming *in)
{
	struct text content = { 0 };
	bool ok = disk_read(&content, path, ENVELOPE_SIZE, false);
	struct bytes b = { (const uint8_t *)content.at, content.len };

	*in = (struct tier_incoming){ .outcome = TIER_FAILED };
	if (ok)
		tier_receive(t, b, now_ns, in);
	text_fini(&content);
}

static bool import_file(struct tier *t, struct tier_import *i, const char *path, uint64_t now_ns)
{
	struct tier_incoming in;
	enum disk_file what = disk_look(path, i->settle_s);

	i->unsettled += what == DISK_GROWING;
	if (what != DISK_WHOLE || (i->wants && !i->wants(i->context, path)))
		return true;
	receive_file(t, path, now_ns, &in);
	i->told(i->context, path, &in);
	if (i->remove && in.outcome != TIER_FAILED && in.outcome != TIER_NOT_OURS)
		unlink(path);
	return in.outcome != TIER_FAILED;
}

bool tier_import(struct tier *t, struct tier_import *i, uint64_t now_ns)
{
	struct dirent **names;
	int count = scandir(i->folder, &names, is_document, alphasort);
	bool ok = count >= 0;

	i->unsettled = 0;
	if (!ok)
		report_error("%s: %s", i->folder, strerror(errno));
	for (int n = 0; n < count; n++) {
		char *path = mem_printf("%s/%s", i->folder, names[n]->d_name);
		ok = import_file(t, i, path, now_ns) && ok;
		free(path);
		free(names[n]);
	}
	if (count >= 0)
		free(names);
	return ok;
}
