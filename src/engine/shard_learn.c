#include "engine/shard_state.h"

/* ---- what was told already ---- */

bool shard_is_told(struct shard *s, uint64_t what)
{
	struct told *t = &s->told[what % SHARD_TOLD];
	if (t->what == what && s->now_ns < t->time_ns + SHARD_AGAIN_NS) {
		if (s->silent_until_ns > t->time_ns + SHARD_AGAIN_NS)
			s->silent_until_ns = t->time_ns + SHARD_AGAIN_NS;
		return true;
	}
	*t = (struct told){ what, s->now_ns };
	return false;
}

/* ---- points and devices ---- */

uint64_t shard_hash_name(const char *name)
{
	return name ? hash_fast(name, strlen(name), 0) : 0;
}

static bool has_point(const struct operation *op)
{
	return op->has_point || op->point_text.len;
}

/* Objects are few, and their names static. */
static uint64_t object_hash(struct shard *s, const char *object)
{
	unsigned i = (uintptr_t)object / 4 % SHARD_OBJECTS;
	if (s->objects[i].name != object) {
		s->objects[i].name = object;
		s->objects[i].hash = shard_hash_name(object);
	}
	return s->objects[i].hash;
}

/* Operations that follow one another are mostly of one unit. */
static uint64_t unit_hash(struct shard *s, struct bytes unit)
{
	if (unit.len > SHARD_UNIT_MAX)
		return hash_fast(unit.at, unit.len, 0);
	if (unit.len != s->unit.len || memcmp(unit.at, s->unit.text, unit.len) != 0) {
		memcpy(s->unit.text, unit.at, unit.len);
		s->unit.len = unit.len;
		s->unit.hash = hash_fast(unit.at, unit.len, 0);
	}
	return s->unit.hash;
}

static uint64_t hash_object(struct shard *s, const struct operation *op)
{
	uint64_t object = op->object ? object_hash(s, op->object) : 0;
	return op->unit_text.len ? hash_mix(object, unit_hash(s, op->unit_text)) : object;
}

/* Operations that follow one another are mostly about the same kind of points. Those that have
 * texts for addresses are places of their own. */
uint64_t shard_place_of(struct shard *s, const struct transaction *t, const struct operation *op)
{
	const struct flow_end *server = &t->flow->end[!t->client];
	struct place key = { server->address, hash_object(s, op), op->unit, server->port };
	if (memcmp(&key, &s->place, sizeof(key)) != 0) {
		s->place = key;
		s->place_hash = hash_fast(&key, sizeof(key), s->secret);
	}
	uint64_t place = hash_mix(s->place_hash, op->value.type);
	return op->point_text.len ? hash_fast(op->point_text.at, op->point_text.len, place) : place;
}

/* Most values are one number. */
static uint64_t hash_values(const struct shard *s, struct bytes values)
{
	uint64_t word = 0;
	if (values.len == sizeof(word))
		memcpy(&word, values.at, sizeof(word));
	else if (values.len == 2)
		word = (uint64_t)values.len << 32 | be16_at(values.at);
	else if (values.len == 1)
		word = (uint64_t)values.len << 32 | values.at[0];
	else
		return hash_fast(values.at, values.len, s->writes ^ s->secret);
	return hash_mix(word ^ s->secret, s->writes ^ s->secret);
}

static struct point *add_point(struct shard *s, uint64_t place, struct bytes values,
	int32_t *index)
{
	struct out *o = s->tools->out;
	struct point *p = out_point(o, index);
	*p = (struct point){ .place = place, .values_at = (uint32_t)o->values.len,
		.values_len = (uint32_t)values.len };
	text_put(&o->values, values.at, values.len);
	return p;
}

int32_t shard_point_of(struct shard *s, const struct operation *op, uint64_t place)
{
	int32_t index = -1;
	if (!has_point(op) || op->value.type == VALUE_NONE || op->value.type == VALUE_TEXT)
		return -1;
	struct point *p = add_point(s, place, op->value.bytes, &index);
	p->is_named = op->point_text.len > 0;
	p->address = p->is_named ? 0 : op->address;
	p->count = op->count ? op->count : 1;
	p->type = (uint8_t)op->value.type;
	p->forgets = op->value.count == 0;
	return index;
}

/* Points that one packet tells of, one behind the other, are one record. */
static void tell_point(struct shard *s, int32_t point)
{
	const struct out *o = s->tools->out;
	struct record *last = o->record_count ? &o->records[o->record_count - 1] : NULL;
	if (last && last->kind == RECORD_POINT && last->number == s->number &&
		last->order == s->order && last->point + (int32_t)last->detail + 1 == point)
		last->detail++;
	else
		shard_record(s, RECORD_POINT)->point = point;
}

static uint64_t range_of(const struct operation *op, uint64_t place)
{
	return hash_mix(hash_mix(place, op->address), op->count);
}

static struct poll *poll_of(struct shard *s, uint64_t range)
{
	return &s->polls[range % SHARD_TOLD];
}

/* A poll that brings what it brought a moment ago, with nothing written since, is not told. */
static bool is_old_news(struct shard *s, struct bytes values, uint64_t range)
{
	uint64_t value = hash_values(s, values);
	struct poll *p = poll_of(s, range);
	if (p->range == range && p->value == value && s->now_ns < p->time_ns + SHARD_AGAIN_NS)
		return true;
	*p = (struct poll){ range, value, s->now_ns };
	return false;
}

/* What an accepted operation tells of values, and where the shard has noted its range. */
struct news {
	const struct operation *op;
	uint64_t place, range;
};

static bool is_news(const struct operation *op)
{
	return op->outcome == OUTCOME_ACCEPTED && !op->is_measured && has_point(op) &&
		(shard_is_change(op) || op->verb == VERB_READ) && op->value.type != VALUE_NONE;
}

/* `point` is the operation's, or -1. */
static void learn(struct shard *s, const struct news *n, int32_t point)
{
	if (shard_is_change(n->op))
		s->writes++;
	else if (is_old_news(s, n->op->value.bytes, n->range))
		return;
	if (point < 0)
		point = shard_point_of(s, n->op, n->place);
	if (point >= 0)
		tell_point(s, point);
}

/* A few at a time: what is noted of all of them is fetched before the first is looked at. */
void shard_learn(struct shard *s, const struct transaction *t, const struct operation *shown,
	int32_t point)
{
	enum { TOGETHER = 16 };
	struct news news[TOGETHER];
	unsigned at = 0;
	while (at < t->operation_count) {
		unsigned count = 0;
		for (; at < t->operation_count && count < TOGETHER; at++) {
			const struct operation *op = &t->operations[at];
			if (!is_news(op))
				continue;
			uint64_t place = shard_place_of(s, t, op), range = range_of(op, place);
			__builtin_prefetch(poll_of(s, range), 1);
			news[count++] = (struct news){ op, place, range };
		}
		for (unsigned i = 0; i < count; i++)
			learn(s, &news[i], news[i].op == shown ? point : -1);
	}
}

static struct repeat_memo memo_of(struct shard *s, const struct transaction *t,
	const struct operation *op)
{
	struct repeat_memo memo = { .address = op->point_text.len ? 0 : op->address,
		.count = op->count ? op->count : 1, .type = (uint8_t)op->value.type,
		.is_named = op->point_text.len > 0 };
	if (has_point(op) && op->value.type != VALUE_TEXT && op->value.type != VALUE_NONE)
		memo.place = shard_place_of(s, t, op);
	memo.range = range_of(op, memo.place);
	return memo;
}

void shard_remember(struct shard *s, const struct transaction *t, struct repeat_memo *memos)
{
	for (unsigned i = 0; i < t->operation_count; i++)
		memos[i] = memo_of(s, t, &t->operations[i]);
}

static void learn_again(struct shard *s, const struct repeat_memo *memo, struct bytes values)
{
	int32_t index;
	if (!memo->place || is_old_news(s, values, memo->range))
		return;
	struct point *p = add_point(s, memo->place, values, &index);
	p->address = memo->address;
	p->count = memo->count;
	p->type = memo->type;
	p->is_named = memo->is_named;
	tell_point(s, index);
}

void shard_learn_repeated(struct shard *s, const struct repeat_news *news)
{
	for (unsigned i = 1; i < news->count; i++)
		__builtin_prefetch(poll_of(s, news->memos[i].range), 1);
	for (unsigned i = 0; i < news->count; i++)
		learn_again(s, &news->memos[i], news->values[i]);
}

static void sight(struct shard *s, const struct transaction *t, bool server)
{
	const struct flow_end *end = &t->flow->end[server ? !t->client : t->client];
	struct { struct address a; uint64_t protocol, port; } key = { end->address,
		shard_hash_name(t->dissector->name), server ? end->port : 0 };
	if (shard_is_told(s, hash_fast(&key, sizeof(key), server)) && !t->identity)
		return;
	struct record *r = shard_record(s, RECORD_ASSET);
	struct sighting *g = out_sighting(s->tools->out, &r->detail);
	const struct origin *o = transaction_origin(t);
	*g = (struct sighting){ .asset = { .address = end->address,
		.role = server ? "server" : "client", .protocol = t->dissector->name,
		.port = server ? end->port : 0, .time_ns = o->time_ns, .number = o->number } };
	const uint8_t *mac = (t->response != NULL) == server ? o->src_mac : o->dst_mac;
	g->asset.has_mac = o->has_macs;
	memcpy(g->asset.mac, mac, sizeof(g->asset.mac));
	for (unsigned i = 0; server && t->identity && i < IDENTITY_COUNT; i++) {
		g->asset.identity[i].len = t->identity[i].len;
		g->identity_at[i] = (uint32_t)s->tools->out->values.len;
		text_put(&s->tools->out->values, t->identity[i].at, t->identity[i].len);
	}
}

/* The ends of a flow are reported once, and a server whenever it says what it is. */
void shard_sight_ends(struct shard *s, const struct transaction *t)
{
	if (!t->flow->is_sighted || t->identity)
		sight(s, t, true);
	if (!t->flow->is_sighted && t->request)
		sight(s, t, false);
	t->flow->is_sighted |= t->request != NULL;
}
