#include "engine/shard_state.h"

/* ---- what was told already ---- */

/* Shards do so at different times. */
static void begin_second(struct shard *s)
{
	const uint64_t phase = s->index * SHARD_AGAIN_NS / SHARDS;
	memset(s->told, 0, sizeof(s->told));
	s->told_until_ns = s->now_ns + SHARD_AGAIN_NS - (s->now_ns + phase) % SHARD_AGAIN_NS;
}

bool shard_is_told(struct shard *s, uint64_t what)
{
	struct told *t = &s->told[what % SHARD_TOLD];
	if (s->now_ns >= s->told_until_ns)
		begin_second(s);
	if (s->silent_until_ns > s->told_until_ns)
		s->silent_until_ns = s->told_until_ns;
	for (unsigned i = 0; i < TOLD_TOGETHER; i++)
		if (t->what[i] == what)
			return true;
	memmove(t->what + 1, t->what, (TOLD_TOGETHER - 1) * sizeof(*t->what));
	t->what[0] = what;
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
	bool has_unit = op->unit_text.len && !op->is_unit_said;
	return has_unit ? hash_mix(object, unit_hash(s, op->unit_text)) : object;
}

/* Which end of the flow is the device. */
static unsigned device_of(const struct transaction *t)
{
	return t->request && t->request->from_device ? t->client : !t->client;
}

/* Of a device that opened the connection it is another one each time. */
static uint16_t port_of(const struct transaction *t, unsigned device)
{
	const struct flow *f = t->flow;
	bool has_called = f->client_known == CLIENT_BY_SYN && f->client == device;
	return has_called ? 0 : f->end[device].port;
}

/* One number may be told as an integer and as a real. */
static enum value_type kind_of(enum value_type type)
{
	return type == VALUE_INT || type == VALUE_REAL ? VALUE_UINT : type;
}

/* Operations that follow one another are mostly about the same kind of points. Those that have
 * texts for addresses are places of their own. */
uint64_t shard_place_of(struct shard *s, const struct transaction *t, const struct operation *op)
{
	unsigned device = device_of(t);
	struct place key = { t->flow->end[device].address, hash_object(s, op), op->unit,
		port_of(t, device) };
	if (memcmp(&key, &s->place, sizeof(key)) != 0) {
		s->place = key;
		s->place_hash = hash_fast(&key, sizeof(key), s->secret);
	}
	uint64_t place = hash_mix(s->place_hash, kind_of(op->value.type));
	return op->point_text.len ? hash_fast(op->point_text.at, op->point_text.len, place) : place;
}

static bool is_kept(const struct operation *op)
{
	return op->memory_bits > 0 || (has_point(op) && op->value.type != VALUE_NONE &&
		op->value.type != VALUE_TEXT);
}

/* Where what is known of it is kept. Memory has no types, nor names for its places. */
static uint64_t kept_place_of(struct shard *s, const struct transaction *t,
	const struct operation *op)
{
	enum { MEMORY = 0x6d656d };
	uint64_t place = shard_place_of(s, t, op);
	return op->memory_bits ? hash_mix(s->place_hash, MEMORY) : place;
}

static struct point point_of(const struct operation *op, uint64_t place)
{
	if (op->memory_bits)
		return (struct point){ .place = place, .address = op->memory_at,
			.count = op->memory_bits, .type = VALUE_BITS, .is_memory = true,
			.forgets = op->memory.len == 0 };
	bool is_named = op->point_text.len > 0, is_counted = op->extent == EXTENT_COUNTED;
	uint32_t count = is_counted ? op->count : op->value.count;
	return (struct point){ .place = place, .address = is_named ? 0 : op->address,
		.count = count ? count : 1, .type = (uint8_t)op->value.type,
		.is_named = is_named, .is_whole = !is_counted,
		.forgets = op->value.count == 0 || op->extent == EXTENT_PART };
}

/* Bytes of a memory as what the operation says that its own are. */
static struct values read_memory(struct shard *s, const struct operation *op, struct bytes memory)
{
	struct values v = { op->value.type, op->value.count, memory };
	size_t width = v.count ? memory.len / v.count : 0;
	bool is_number = v.type == VALUE_UINT || v.type == VALUE_INT || v.type == VALUE_REAL;
	if (!is_number)
		return v;
	if ((width != 1 && width != 2 && width != 4) || v.count > SHARD_NUMBERS)
		return (struct values){ VALUE_NONE, 0, { NULL, 0 } };
	for (uint32_t i = 0; i < v.count; i++) {
		const uint8_t *at = memory.at + i * width;
		uint32_t bits = width == 1 ? at[0] : width == 2 ? be16_at(at) : be32_at(at);
		unsigned unused = 32 - 8 * (unsigned)width;
		float real;
		memcpy(&real, &bits, sizeof(real));
		double wide = real;
		s->numbers[i] = v.type == VALUE_INT
			? (uint64_t)(int64_t)((int32_t)(bits << unused) >> unused) : bits;
		if (v.type == VALUE_REAL)
			memcpy(&s->numbers[i], &wide, sizeof(wide));
	}
	v.bytes = (struct bytes){ (const uint8_t *)s->numbers, v.count * sizeof(s->numbers[0]) };
	return v;
}

/* What the memory held, if what it holds now reads as the operation has it. */
static struct values memory_before(struct shard *s, const struct transaction *t,
	const struct operation *op)
{
	struct values none = { VALUE_NONE, 0, { NULL, 0 } }, v;
	struct point point = point_of(op, kept_place_of(s, t, op));
	struct values now = read_memory(s, op, op->memory);
	if (!op->memory.len || now.type == VALUE_NONE || now.bytes.len != op->value.bytes.len ||
		memcmp(now.bytes.at, op->value.bytes.at, now.bytes.len) != 0 ||
		!points_find(s->points, &point, &v))
		return none;
	return read_memory(s, op, v.bytes);
}

static struct values value_before(struct shard *s, const struct transaction *t,
	const struct operation *op)
{
	struct values v = { VALUE_NONE, 0, { NULL, 0 } };
	if (op->memory_bits)
		return memory_before(s, t, op);
	struct operation state = *op;
	if (op->verb == VERB_CONTROL && op->value.type == VALUE_TEXT)
		state.value.type = VALUE_BITS; /* a command's name: what it is for is on or off */
	if (is_kept(&state) && op->extent != EXTENT_PART) {
		struct point point = point_of(&state, shard_place_of(s, t, &state));
		points_find(s->points, &point, &v);
	}
	return v;
}

/* What is behind the last bit of a byte does not count. */
static bool same_bits(const uint8_t *a, const uint8_t *b, uint32_t count)
{
	uint32_t whole = count / 8, rest = count % 8;
	return memcmp(a, b, whole) == 0 &&
		(rest == 0 || ((a[whole] ^ b[whole]) & ((1u << rest) - 1)) == 0);
}

static enum before before_of(const struct values *now, const struct values *then)
{
	bool is_bits = now->type == VALUE_BITS;
	if (now->type == VALUE_NONE || now->count == 0 || now->type != then->type ||
		now->count != then->count || now->bytes.len != then->bytes.len ||
		(is_bits && now->bytes.len < (now->count + 7) / 8))
		return BEFORE_UNKNOWN;
	bool same = is_bits ? same_bits(now->bytes.at, then->bytes.at, now->count)
		: memcmp(now->bytes.at, then->bytes.at, now->bytes.len) == 0;
	return same ? BEFORE_SAME : BEFORE_OTHER;
}

void shard_look_back(struct shard *s, struct transaction *t)
{
	t->values_prev = NULL;
	for (unsigned i = 0; i < t->operation_count; i++) {
		struct operation *op = &t->operations[i];
		if (!operation_is_change(op))
			continue;
		struct values v = value_before(s, t, op);
		op->before = (uint8_t)before_of(&op->value, &v);
		if (v.type == VALUE_NONE)
			continue;
		if (!t->values_prev)
			memset(s->values_prev, 0, t->operation_count * sizeof(*s->values_prev));
		t->values_prev = s->values_prev;
		if (v.bytes.len && t->operation_count > 1)
			v.bytes.at = arena_copy(&s->tools->out->arena, v.bytes.at, v.bytes.len);
		s->values_prev[i] = v;
	}
}

/* A value with its point. A few at a time: what is kept of all of them is fetched before the
 * first is looked at. */
enum { TOGETHER = 16 };
struct news {
	struct point point;
	struct bytes values;
};

static void learn(struct shard *s, const struct news *news, unsigned count)
{
	for (unsigned step = 0; step < 2 && count > 1; step++)
		for (unsigned i = 0; i < count; i++)
			points_prefetch(s->points, &news[i].point, NULL, step);
	for (unsigned i = 0; i < count; i++)
		points_learn(s->points, &news[i].point, news[i].values, NULL);
}

static bool is_news(const struct operation *op)
{
	return op->outcome == OUTCOME_ACCEPTED && !op->is_measured && is_kept(op) &&
		(operation_is_change(op) || (op->verb == VERB_READ && op->extent != EXTENT_PART));
}

/* Some objects have values of one kind only. */
static bool has_other_kinds(const struct operation *op)
{
	return op->point_text.len || (op->value.type != VALUE_U16 && op->value.type != VALUE_BITS);
}

/* What was written no longer holds: of other kinds never, of its own where nobody will say
 * whether the new value was taken. */
static void forget_old(struct shard *s, const struct transaction *t, const struct operation *op)
{
	static const enum value_type kinds[] = { VALUE_BITS, VALUE_U16, VALUE_UINT };
	bool is_sure = op->outcome == OUTCOME_ACCEPTED;
	if (!operation_is_change(op) || !has_point(op) || op->memory_bits ||
		(is_sure ? !has_other_kinds(op) : op->outcome != OUTCOME_NONE))
		return;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct operation other = *op;
		if (kinds[i] == kind_of(op->value.type) && is_sure)
			continue;
		other.value.type = kinds[i];
		struct point point = point_of(&other, shard_place_of(s, t, &other));
		point.forgets = true;
		points_learn(s->points, &point, (struct bytes){ NULL, 0 }, NULL);
	}
}

void shard_learn(struct shard *s, const struct transaction *t)
{
	struct news news[TOGETHER];
	unsigned count = 0;
	for (unsigned i = 0; i < t->operation_count; i++) {
		const struct operation *op = &t->operations[i];
		forget_old(s, t, op);
		if (is_news(op))
			news[count++] = (struct news){ point_of(op, kept_place_of(s, t, op)),
				op->memory_bits ? op->memory : op->value.bytes };
		if (count == TOGETHER || i + 1 == t->operation_count) {
			learn(s, news, count);
			count = 0;
		}
	}
}

/* What is noted of an operation of a poll that is known by its bytes. */
struct memo {
	struct point point; /* its place is 0: nothing is kept */
	struct point_place place;
};
static_assert(sizeof(struct memo) <= sizeof(struct repeat_memo), "it has room");

static struct memo *memo_of(struct repeat_memo *memos, unsigned i)
{
	return (struct memo *)memos[i].room;
}

void shard_remember(struct shard *s, const struct transaction *t, struct repeat_memo *memos)
{
	for (unsigned i = 0; i < t->operation_count; i++) {
		const struct operation *op = &t->operations[i];
		*memo_of(memos, i) = (struct memo){
			.point = point_of(op, is_kept(op) ? kept_place_of(s, t, op) : 0) };
	}
}

void shard_learn_repeated(struct shard *s, const struct repeat_news *news)
{
	bool goes_on = news->count > 1;
	for (unsigned step = 0; goes_on; step++) {
		goes_on = false;
		for (unsigned i = 0; i < news->count; i++) {
			struct memo *m = memo_of(news->memos, i);
			goes_on |= points_prefetch(s->points, &m->point, &m->place, step);
		}
	}
	for (unsigned i = 0; i < news->count; i++) {
		struct memo *m = memo_of(news->memos, i);
		if (m->point.place)
			points_learn(s->points, &m->point,
				m->point.is_memory ? news->said[i] : news->values[i], &m->place);
	}
}

static void sight(struct shard *s, const struct transaction *t, bool server)
{
	const struct flow_end *end = &t->flow->end[server ? device_of(t) : !device_of(t)];
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
	bool is_from_server = (t->response != NULL) == (device_of(t) != t->client);
	const uint8_t *mac = is_from_server == server ? o->src_mac : o->dst_mac;
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
