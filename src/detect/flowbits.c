/* Bits that rules set on a flow for other rules to ask for.
 *
 * In one evaluation rules that ask for nothing come first, then those that ask and set, then
 * those that only ask: so that what one sets, the next finds, in whatever order they stand
 * in the files. */
#include "detect/runtime.h"

static uint64_t *bits_of(struct detector *d, struct flow *f)
{
	flow_headers(d, f);
	return ((struct flow_rules *)f->rules)->fits + d->set->header_words;
}

static bool is_set(const uint64_t *bits, unsigned bit)
{
	return bits[bit / 64] >> (bit % 64) & 1;
}

static bool asks(const struct flowbit *b)
{
	return flowbit_asks(b->does);
}

static bool holds(const struct flowbit *b, const uint64_t *bits)
{
	unsigned found = 0;
	for (unsigned i = 0; i < b->count; i++)
		found += is_set(bits, b->bits[i]) == (b->does == FLOWBIT_ISSET);
	return b->all ? found == b->count : found > 0;
}

static bool all_hold(const struct rule *r, const uint64_t *bits)
{
	for (unsigned i = 0; i < r->flowbit_count; i++)
		if (asks(&r->flowbits[i]) && !holds(&r->flowbits[i], bits))
			return false;
	return true;
}

static void change(const struct rule *r, uint64_t *bits)
{
	for (unsigned i = 0; i < r->flowbit_count; i++) {
		const struct flowbit *b = &r->flowbits[i];
		for (unsigned k = 0; k < b->count && !asks(b); k++) {
			uint64_t bit = (uint64_t)1 << (b->bits[k] % 64);
			uint64_t *word = &bits[b->bits[k] / 64];
			*word = b->does == FLOWBIT_SET ? *word | bit
				: b->does == FLOWBIT_UNSET ? *word & ~bit : *word ^ bit;
		}
	}
}

/* 0: asks for nothing; 1: asks and sets; 2: only asks. */
static unsigned turn_of(const struct rule *r)
{
	bool any_asks = false, any_sets = false;
	for (unsigned i = 0; i < r->flowbit_count; i++) {
		any_asks |= asks(&r->flowbits[i]);
		any_sets |= !asks(&r->flowbits[i]);
	}
	return !any_asks ? 0 : any_sets ? 1 : 2;
}

static void take_turn(struct detector *d, unsigned turn, uint64_t *bits)
{
	for (unsigned i = 0; i < d->matched_count; i++) {
		const struct check *c = d->matched[i];
		if (!c || turn_of(c->rule) != turn)
			continue;
		if (bits ? all_hold(c->rule, bits) : turn == 0) {
			if (bits)
				change(c->rule, bits);
			if (!c->rule->noalert || c->rule->xbit_count ||
				rule_drops(c->rule))
				continue;
		}
		d->matched[i] = NULL;
	}
}

void flowbits_apply(struct detector *d, struct flow *f)
{
	if (d->set->bit_words == 0)
		return;
	uint64_t *bits = f ? bits_of(d, f) : NULL;
	for (unsigned turn = 0; turn < 3; turn++)
		take_turn(d, turn, bits);
	unsigned kept = 0;
	for (unsigned i = 0; i < d->matched_count; i++)
		if (d->matched[i])
			d->matched[kept++] = d->matched[i];
	d->matched_count = kept;
}
