/* Options that say what a rule is, not what it looks for. */
#include <stdio.h>

#include "detect/rule_read.h"

bool option_number(struct parse *p, const struct option *o, int64_t low, int64_t high,
	int64_t *value)
{
	if (!slice_number(slice_unquote(o->value), value))
		return refuse(p, "%s needs a number, not '%s'", p->name,
			shown(p, o->value));
	return (*value >= low && *value <= high) ||
		refuse(p, "%s has to be between %lld and %lld", p->name, (long long)low,
			(long long)high);
}

bool take_msg(struct parse *p, const struct option *o)
{
	if (o->value.len && *o->value.at == '"' &&
		slice_unquote(o->value).at == o->value.at)
		return refuse(p, "the closing quote is missing");
	p->rule.msg = slice_plain(&p->load->list->arena, o->value);
	return true;
}

bool take_sid(struct parse *p, const struct option *o)
{
	int64_t value;

	if (p->sid_at)
		return refuse(p, "a rule has one sid");
	if (!option_number(p, o, 1, UINT32_MAX, &value))
		return false;
	p->rule.sid = (uint32_t)value;
	p->sid_at = p->at;
	return true;
}

bool take_gid(struct parse *p, const struct option *o)
{
	int64_t value;

	if (!option_number(p, o, 0, UINT32_MAX, &value))
		return false;
	p->rule.gid = (uint32_t)value;
	return true;
}

bool take_rev(struct parse *p, const struct option *o)
{
	int64_t value;

	if (!option_number(p, o, 0, UINT32_MAX, &value))
		return false;
	p->rule.rev = (uint32_t)value;
	return true;
}

bool take_priority(struct parse *p, const struct option *o)
{
	int64_t value;

	if (!option_number(p, o, 1, 255, &value))
		return false;
	p->rule.priority = (unsigned)value;
	p->has_priority = true;
	return true;
}

bool take_noalert(struct parse *p, const struct option *o)
{
	(void)o;
	p->rule.noalert = true;
	return true;
}

/* Accepted, and nothing follows from it: hints to other engines. */
bool take_nothing(struct parse *p, const struct option *o)
{
	(void)p;
	(void)o;
	return true;
}

bool take_tag(struct parse *p, const struct option *o)
{
	(void)o;
	fall_back(p, "packets after an alert are not logged");
	return true;
}

bool take_without(struct parse *p, const struct option *o)
{
	p->left_out = true;
	fall_back(p, "%s: the rule is looked at without it", o->row->what);
	return true;
}

bool take_target(struct parse *p, const struct option *o)
{
	if (slice_is(o->value, "src_ip"))
		p->rule.target = TARGET_SRC;
	else if (slice_is(o->value, "dest_ip") || slice_is(o->value, "dst_ip"))
		p->rule.target = TARGET_DST;
	else
		return refuse(p, "the target has to be src_ip or dest_ip");
	return true;
}

bool take_classtype(struct parse *p, const struct option *o)
{
	struct arena *a = &p->load->list->arena;
	char *name = slice_plain(a, o->value);
	char once[128];

	p->rule.classtype = name;
	p->rule.category = NULL;
	if (p->load->classes.count == 0)
		return true;
	snprintf(once, sizeof(once), "classtype %s", name);
	const struct rule_class *class = class_find(p->load, name);
	if (!class) {
		warn_once(p, once,
			"the classtype %.40s is not in classification.config: priority 3 "
			"is used; add it there",
			name);
		return true;
	}
	p->rule.category = class->text;
	if (!p->has_priority)
		p->rule.priority = class->priority;
	return true;
}

bool take_reference(struct parse *p, const struct option *o)
{
	struct arena *a = &p->load->list->arena;
	struct slice id = slice_unquote(o->value);
	struct slice system = slice_cut(&id, ',');
	struct rule_reference *r = &p->references[p->rule.reference_count];

	if (system.len == 0 || slice_trim(id).len == 0) {
		warn_once(p, "reference",
			"a reference is written reference:system,id; this one is left "
			"out");
		return true;
	}
	if (p->rule.reference_count == REFERENCES_MAX)
		return refuse(p, "more than %d references", REFERENCES_MAX);
	r->system = slice_string(a, system);
	r->id = slice_plain(a, id);
	r->url = reference_url(p->load, r->system, r->id);
	p->rule.reference_count++;
	return true;
}

/* "T0836", "t1692.001" */
static bool is_attack_id(struct slice s)
{
	if (s.len < 5 || (*s.at != 'T' && *s.at != 't'))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if ((s.at[i] < '0' || s.at[i] > '9') && !(s.at[i] == '.' && i == 5))
			return false;
	return s.len == 5 || s.len == 9;
}

static bool add_attack(struct parse *p, struct slice ids)
{
	ids = slice_unquote(ids);
	while (ids.len) {
		struct slice id = slice_word(&ids);
		if (!is_attack_id(id)) /* some sets add the technique's name */
			continue;
		if (p->rule.attack_count == ATTACK_MAX)
			return refuse(p, "more than %d ATT&CK ids", ATTACK_MAX);
		p->attack[p->rule.attack_count++] = slice_string(
			&p->load->list->arena, id);
	}
	return true;
}

bool take_metadata(struct parse *p, const struct option *o)
{
	struct arena *a = &p->load->list->arena;
	struct slice rest = slice_unquote(o->value);

	while (rest.len) {
		struct slice value = slice_cut(&rest, ',');
		struct slice key = slice_word(&value);
		if (key.len == 0)
			continue;
		if (p->rule.metadata_count == METADATA_MAX)
			return refuse(p, "more than %d metadata entries", METADATA_MAX);
		value = slice_trim(value);
		p->metadata[p->rule.metadata_count++] = (struct rule_metadata){
			slice_string(a, key), slice_string(a, value) };
		bool is_attack = slice_is(key, "mitre_technique_id") ||
			slice_is(key, "mitre_attack_id");
		if (is_attack && !add_attack(p, value))
			return false;
	}
	return true;
}
