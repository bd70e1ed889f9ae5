#include <stdlib.h>
#include <time.h>

#include "rule_trial_state.h"

enum { TOLD_MAX = 20, MISSES_TOLD = 5 };

/* ---- what is told ---- */

static void print_place(struct trial *t, const struct flow *f, unsigned from,
	const struct origin *o)
{
	char src[ADDRESS_TEXT], dst[ADDRESS_TEXT], clock[32];
	time_t seconds = (time_t)(o->time_ns / 1000000000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(clock, sizeof(clock), "%F %T", &tm);
	address_text(&f->end[from].address, src);
	address_text(&f->end[!from].address, dst);
	fprintf(t->out, "packet %llu, %s.%06u, %s:%u -> %s:%u", (unsigned long long)o->number,
		clock, (unsigned)(o->time_ns % 1000000000 / 1000), src, f->end[from].port, dst,
		f->end[!from].port);
}

static uint64_t end_value(const struct rule *r, const struct flow *f, unsigned from)
{
	const struct flow_end *src = &f->end[from], *dst = &f->end[!from];

	switch (r->filter.distinct_what) {
	case DISTINCT_SRC_IP:
		return hash_fast(&src->address, sizeof(src->address), 1);
	case DISTINCT_DST_IP:
		return hash_fast(&dst->address, sizeof(dst->address), 1);
	case DISTINCT_SRC_PORT:
		return src->port;
	default:
		return dst->port;
	}
}

/* Whether the ordered stage would let one of the match's values alert. */
static const char *held_back(struct trial *t, const struct rule *r, const struct flow *f,
	unsigned from, uint64_t time_ns, const uint64_t *values, unsigned count,
	enum order order)
{
	const struct address *src = &f->end[from].address, *dst = &f->end[!from].address;
	enum threshold_answer answer =
		rule_has_threshold(r) ? THRESHOLD_COUNTS : THRESHOLD_ALERTS;

	if (r->xbit_count && !xbits_pass(t->xbits, r, src, dst, time_ns))
		return "held back: xbits are not as it asks";
	for (unsigned i = 0; i < count && answer != THRESHOLD_ALERTS; i++)
		answer = threshold_pass(t->thresholds, r, src, dst, f->id, time_ns, values[i],
			order);
	if (answer == THRESHOLD_COUNTS)
		return "it counts; its threshold is not reached";
	return answer == THRESHOLD_ALERTS ? NULL : "held back by its threshold";
}

void trial_match(struct trial *t, const struct rule *r, const struct flow *f,
	unsigned from, const struct origin *o, const struct transaction *transaction)
{
	unsigned source = transaction ? detect_source(t->detector, r, transaction) : from;
	uint64_t values[HITS_ROOM] = { 0 };
	unsigned count = 1;

	if (r->filter.type == THRESHOLD_DISTINCT &&
		r->filter.distinct_what != DISTINCT_FIELD)
		values[0] = end_value(r, f, source);
	else if (r->filter.type == THRESHOLD_DISTINCT)
		count = transaction ? detect_distinct(t->detector, r, transaction, values,
			HITS_ROOM) : 0;
	enum order order = transaction ? transaction_order(transaction,
		detect_operation(t->detector, r, transaction)) : ORDER_NONE;
	const char *why_not = held_back(t, r, f, source, o->time_ns, values, count, order);
	if (r != t->rule)
		return;
	t->fired++;
	t->alerted += !why_not && !r->noalert;
	if (t->fired > TOLD_MAX)
		return;
	print_place(t, f, from, o);
	fprintf(t->out, ": fires%s%s\n", why_not || r->noalert ? ", " : "", why_not ? why_not :
		r->noalert ? "and makes no alert: noalert" : "");
	text_clear(&t->text);
	if (transaction)
		detect_why(t->detector, r, transaction, &t->text);
	if (t->text.len > 2)
		fprintf(t->out, "    %.*s\n", (int)t->text.len, t->text.at);
}

static struct miss *miss_of(struct trial *t, const char *reason, unsigned held)
{
	for (unsigned i = 0; i < t->miss_count; i++)
		if (t->misses[i].held == held && strcmp(t->misses[i].reason, reason) == 0)
			return &t->misses[i];
	if (t->miss_count == MISSES_MAX)
		return NULL;
	struct miss *m = &t->misses[t->miss_count++];
	*m = (struct miss){ .reason = mem_string(reason), .held = held };
	return m;
}

void trial_miss(struct trial *t, struct nearness near, const struct origin *o)
{
	text_char(&t->text, 0);
	char *example = strchr(t->text.at, '\n');
	if (example)
		*example++ = 0;
	struct miss *m = miss_of(t, t->text.at, near.held);
	if (m && m->count++ == 0) {
		m->number = o->number;
		m->example = mem_string(example ? example : "");
	}
}

/* ---- the end ---- */

static int nearest_first(const void *a, const void *b)
{
	const struct miss *x = a, *y = b;

	if (x->held != y->held)
		return x->held > y->held ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static void print_misses(struct trial *t)
{
	qsort(t->misses, t->miss_count, sizeof(*t->misses), nearest_first);
	if (t->miss_count)
		fprintf(t->out, "What came nearest, and the condition that failed first:\n");
	for (unsigned i = 0; i < t->miss_count && i < MISSES_TOLD; i++) {
		const struct miss *m = &t->misses[i];
		fprintf(t->out, "  %u held, then not: %s\n", m->held, m->reason);
		fprintf(t->out, "      %llu times, first at packet %llu%s%s\n",
			(unsigned long long)m->count, (unsigned long long)m->number,
			*m->example ? ": " : "", m->example);
	}
}

void trial_print(struct trial *t)
{
	if (t->fired > TOLD_MAX)
		fprintf(t->out, "… and %llu more\n", (unsigned long long)(t->fired - TOLD_MAX));
	fprintf(t->out, "It looked at %llu %s, fired on %llu and made %llu alerts.\n",
		(unsigned long long)t->looked_at, t->sees_messages && t->sees_unclaimed ?
		"messages and pieces of bytes" : t->sees_messages ? "messages" :
		t->sees_unclaimed ? "pieces of bytes" : "packets",
		(unsigned long long)t->fired, (unsigned long long)t->alerted);
	if (t->rule->silent)
		fprintf(t->out, "It never fires: %s.\n", t->rule->silent);
	print_misses(t);
}
