/* Random rules that leave bits and numbers on a flow, against an evaluator that is slow and
 * obvious: payloads one after the other, on two flows, with a reload in between.
 *
 * IRONSPAN_ROUNDS in the environment: how many sets, for a longer run. */
#include <stdarg.h>
#include <stdlib.h>

#include "detect/detect.h"
#include "ruleset.h"
#include "test.h"

enum { RULES = 12, MARKS_MAX = 3, NAMES = 4, LETTERS = 5, PAYLOADS = 24, FLOWS = 2 };

struct mark {
	bool is_int, has_other;
	unsigned does;           /* into bit_words or int_words */
	unsigned name, other;
	uint32_t value;
};

struct plan {
	char letter;             /* what its payload has to have */
	bool noalert, passes;
	struct mark marks[MARKS_MAX];
	unsigned count;
};

enum { SET, UNSET, TOGGLE, ISSET, ISNOTSET, BIT_WORDS };
static const char *const bit_words[BIT_WORDS] = { "set", "unset", "toggle", "isset", "isnotset" };
enum { IS, PLUS, MINUS, EQUAL, DIFFERS, LESS, AT_MOST, MORE, AT_LEAST, WAS_SET, NOT_SET, INT_WORDS };
static const char *const int_words[INT_WORDS] = { "=", "+", "-", "==", "!=", "<", "<=", ">", ">=",
	"isset", "notset" };

struct state {
	bool bits[NAMES], has[NAMES];
	uint32_t ints[NAMES];
};

/* ---- chance ---- */

static uint64_t chance;

static unsigned below(unsigned n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)((chance >> 11) % n);
}

/* ---- rules as data and as text ---- */

static void make_plan(struct plan *p)
{
	*p = (struct plan){ .letter = (char)('a' + below(LETTERS)), .noalert = below(4) == 0,
		.passes = below(12) == 0, .count = below(MARKS_MAX + 1) };
	for (unsigned i = 0; i < p->count; i++) {
		struct mark *m = &p->marks[i];
		m->is_int = below(2);
		m->does = below(m->is_int ? INT_WORDS : BIT_WORDS);
		m->name = below(NAMES);
		m->has_other = below(3) == 0;
		m->other = below(NAMES);
		m->value = below(4);
	}
}

static size_t put(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static size_t put(char *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsprintf(out, format, args);
	va_end(args);
	return (size_t)len;
}

static size_t write_mark(char *out, const struct mark *m)
{
	if (!m->is_int)
		return put(out, "flowbits:%s,bit%u; ", bit_words[m->does], m->name);
	if (m->does >= WAS_SET)
		return put(out, "flowint:int%u,%s; ", m->name, int_words[m->does]);
	if (m->has_other)
		return put(out, "flowint:int%u,%s,int%u; ", m->name, int_words[m->does], m->other);
	return put(out, "flowint:int%u,%s,%u; ", m->name, int_words[m->does], m->value);
}

/* `first` turns the order in which names come up, which a reload must not care about. */
static struct ruleset *load(const struct plan *plans, const char *first)
{
	static char text[RULES * 400];
	char *at = text + put(text, "%s", first);

	for (unsigned i = 0; i < RULES; i++) {
		const struct plan *p = &plans[i];
		at += put(at, "%s tcp any any -> any any (content:\"%c\"; ", p->passes ? "pass" :
			"alert", p->letter);
		for (unsigned k = 0; k < p->count; k++)
			at += write_mark(at, &p->marks[k]);
		at += put(at, "%ssid:%u;)\n", p->noalert ? "noalert; " : "", i + 1);
	}
	return ruleset_of(text, (struct rules_config){ 0 });
}

/* ---- the slow and obvious evaluator ---- */

/* First what only changes, then what asks and changes, then what only asks, then the rest. */
static unsigned turn_of(const struct plan *p, bool is_int)
{
	bool asks = false, changes = false;

	for (unsigned i = 0; i < p->count; i++) {
		const struct mark *m = &p->marks[i];
		if (m->is_int != is_int)
			continue;
		bool is_question = is_int ? m->does >= EQUAL : m->does >= ISSET;
		asks |= is_question;
		changes |= !is_question;
	}
	return changes ? asks : asks ? 2 : 3;
}

static bool int_holds(const struct mark *m, struct state *s)
{
	uint32_t other = !m->has_other ? m->value : s->has[m->other] ? s->ints[m->other] : 0;
	uint32_t now = s->ints[m->name];
	bool has = s->has[m->name];

	switch (m->does) {
	case IS:
	case PLUS:
	case MINUS:
		if (m->does == MINUS && !has)
			return false;
		s->ints[m->name] = m->does == IS ? other : m->does == PLUS ? (has ? now : 0) + other :
			now - other;
		return s->has[m->name] = true;
	case WAS_SET:
		return has;
	case NOT_SET:
		return !has;
	case EQUAL:
		return has && now == other;
	case DIFFERS:
		return has && now != other;
	case LESS:
		return has && now < other;
	case AT_MOST:
		return has && now <= other;
	case MORE:
		return has && now > other;
	default:
		return has && now >= other;
	}
}

static bool plan_holds(const struct plan *p, struct state *s)
{
	for (unsigned i = 0; i < p->count; i++)
		if (!p->marks[i].is_int && p->marks[i].does >= ISSET &&
			s->bits[p->marks[i].name] != (p->marks[i].does == ISSET))
			return false;
	for (unsigned i = 0; i < p->count; i++)
		if (p->marks[i].is_int && !int_holds(&p->marks[i], s))
			return false;
	for (unsigned i = 0; i < p->count; i++) {
		bool *bit = &s->bits[p->marks[i].name];
		if (!p->marks[i].is_int && p->marks[i].does < ISSET)
			*bit = p->marks[i].does == SET || (p->marks[i].does == TOGGLE && !*bit);
	}
	return true;
}

/* Bit a rule that alerts. */
static unsigned expected(const struct plan *plans, struct state *s, const char *payload)
{
	unsigned told = 0;
	bool is_passed = false;

	for (unsigned turn = 0; turn < 16; turn++)
		for (unsigned i = 0; i < RULES; i++) {
			const struct plan *p = &plans[i];
			if (turn_of(p, false) * 4 + turn_of(p, true) != turn ||
				!strchr(payload, p->letter) || !plan_holds(p, s))
				continue;
			is_passed |= p->passes;
			told |= p->noalert ? 0 : 1u << i;
		}
	return is_passed ? 0 : told;
}

/* ---- running ---- */

static struct flow flow_of(unsigned number)
{
	struct flow f = { .proto = PROTO_TCP, .ip_version = 4 };

	address_parse(&f.end[0].address, "10.0.0.1");
	address_parse(&f.end[1].address, "10.0.0.2");
	f.end[0].port = (uint16_t)(1025 + number);
	f.end[1].port = 9999;
	f.packets[0] = f.packets[1] = 1;
	return f;
}

static unsigned got(struct detector *d, struct flow *f, const char *payload)
{
	const struct rule *rules[RULES];
	unsigned told = 0;
	unsigned count = detect_unclaimed(d, f, 0, (struct bytes){ (const uint8_t *)payload,
		strlen(payload) }, rules, RULES);

	for (unsigned i = 0; i < count; i++)
		told |= 1u << (rules[i]->sid - 1);
	return told;
}

static void make_payload(char *out)
{
	unsigned count = 1 + below(3);

	for (unsigned i = 0; i < count; i++)
		*out++ = (char)('a' + below(LETTERS));
	*out = '\0';
}

static void try_payload(const struct plan *plans, struct detector *d, struct flow *flows,
	struct state *states, uint64_t seed)
{
	char payload[8];
	unsigned which = below(FLOWS);

	make_payload(payload);
	unsigned want = expected(plans, &states[which], payload);
	unsigned told = got(d, &flows[which], payload);
	CHECK(told == want, "set %llu: %s on flow %u: rules %x, not %x", (unsigned long long)seed,
		payload, which, told, want);
}

static unsigned round_of(uint64_t seed)
{
	struct plan plans[RULES];
	struct flow flows[FLOWS] = { flow_of(0), flow_of(1) };
	struct state states[FLOWS] = { 0 };

	chance = seed * 0x9e3779b97f4a7c15 + 1;
	for (unsigned i = 0; i < RULES; i++)
		make_plan(&plans[i]);
	struct ruleset *old = load(plans, ""), *new = load(plans, "alert tcp any any -> any 1 "
		"(content:\"z\"; flowbits:set,new|bit3; flowint:int3,+,1; sid:999;)\n");
	unsigned loaded = ruleset_count(old);
	struct detector *d = detector_new(old);
	for (unsigned i = 0; i < PAYLOADS; i++)
		try_payload(plans, d, flows, states, seed);
	detector_swap(d, new);
	for (unsigned i = 0; i < FLOWS; i++)
		detect_carry_flow(d, &flows[i]);
	ruleset_free(old);
	for (unsigned i = 0; i < PAYLOADS; i++)
		try_payload(plans, d, flows, states, seed);
	for (unsigned i = 0; i < FLOWS; i++)
		detect_flow_release(d, &flows[i]);
	detector_free(d);
	ruleset_free(new);
	return loaded;
}

int main(void)
{
	const char *wanted = getenv("IRONSPAN_ROUNDS");
	unsigned rounds = wanted ? (unsigned)atoi(wanted) : 100, loaded = 0;

	for (unsigned i = 0; i < rounds; i++)
		loaded += round_of(i);
	CHECK(loaded == rounds * RULES, "%u rules of %u load", loaded, rounds * RULES);
	return test_end();
}
