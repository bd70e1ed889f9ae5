/* Variables, and the sets that rules share.
 *
 * Each variable is worked out once, and so is each expression: rules repeat the same
 * few. */

#include <stdlib.h>

#include "base/report.h"
#include "detect/rule_read.h"

enum state { UNREAD, READING, READ, BROKEN };

struct variable {
	enum state state;
	struct ranges ranges;
};

/* A key of maps that hold both kinds. */
static void **slot_of(struct parse *p, struct map *m, enum set_kind kind, struct slice s)
{
	char key[256];

	if (s.len >= sizeof(key))
		return NULL;
	key[0] = (char)kind;
	memcpy(key + 1, s.at, s.len);
	return map_slot(m, &p->load->list->arena, key, s.len + 1);
}

static const char *configured(
	const struct parse *p, enum set_kind kind, struct slice name)
{
	const struct rules_config *c = p->load->config;
	const struct rule_variable *v = kind == SET_PORTS ? c->ports : c->addresses;
	unsigned count = kind == SET_PORTS ? c->port_count : c->address_count;

	for (unsigned i = 0; i < count; i++)
		if (strlen(v[i].name) == name.len &&
			memcmp(v[i].name, name.at, name.len) == 0)
			return v[i].value;
	return NULL;
}

/* Rule sets name servers and clients of protocols that a plant may not have. */
static bool may_be_missing(struct slice name)
{
	static const char *const ends[] = {
		"_CLIENT", "_CLIENTS", "_SERVER", "_SERVERS", "_PORT", "_PORTS",
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t len = strlen(ends[i]);
		if (name.len > len && memcmp(name.at + name.len - len, ends[i], len) == 0)
			return true;
	}
	return false;
}

static bool take_default(struct parse *p, enum set_kind kind, struct slice name,
	struct ranges *out)
{
	const char *what = kind == SET_PORTS ? "port" : "address";
	char *variable = slice_string(&p->load->list->arena,
		(struct slice){ name.at - 1, name.len + 1 });

	p->name = variable;
	if (!may_be_missing(name))
		return refuse(p, "the %s variable %s is not defined: define it in the "
			"configuration under vars", what, variable);
	warn_once(p, variable, "the %s variable %s is not defined: any is used; define "
		"it in the configuration under vars to narrow the rules that use it",
		what, variable);
	p->name = NULL;
	return set_read(p, kind, slice_of("any"), 0, out);
}

static bool work_out(struct parse *p, enum set_kind kind, struct slice name,
	unsigned depth, struct variable *v)
{
	const char *value = configured(p, kind, name);

	v->state = READING;
	v->ranges = (struct ranges){ 0 };
	bool ok = value ? set_read(p, kind, slice_of(value), depth + 1, &v->ranges) :
		take_default(p, kind, name, &v->ranges);
	if (ok && v->ranges.count)
		v->ranges.at = arena_copy(&p->load->list->arena, v->ranges.at,
			v->ranges.count * sizeof(*v->ranges.at));
	v->state = ok ? READ : BROKEN;
	return ok;
}

bool variable_read(struct parse *p, enum set_kind kind, struct slice name, unsigned depth,
	struct ranges *out)
{
	void **slot = slot_of(p, &p->load->variables, kind, name);

	if (!slot)
		return refuse(p, "the variable's name is too long");
	struct variable *v = *slot;
	if (!v) {
		v = *slot = arena_take(&p->load->list->arena, sizeof(*v));
		*v = (struct variable){ 0 };
	}
	if (v->state == READING)
		return refuse(p, "the variable $%s is defined by itself", shown(p, name));
	if (v->state != READ && !work_out(p, kind, name, depth, v))
		return false;
	*out = v->ranges;
	return true;
}

/* ---- all of them, before any rule ---- */

static bool check_one(struct parse *p, enum set_kind kind, const struct rule_variable *v)
{
	const struct rules_report *report = &p->load->list->report;
	struct ranges r = { 0 };

	p->refused = false;
	if (set_read(p, kind, slice_of(v->value), 0, &r))
		return true;
	report_error("%s%svars.%s-groups.%s: %s", v->where ? v->where : "", v->where ? ": " : "",
		kind == SET_PORTS ? "port" : "address", v->name,
		report->notes[report->note_count - 1].reason);
	return false;
}

bool rule_variables_check(const struct rules_config *config)
{
	struct line_start line = { 0 };
	const struct statement nowhere = { .lines = &line, .line_count = 1 };
	struct rule_list list = { 0 };
	struct reading r = { .config = config, .list = &list };
	struct parse *p = mem_new(sizeof(*p));
	bool ok = true;

	*p = (struct parse){ .load = &r, .statement = &nowhere };
	for (unsigned i = 0; i < config->address_count; i++)
		ok = check_one(p, SET_ADDRESSES, &config->addresses[i]) && ok;
	for (unsigned i = 0; i < config->port_count; i++)
		ok = check_one(p, SET_PORTS, &config->ports[i]) && ok;
	reading_fini(&r);
	free(list.report.notes);
	arena_fini(&list.arena);
	free(p);
	return ok;
}

/* ---- what the rule keeps ---- */

static bool is_all(enum set_kind kind, const struct ranges *r)
{
	return r->count == 1 && r->at[0].low == 0 &&
		r->at[0].high == (kind == SET_PORTS ? (u128)65535 : ~(u128)0);
}

static struct address address_of(u128 value)
{
	struct address a;

	for (int i = 15; i >= 0; i--, value >>= 8)
		a.at[i] = (uint8_t)value;
	return a;
}

/* `!$PLCS` of a variable that is any, or that nobody defined, is nobody. */
static bool accept_empty(struct parse *p, enum set_kind kind, struct slice text)
{
	const char *what = kind == SET_PORTS ? "port" : "address";

	if (!memchr(text.at, '$', text.len))
		return refuse(p, "'%s' leaves no %s at all", shown(p, text), what);
	fall_back(p, "'%s' leaves no %s at all: the rule is silent until the variable "
		"says less than any", shown(p, text), what);
	return true;
}

static bool make_addresses(struct parse *p, struct slice text, struct address_set *out)
{
	struct ranges r = { 0 };

	if (!set_read(p, SET_ADDRESSES, text, 0, &r))
		return false;
	*out = (struct address_set){ .any = is_all(SET_ADDRESSES, &r) };
	if (out->any)
		return true;
	if (r.count == 0)
		return accept_empty(p, SET_ADDRESSES, text);
	out->count = r.count;
	out->ranges = arena_take(&p->load->list->arena, r.count * sizeof(*out->ranges));
	for (unsigned i = 0; i < r.count; i++)
		out->ranges[i] = (struct address_range){ address_of(r.at[i].low),
			address_of(r.at[i].high) };
	return true;
}

static bool make_ports(struct parse *p, struct slice text, struct port_set *out)
{
	struct ranges r = { 0 };

	if (!set_read(p, SET_PORTS, text, 0, &r))
		return false;
	*out = (struct port_set){ NULL };
	if (is_all(SET_PORTS, &r))
		return true;
	if (r.count == 0 && !accept_empty(p, SET_PORTS, text))
		return false;
	out->bits = arena_take(&p->load->list->arena, 65536 / 8);
	memset(out->bits, 0, 65536 / 8);
	for (unsigned i = 0; i < r.count; i++)
		for (u128 port = r.at[i].low; port <= r.at[i].high; port++)
			out->bits[port / 8] |= (uint8_t)(1 << (port % 8));
	return true;
}

bool addresses_read(struct parse *p, struct slice text, struct address_set *out)
{
	void **slot = slot_of(p, &p->load->sets, SET_ADDRESSES, text);

	if (slot && *slot) {
		*out = *(struct address_set *)*slot;
		return true;
	}
	if (!make_addresses(p, text, out))
		return false;
	if (slot && !p->fell_back) /* what fell back says so for every rule */
		*slot = arena_copy(&p->load->list->arena, out, sizeof(*out));
	return true;
}

bool ports_read(struct parse *p, struct slice text, struct port_set *out)
{
	void **slot = slot_of(p, &p->load->sets, SET_PORTS, text);

	if (slot && *slot) {
		*out = *(struct port_set *)*slot;
		return true;
	}
	if (!make_ports(p, text, out))
		return false;
	if (slot && !p->fell_back) /* what fell back says so for every rule */
		*slot = arena_copy(&p->load->list->arena, out, sizeof(*out));
	return true;
}
