#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/report.h"
#include "incident/disk.h"
#include "incident/document_take.h"
#include "incident/tier_state.h"

enum { CONFIG_SIZE = 1 << 20 };

char *tier_path(const struct tier *t, const char *part, const char *name, const char *end)
{
	return mem_printf("%s/%s%s%s%s", t->folder, part, *name ? "/" : "", name, end);
}

bool tier_keep(const char *path, const json_t *doc)
{
	struct text t = { 0 };
	bool ok = canonical_put(&t, doc);

	text_char(&t, '\n');
	ok = ok && disk_replace(path, (struct bytes){ (const uint8_t *)t.at, t.len }, 0640);
	text_fini(&t);
	return ok;
}

json_t *tier_load(const char *path)
{
	struct text t = { 0 };
	json_t *doc = NULL;

	if (disk_read(&t, path, ENVELOPE_SIZE, true))
		doc = canonical_read((struct bytes){ (const uint8_t *)t.at, t.len });
	text_fini(&t);
	return doc;
}

/* ---- tier.json ---- */

static bool report_config(const struct tier *t, const char *why)
{
	report_error("%s/tier.json: %s", t->folder, why);
	return false;
}

static bool take_end(struct envelope_end *e, const json_t *doc)
{
	return take_text(e->node, sizeof(e->node), doc, "node") && envelope_is_node(e->node) &&
		take_text(e->tier, sizeof(e->tier), doc, "tier") && envelope_is_tier(e->tier);
}

static bool take_peers(struct tier *t)
{
	const json_t *peers = json_object_get(t->config, "peers");

	t->peer_count = (unsigned)json_array_size(peers);
	t->peers = mem_array(t->peer_count, sizeof(*t->peers));
	for (unsigned i = 0; i < t->peer_count; i++)
		if (!take_end(&t->peers[i], json_array_get(peers, i)))
			return report_config(t, "a peer needs a node (letters, digits, - and _) "
				"and a tier: enterprise, province or state");
	return json_is_array(peers) || report_config(t, "\"peers\" must be an array");
}

/* Relative to the node's folder. */
static char *config_path(const struct tier *t, const char *key)
{
	const char *path = json_string_value(json_object_get(t->config, key));

	if (!path) {
		report_error("%s/tier.json: \"%s\" must be a path", t->folder, key);
		return NULL;
	}
	return path[0] == '/' ? mem_string(path) : tier_path(t, path, "", "");
}

static bool load_keys(struct tier *t)
{
	char *key = config_path(t, "key"), *trust = config_path(t, "trust");
	bool ok = key && trust && sign_key_load(&t->key, key) && sign_ring_load(&t->trust, trust);

	if (ok && strcmp(t->key.name, t->self.node) != 0) {
		report_error("%s: the key of %s, but the node is %s", key, t->key.name,
			t->self.node);
		ok = false;
	}
	free(key);
	free(trust);
	return ok;
}

static bool parse(struct tier *t, const struct text *text)
{
	t->config = canonical_read((struct bytes){ (const uint8_t *)text->at, text->len });
	if (!t->config)
		return report_config(t, "not a JSON object, or a key stands twice");
	if (!take_word(t->config, "schema", TIER_SCHEMA))
		return report_config(t, "\"schema\" must be \"" TIER_SCHEMA "\"");
	if (!take_end(&t->self, t->config))
		return report_config(t, "it needs a node (letters, digits, - and _) and a tier: "
			"enterprise, province or state");
	if (json_object_get(t->config, "exercise") &&
		!take_bool(&t->is_exercise, t->config, "exercise"))
		return report_config(t, "\"exercise\" must be true or false");
	return take_peers(t) && load_keys(t);
}

static bool load(struct tier *t)
{
	char *path = tier_path(t, "tier.json", "", "");
	struct text text = { 0 };
	bool ok = disk_read(&text, path, CONFIG_SIZE, false) && parse(t, &text);

	text_fini(&text);
	free(path);
	return ok;
}

static bool make_folder(const struct tier *t, const char *name)
{
	char *path = tier_path(t, name, "", "");
	bool ok = disk_make_folder(path, 0750);

	free(path);
	return ok;
}

static bool open_lock(struct tier *t)
{
	char *path = tier_path(t, "lock", "", "");

	t->lock = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	if (t->lock < 0)
		report_error("%s: %s", path, strerror(errno));
	free(path);
	return t->lock >= 0;
}

bool tier_open(struct tier *t, const char *folder)
{
	*t = (struct tier){ .folder = mem_string(folder), .lock = -1 };
	return load(t) && make_folder(t, "in") && make_folder(t, "notices") && open_lock(t);
}

void tier_close(struct tier *t)
{
	if (t->lock >= 0)
		close(t->lock);
	sign_key_wipe(&t->key);
	sign_ring_free(&t->trust);
	json_decref(t->config);
	free(t->peers);
	free(t->folder);
}

const struct envelope_end *tier_peer(const struct tier *t, const char *node)
{
	for (unsigned i = 0; i < t->peer_count; i++)
		if (strcmp(t->peers[i].node, node) == 0)
			return &t->peers[i];
	return NULL;
}

static int height(const char *tier)
{
	return strcmp(tier, "state") == 0 ? 2 : strcmp(tier, "province") == 0;
}

static const struct envelope_end *named_upper(const struct tier *t, const char *name)
{
	const struct envelope_end *upper = tier_peer(t, name);

	if (!upper)
		report_error("%s/tier.json: \"upper\" is %s, which is no peer", t->folder, name);
	return upper;
}

/* One of the next tier comes before one of the tier after that. */
const struct envelope_end *tier_find_upper(const struct tier *t, unsigned *count)
{
	const struct envelope_end *upper = NULL;

	*count = 0;
	for (int step = 1; step <= 2 && *count == 0; step++)
		for (unsigned i = 0; i < t->peer_count; i++)
			if (height(t->peers[i].tier) == height(t->self.tier) + step) {
				upper = &t->peers[i];
				++*count;
			}
	return *count == 1 ? upper : NULL;
}

const struct envelope_end *tier_upper(const struct tier *t)
{
	const char *name = json_string_value(json_object_get(t->config, "upper"));
	unsigned count;

	if (name)
		return named_upper(t, name);
	const struct envelope_end *upper = tier_find_upper(t, &count);
	if (!upper)
		report_error("%s/tier.json: %s", t->folder, count ?
			"several peers are of the tier above; name one as \"upper\"" :
			"no peer is of the tier above");
	return upper;
}

bool tier_check(const char *folder)
{
	struct tier t = { .folder = mem_string(folder), .lock = -1 };
	bool ok = load(&t) && tier_upper(&t);

	tier_close(&t);
	return ok;
}

/* ---- work ---- */

static struct trail *open_trail(const struct tier *t)
{
	char *path = tier_path(t, "audit.ndjson", "", "");
	char *log = mem_printf("audit-%s", t->self.node);
	struct trail *trail = trail_open(path, log);

	free(path);
	free(log);
	return trail;
}

bool tier_begin(struct tier_work *w, struct tier *t)
{
	char *path = tier_path(t, "out", "", "");

	*w = (struct tier_work){ .t = t };
	while (flock(t->lock, LOCK_EX) != 0)
		if (errno != EINTR) {
			report_error("%s/lock: %s", t->folder, strerror(errno));
			free(path);
			return false;
		}
	bool ok = outbox_open(&w->out, path) && (w->trail = open_trail(t)) != NULL;
	free(path);
	if (!ok)
		tier_end(w);
	return ok;
}

void tier_end(struct tier_work *w)
{
	trail_close(w->trail);
	flock(w->t->lock, LOCK_UN);
}

bool tier_note(struct tier_work *w, uint64_t now_ns, const char *by, const char *action,
	json_t *object)
{
	json_t *actor = json_pack("{ss ss ss}", "id", by ? by : "ironspan", "auth",
		by ? "local" : "program", "from", w->t->self.node);

	return trail_add(w->trail, now_ns, actor, action, object) && trail_sync(w->trail);
}
