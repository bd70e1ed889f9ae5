/* Which buffer the contents that follow look into. */
#include "detect/rule_read.h"

void buffer_set(struct parse *p, const struct field_ref *ref, bool anywhere)
{
	p->buffer = ref ? *ref : (struct field_ref){ 0 };
	p->anywhere = anywhere;
	p->in_domain = false;
	p->decoded = 0;
}

bool take_pkt_data(struct parse *p, const struct option *o)
{
	(void)o;
	buffer_set(p, NULL, false);
	return true;
}

/* A buffer of a protocol that is not dissected: the whole payload stands in for it, and
 * what the rule says about places in the buffer is not looked at. `http.uri` comes before
 * its contents, Snort 2's `http_uri` after its content. */
bool take_undissected(struct parse *p, const struct option *o)
{
	bool is_modifier = o->row->flags & OPTION_MODIFIER && p->rule.content_count > 0;

	if (is_modifier)
		p->is_anywhere[p->rule.content_count - 1] = true;
	else
		buffer_set(p, NULL, true);
	p->left_out = true;
	fall_back(p, "%s not dissected: the contents are looked for in the whole payload",
		o->row->what);
	return true;
}

bool take_bsize(struct parse *p, const struct option *o)
{
	struct numbers numbers;

	if (p->anywhere) /* a place in a buffer that nobody cuts out */
		return true;
	if (p->decoded)
		return refuse(p, "bsize is not asked of what was decoded: use isdataat");
	if (!p->buffer.dissector)
		return refuse(p, "bsize needs a field before it, such as modbus.data;");
	if (!numbers_read(p, o->value, NULL, &numbers))
		return false;
	struct predicate *added = predicate_add(p, &p->buffer, &numbers,
		spelled(p, o->name, o->value));
	if (added)
		added->of_length = true;
	return added != NULL;
}
