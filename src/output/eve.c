/* The encoder itself, and the events of protocols. */
#include <stdlib.h>

#include "base/memory.h"
#include "dissect/fields.h"
#include "output/eve_event.h"

enum { NAME_MAX_LEN = 256 }; /* of the sensor and the site */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void put_name(struct text *out, const char *name)
{
	text_json(out,
		(struct bytes){ (const uint8_t *)name, strnlen(name, NAME_MAX_LEN) });
}

static void spell_sensor(const struct eve_config *c, struct text *out)
{
	text_clear(out);
	text_lit(out, ",\"sensor\":{\"id\":");
	put_name(out, c->sensor_id ? c->sensor_id : "");
	text_lit(out, ",\"version\":");
	put_name(out, c->version ? c->version : "");
	if (c->ruleset_sha256) {
		text_lit(out, ",\"ruleset_sha256\":");
		put_name(out, c->ruleset_sha256);
	}
	text_char(out, '}');
	if (c->site) {
		text_lit(out, ",\"site\":");
		put_name(out, c->site);
	}
	text_str(out, c->is_live ? ",\"origin\":\"live\"" : ",\"origin\":\"replay\"");
}

static void spell_names(struct text *texts, unsigned count, const char *key,
	const struct name *names)
{
	for (unsigned i = 0; i < count; i++) {
		const char *name = name_of(names, i);
		text_str(&texts[i], key);
		text_json_str(&texts[i], name ? name : "none");
	}
}

struct eve *eve_new(const struct eve_config *config, const struct ruleset *rules)
{
	struct eve *e = mem_new(sizeof(*e));
	e->config = *config;
	e->rules = rules;
	e->second = UINT64_MAX;
	spell_sensor(config, &e->sensor);
	spell_names(e->verbs, COUNT(e->verbs), "{\"verb\":", verb_names);
	spell_names(e->outcomes, COUNT(e->outcomes), ",\"outcome\":", outcome_names);
	return e;
}

static void forget_rules(struct eve *e)
{
	for (unsigned i = 0; i < e->rule_count; i++)
		rule_text_fini(&e->rule_texts[i]);
	free(e->rule_texts);
	e->rule_texts = NULL;
	e->rule_count = 0;
}

void eve_swap(struct eve *e, const struct ruleset *rules)
{
	forget_rules(e);
	e->rules = rules;
	e->config.ruleset_sha256 = ruleset_sha256(rules);
	spell_sensor(&e->config, &e->sensor);
}

static void protocol_fini(struct protocol_text *p)
{
	tape_plan_free(p->plan);
	text_fini(&p->app[0]);
	text_fini(&p->app[1]);
	text_fini(&p->body);
	text_fini(&p->key);
}

void eve_free(struct eve *e)
{
	if (!e)
		return;
	for (unsigned i = 0; i < e->protocol_count; i++)
		protocol_fini(&e->protocols[i]);
	for (unsigned i = 0; i < e->iface_count; i++)
		text_fini(&e->ifaces[i]);
	forget_rules(e);
	for (unsigned i = 0; i < COUNT(e->verbs); i++)
		text_fini(&e->verbs[i]);
	for (unsigned i = 0; i < COUNT(e->outcomes); i++)
		text_fini(&e->outcomes[i]);
	for (unsigned i = 0; i < OBJECTS; i++)
		text_fini(&e->objects[i].text);
	text_fini(&e->unit);
	text_fini(&e->unit_text);
	text_fini(&e->sensor);
	text_fini(&e->why);
	text_fini(&e->spare.header);
	poll_texts_free(e->polls);
	message_fini(&e->expanded[0]);
	message_fini(&e->expanded[1]);
	free(e->protocols);
	free(e->ifaces);
	free(e);
}

static void spell_protocol(struct protocol_text *p, const struct dissector *d)
{
	*p = (struct protocol_text){ .dissector = d };
	for (unsigned i = 0; i < 2; i++) {
		struct text *app = &p->app[i];
		if (d) {
			text_lit(app, ",\"app_proto\":");
			text_json_str(app, d->name);
		}
		text_str(app, i ? ",\"direction\":\"to_server\""
			: ",\"direction\":\"to_client\"");
	}
	if (!d)
		return;
	p->plan = tape_plan_new(d);
	text_char(&p->body, ',');
	text_json_str(&p->body, d->name);
	text_char(&p->body, ':');
	text_put(&p->key, p->body.at, p->body.len);
	text_lit(&p->body, "{\"id\":");
	text_room(&p->body, 0); /* what a piece needs behind it */
}

const struct protocol_text *eve_protocol_new(struct eve *e, const struct dissector *d)
{
	unsigned count = ++e->protocol_count;
	e->protocols = mem_resize(e->protocols, count * sizeof(*e->protocols));
	spell_protocol(&e->protocols[count - 1], d);
	return &e->protocols[count - 1];
}

/* ---- what `ot` has of every event ---- */

void eve_sensor(const struct eve *e, struct text *out)
{
	text_put(out, e->sensor.at, e->sensor.len);
}

uint64_t name_hash(const char *name)
{
	return hash_fast(name, strlen(name), 0);
}

/* RFC 9562's layout for names, version 5, over another hash. */
void eve_uid(const struct eve *e, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
	struct text *out)
{
	uint64_t key[] = { name_hash(e->config.sensor_id ? e->config.sensor_id : ""), a,
		b, c, d };
	uint64_t hash[2] = { hash_fast(key, sizeof(key), 1),
		hash_fast(key, sizeof(key), 2) };
	uint8_t uid[16];
	static const struct { uint8_t at, len; } parts[] =
		{ { 0, 4 }, { 4, 2 }, { 6, 2 }, { 8, 2 }, { 10, 6 } };
	memcpy(uid, hash, sizeof(uid));
	uid[6] = (uint8_t)((uid[6] & 0x0f) | 0x50);
	uid[8] = (uint8_t)((uid[8] & 0x3f) | 0x80);
	text_lit(out, "\"uid\":\"");
	for (unsigned i = 0; i < 5; i++) {
		if (i)
			text_char(out, '-');
		text_hex(out, (struct bytes){ uid + parts[i].at, parts[i].len });
	}
	text_char(out, '"');
}

/* ---- a protocol's event ---- */

void eve_transaction(struct eve *e, const struct transaction *t, struct text *out)
{
	struct eve_event v;
	struct transaction whole;
	bool is_whole = true;
	t = transaction_expanded(t, &whole, e->expanded);
	event_of_transaction(e, &v, t->dissector->name, t, !t->request);
	event_begin(e, &v, out);
	tape_mark(e->marks, (struct tape_mark){ .kind = MARK_BODY, .at = out->len });
	if (t->dissector->is_flat)
		eve_half(e, t, out);
	else
		eve_halves(e, t, TAPE_UNLIMITED, out);
	text_lit(out, ",\"ot\":{");
	eve_operations(e, t, transaction_operation(t), TAPE_UNLIMITED, out, &is_whole);
	if (t->operation_count)
		text_char(out, ',');
	size_t packets = out->len;
	eve_packets(t, out);
	tape_mark(e->marks, (struct tape_mark){ .kind = MARK_PACKETS, .at = packets,
		.len = out->len - packets });
	eve_user(t->operation_count ? t->flow : NULL, out);
	eve_doubts(t, out);
	text_char(out, '}');
	event_end(out);
}
