/* Bits and numbers that rules keep on a flow for other rules to ask for: flowbits, flowint.
 *
 * In one evaluation rules that only change something come first, then those that ask and change,
 * then those that only ask: so that what one sets, the next finds, in whatever order they stand
 * in the files. Bits come before numbers, as in Suricata. Within a rule the bits have to be as
 * it wants them; then its numbers are changed and compared one after the other, and what was
 * changed before a comparison that does not hold stays changed; then it changes bits. */
#include "detect/runtime.h"

struct marks {
	uint64_t *bits;
	uint64_t *ints; /* 0: never set; else IS_SET and 32 bits */
};

#define IS_SET ((uint64_t)1 << 32)

static struct marks marks_of(struct detector *d, struct flow *f)
{
	flow_headers(d, f);
	uint64_t *bits = ((struct flow_rules *)f->rules)->fits + d->set->header_words;
	return (struct marks){ bits, bits + d->set->bit_words };
}

/* ---- bits ---- */

static bool is_set(const uint64_t *bits, unsigned bit)
{
	return bits[bit / 64] >> (bit % 64) & 1;
}

static bool bit_holds(const struct flowbit *b, const uint64_t *bits)
{
	unsigned found = 0;
	for (unsigned i = 0; i < b->count; i++)
		found += is_set(bits, b->bits[i]) == (b->does == FLOWBIT_ISSET);
	return b->all ? found == b->count : found > 0;
}

static bool bits_hold(const struct rule *r, const uint64_t *bits)
{
	for (unsigned i = 0; i < r->flowbit_count; i++)
		if (flowbit_asks(r->flowbits[i].does) && !bit_holds(&r->flowbits[i], bits))
			return false;
	return true;
}

static void bit_change(const struct flowbit *b, uint64_t *bits)
{
	for (unsigned k = 0; k < b->count; k++) {
		uint64_t bit = (uint64_t)1 << (b->bits[k] % 64);
		uint64_t *word = &bits[b->bits[k] / 64];
		*word = b->does == FLOWBIT_SET ? *word | bit
			: b->does == FLOWBIT_UNSET ? *word & ~bit : *word ^ bit;
	}
}

static bool bits_change(const struct rule *r, uint64_t *bits)
{
	bool did = false;
	for (unsigned i = 0; i < r->flowbit_count; i++) {
		if (flowbit_asks(r->flowbits[i].does))
			continue;
		bit_change(&r->flowbits[i], bits);
		did = true;
	}
	return did;
}

/* ---- numbers ---- */

static bool int_compares(enum flowint_does does, uint32_t a, uint32_t b)
{
	switch (does) {
	case FLOWINT_EQUAL:
		return a == b;
	case FLOWINT_DIFFERS:
		return a != b;
	case FLOWINT_LESS:
		return a < b;
	case FLOWINT_AT_MOST:
		return a <= b;
	case FLOWINT_MORE:
		return a > b;
	default:
		return a >= b;
	}
}

/* What was never set cannot be compared or made less; as an operand it is 0. */
static bool int_holds(const struct flowint *f, uint64_t *ints, bool *did)
{
	uint64_t *own = &ints[f->name];
	uint32_t other = f->other ? (uint32_t)ints[f->other - 1] : f->value, now = (uint32_t)*own;
	if (f->does == FLOWINT_ISSET || f->does == FLOWINT_ISNOTSET)
		return (*own != 0) == (f->does == FLOWINT_ISSET);
	if (*own == 0 && f->does != FLOWINT_SET && f->does != FLOWINT_ADD)
		return false;
	if (flowint_asks(f->does))
		return int_compares(f->does, now, other);
	uint32_t next = f->does == FLOWINT_SET ? other
		: f->does == FLOWINT_ADD ? now + other : now - other;
	*own = IS_SET | next;
	*did = true;
	return true;
}

static bool ints_hold(const struct rule *r, uint64_t *ints, bool *did)
{
	for (unsigned i = 0; i < r->flowint_count; i++)
		if (!int_holds(&r->flowints[i], ints, did))
			return false;
	return true;
}

/* ---- rules ---- */

/* When a rule has its turn: the order of Suricata. */
enum turn { CHANGES, ASKS_AND_CHANGES, ASKS, NEITHER, TURNS };

static enum turn turn_of(bool asks, bool changes)
{
	return changes ? asks ? ASKS_AND_CHANGES : CHANGES : asks ? ASKS : NEITHER;
}

static enum turn bits_turn(const struct rule *r)
{
	bool asks = false, changes = false;
	for (unsigned i = 0; i < r->flowbit_count; i++) {
		asks |= flowbit_asks(r->flowbits[i].does);
		changes |= !flowbit_asks(r->flowbits[i].does);
	}
	return turn_of(asks, changes);
}

static enum turn ints_turn(const struct rule *r)
{
	bool asks = false, changes = false;
	for (unsigned i = 0; i < r->flowint_count; i++) {
		asks |= flowint_asks(r->flowints[i].does);
		changes |= !flowint_asks(r->flowints[i].does);
	}
	return turn_of(asks, changes);
}

/* Of all turns, bits before numbers. */
static unsigned place_of(const struct rule *r)
{
	return bits_turn(r) * TURNS + ints_turn(r);
}

static bool asks_nothing(enum turn turn)
{
	return turn == CHANGES || turn == NEITHER;
}

/* Whether the rule holds, with what it leaves behind; *did: it changed something. */
static bool marks_hold(const struct rule *r, struct marks *m, bool *did)
{
	if (!bits_hold(r, m->bits) || !ints_hold(r, m->ints, did))
		return false;
	*did |= bits_change(r, m->bits);
	return true;
}

static bool is_told(const struct rule *r)
{
	return !r->noalert || r->xbit_count || r->action == ACTION_PASS || rule_drops(r);
}

static void take_turn(struct detector *d, unsigned turn, struct marks *m)
{
	for (unsigned i = 0; i < d->matched_count; i++) {
		const struct check *c = d->matched[i];
		bool did = false;
		if (!c || place_of(c->rule) != turn)
			continue;
		bool holds = m ? marks_hold(c->rule, m, &did)
			: asks_nothing(turn / TURNS) && asks_nothing(turn % TURNS);
		if (holds && is_told(c->rule))
			continue;
		if (did)
			d->quiet[d->quiet_count++] = c;
		d->matched[i] = NULL;
	}
}

void marks_apply(struct detector *d, struct flow *f)
{
	d->quiet_count = 0;
	if (d->set->bit_words + d->set->list->flowints.count == 0)
		return;
	struct marks m = f ? marks_of(d, f) : (struct marks){ 0 };
	unsigned turns = 0; /* that have somebody: mostly the last alone */
	for (unsigned i = 0; i < d->matched_count; i++)
		turns |= 1u << place_of(d->matched[i]->rule);
	for (; turns; turns &= turns - 1)
		take_turn(d, (unsigned)__builtin_ctz(turns), f ? &m : NULL);
	unsigned kept = 0;
	for (unsigned i = 0; i < d->matched_count; i++)
		if (d->matched[i])
			d->matched[kept++] = d->matched[i];
	d->matched_count = kept;
}
