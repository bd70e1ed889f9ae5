#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/outbox.h"

enum { SEQ_DIGITS = 12, STATE_SIZE = 4096 };

static const char *const parts[] = { "receipts", "0", "1", "2", "3", "sent", "dead" };
enum { PARTS = sizeof(parts) / sizeof(*parts), WAITING = 1 + ENVELOPE_LANES };

/* ---- names ---- */

static void path_of(const struct outbox *o, const char *part, const char *name,
	char path[OUTBOX_PATH])
{
	snprintf(path, OUTBOX_PATH, "%s/%.8s/%.80s", o->folder, part, name);
}

/* UID.json, or SEQ-UID.json; the uid, or NULL: another kind of file, one half written. */
static const char *uid_in(const char *name, char uid[ENVELOPE_UID])
{
	size_t len = strlen(name), skip = len == ENVELOPE_UID - 1 + 5 ? 0 : SEQ_DIGITS + 1;

	if (len != skip + ENVELOPE_UID - 1 + 5 || strcmp(name + len - 5, ".json") != 0)
		return NULL;
	memcpy(uid, name + skip, ENVELOPE_UID - 1);
	uid[ENVELOPE_UID - 1] = '\0';
	return envelope_is_uid(uid) ? uid : NULL;
}

static int is_item(const struct dirent *e)
{
	char uid[ENVELOPE_UID];

	return uid_in(e->d_name, uid) != NULL;
}

/* ---- the last number ---- */

static bool write_state(const struct outbox *o)
{
	char path[OUTBOX_PATH];
	json_t *state = json_pack("{sI ss}", "seq", (json_int_t)o->seq, "prev", o->prev);
	struct text t = { 0 };

	canonical_put(&t, state);
	text_char(&t, '\n');
	path_of(o, ".", "state.json", path);
	bool ok = disk_replace(path, (struct bytes){ (const uint8_t *)t.at, t.len }, 0640);
	text_fini(&t);
	json_decref(state);
	return ok;
}

static bool parse_state(struct outbox *o, const struct text *t)
{
	json_t *state = canonical_read((struct bytes){ (const uint8_t *)t->at, t->len });
	json_int_t seq;
	bool ok = take_integer(&seq, state, "seq", 1, (json_int_t)1 << 53) &&
		take_text(o->prev, sizeof(o->prev), state, "prev");

	o->seq = (uint64_t)seq;
	json_decref(state);
	return ok;
}

static bool read_state(struct outbox *o)
{
	char path[OUTBOX_PATH];
	struct text t = { 0 };
	bool ok = true;

	path_of(o, ".", "state.json", path);
	if (disk_read(&t, path, STATE_SIZE, true))
		ok = parse_state(o, &t);
	else
		ok = access(path, F_OK) != 0;
	text_fini(&t);
	if (!ok)
		report_error("%s: cannot be read; it holds the last number sent", path);
	return ok;
}

/* ---- folders ---- */

static bool make_folders(const struct outbox *o)
{
	char path[OUTBOX_PATH];
	bool ok = disk_make_folder(o->folder, 0750);

	for (unsigned i = 0; ok && i < PARTS; i++) {
		path_of(o, parts[i], "", path);
		ok = disk_make_folder(path, 0750);
	}
	return ok;
}

static int scan(const struct outbox *o, const char *part, struct dirent ***names)
{
	char path[OUTBOX_PATH];

	path_of(o, part, "", path);
	return scandir(path, names, is_item, alphasort);
}

static void free_names(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	if (count >= 0)
		free(names);
}

/* An envelope was written and the state was not: a crash came between. */
static bool repair_from(struct outbox *o, const char *part, const char *name)
{
	char path[OUTBOX_PATH];
	struct text t = { 0 };
	uint64_t seq = strtoull(name, NULL, 10);

	if (strlen(name) < SEQ_DIGITS + ENVELOPE_UID || seq <= o->seq)
		return true;
	path_of(o, part, name, path);
	if (!disk_read(&t, path, ENVELOPE_SIZE, false)) {
		text_fini(&t);
		return false;
	}
	o->seq = seq;
	sha256_hex((struct bytes){ (const uint8_t *)t.at, t.len ? t.len - 1 : 0 }, o->prev);
	text_fini(&t);
	return write_state(o);
}

static bool repair(struct outbox *o)
{
	bool ok = true;

	for (unsigned i = 1; ok && i < WAITING; i++) {
		struct dirent **names;
		int count = scan(o, parts[i], &names);
		if (count > 0) /* the last has the greatest number of its lane */
			ok = repair_from(o, parts[i], names[count - 1]->d_name);
		free_names(names, count);
	}
	return ok;
}

bool outbox_open(struct outbox *o, const char *folder)
{
	*o = (struct outbox){ 0 };
	if (strlen(folder) >= sizeof(o->folder)) {
		report_error("%s: the name is too long", folder);
		return false;
	}
	snprintf(o->folder, sizeof(o->folder), "%s", folder);
	return make_folders(o) && read_state(o) && repair(o);
}

/* ---- putting ---- */

static bool write_document(const char *path, const json_t *doc, char hash[SHA256_TEXT])
{
	struct text t = { 0 };
	bool ok = canonical_put(&t, doc);

	if (hash)
		sha256_hex((struct bytes){ (const uint8_t *)t.at, t.len }, hash);
	text_char(&t, '\n');
	ok = ok && disk_replace(path, (struct bytes){ (const uint8_t *)t.at, t.len }, 0640);
	text_fini(&t);
	return ok;
}

bool outbox_put(struct outbox *o, struct envelope_head *h, const json_t *body,
	const struct sign_key *key, const char **why)
{
	char path[OUTBOX_PATH], name[SEQ_DIGITS + ENVELOPE_UID + 16], lane[2] = "";

	*why = NULL;
	h->seq = o->seq + 1;
	json_t *doc = envelope_make(h, o->seq ? o->prev : NULL, body, key, why);
	if (!doc)
		return false;
	lane[0] = (char)('0' + h->lane);
	snprintf(name, sizeof(name), "%0*llu-%s.json", SEQ_DIGITS, (unsigned long long)h->seq,
		h->uid);
	path_of(o, lane, name, path);
	bool ok = write_document(path, doc, o->prev);
	json_decref(doc);
	if (!ok)
		return false;
	o->seq++;
	return write_state(o);
}

bool outbox_put_receipt(struct outbox *o, const char *uid, const json_t *receipt)
{
	char path[OUTBOX_PATH], name[ENVELOPE_UID + 8];

	snprintf(name, sizeof(name), "%s.json", uid);
	path_of(o, "receipts", name, path);
	return write_document(path, receipt, NULL);
}

/* ---- listing ---- */

struct outbox_item *outbox_list(const struct outbox *o, unsigned *count)
{
	struct outbox_item *items = NULL;

	*count = 0;
	for (unsigned i = 0; i < WAITING; i++) {
		struct dirent **names;
		int found = scan(o, parts[i], &names);
		unsigned more = found > 0 ? (unsigned)found : 0;
		items = mem_resize(items, (*count + more) * sizeof(*items));
		for (unsigned k = 0; k < more; k++) {
			struct outbox_item *item = &items[(*count)++];
			item->lane = i == 0 ? ENVELOPE_LANES : i - 1;
			uid_in(names[k]->d_name, item->uid);
			path_of(o, parts[i], names[k]->d_name, item->path);
		}
		free_names(names, found);
	}
	return items;
}

static bool find_in(const struct outbox *o, const char *part, const char *uid,
	struct outbox_item *item)
{
	struct dirent **names;
	int count = scan(o, part, &names);
	bool found = false;

	for (int i = 0; i < count && !found; i++) {
		found = strcmp(uid_in(names[i]->d_name, item->uid), uid) == 0;
		path_of(o, part, names[i]->d_name, item->path);
	}
	free_names(names, count);
	return found;
}

bool outbox_find(const struct outbox *o, const char *uid, struct outbox_item *item)
{
	for (unsigned lane = 0; lane < ENVELOPE_LANES; lane++) {
		item->lane = lane;
		if (find_in(o, parts[1 + lane], uid, item))
			return true;
	}
	return find_in(o, "dead", uid, item);
}

bool outbox_has(const struct outbox *o, const char *uid)
{
	struct outbox_item item;

	for (unsigned lane = 0; lane < ENVELOPE_LANES; lane++)
		if (find_in(o, parts[1 + lane], uid, &item))
			return true;
	return find_in(o, "sent", uid, &item);
}

unsigned outbox_count(const struct outbox *o, const char *part)
{
	struct dirent **names;
	int count = scan(o, part, &names);

	free_names(names, count);
	return count > 0 ? (unsigned)count : 0;
}

/* ---- settling ---- */

static bool move(const struct outbox *o, const char *from, const char *part)
{
	char to[OUTBOX_PATH], folder[OUTBOX_PATH];

	path_of(o, part, strrchr(from, '/') + 1, to);
	path_of(o, part, "", folder);
	if (rename(from, to) != 0) {
		report_error("%s: %s", to, strerror(errno));
		return false;
	}
	return disk_sync_folder(folder);
}

bool outbox_settle(const struct outbox *o, const struct outbox_item *item, bool is_dead,
	const json_t *receipt)
{
	const char *part = is_dead ? "dead" : "sent";
	char path[OUTBOX_PATH], name[ENVELOPE_UID + 16];

	if (item->lane == ENVELOPE_LANES)
		return unlink(item->path) == 0 || errno == ENOENT;
	snprintf(name, sizeof(name), "%s.receipt.json", item->uid);
	path_of(o, part, name, path);
	return (!receipt || write_document(path, receipt, NULL)) && move(o, item->path, part);
}
