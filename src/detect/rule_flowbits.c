/* flowbits:set,name; isset, isnotset, unset, toggle; noalert. Several names: a|b any of them,
 * a&b all. */
#include "detect/rule_read.h"

enum { BITS_MAX = 65535 };

static void name_add(struct rule_list *l, struct mark_names *names, struct slice name)
{
	unsigned number = names->count++;

	if ((number & (number + 1)) == 0) /* the array doubles */
		names->at = mem_resize(names->at, (2 * number + 1) * sizeof(*names->at));
	names->at[number] = (struct mark_name){ slice_string(&l->arena, name), number };
}

bool mark_named(struct parse *p, struct map *map, struct mark_names *names, unsigned most,
	struct slice name, uint16_t *number)
{
	struct rule_list *l = p->load->list;

	name = slice_trim(name);
	if (name.len == 0)
		return refuse(p, "a name is missing: %s:%s", p->name,
			map == &p->load->flowbits ? "set,name;" : "name,+,1;");
	void **slot = map_slot(map, &l->arena, name.at, name.len);
	if (!*slot && names->count == most)
		return refuse(p, "more than %u names in all rules together", most);
	if (!*slot) {
		name_add(l, names, name);
		*slot = (void *)(uintptr_t)names->count; /* its number plus 1 */
	}
	*number = (uint16_t)((uintptr_t)*slot - 1);
	return true;
}

static bool bit_named(struct parse *p, struct slice name, uint16_t *bit)
{
	return mark_named(p, &p->load->flowbits, &p->load->list->flowbits, BITS_MAX, name, bit);
}

static bool names_read(struct parse *p, struct slice names, struct flowbit *b)
{
	b->all = memchr(names.at, '&', names.len) != NULL;
	do {
		if (b->count == FLOWBIT_NAMES_MAX)
			return refuse(p, "more than %d names in one flowbits", FLOWBIT_NAMES_MAX);
		if (!bit_named(p, slice_cut(&names, b->all ? '&' : '|'), &b->bits[b->count++]))
			return false;
	} while (names.len);
	return true;
}

bool take_flowbits(struct parse *p, const struct option *o)
{
	static const struct name words[] = {
		{ FLOWBIT_SET, "set" }, { FLOWBIT_UNSET, "unset" }, { FLOWBIT_TOGGLE, "toggle" },
		{ FLOWBIT_ISSET, "isset" }, { FLOWBIT_ISNOTSET, "isnotset" }, { 0, NULL },
	};
	struct slice rest = slice_unquote(o->value), word = slice_cut(&rest, ',');
	struct flowbit *b = &p->flowbits[p->rule.flowbit_count];
	uint64_t does;

	if (slice_is(word, "noalert")) {
		p->rule.noalert = true;
		return true;
	}
	if (p->rule.flowbit_count == FLOWBITS_MAX)
		return refuse(p, "more than %d flowbits", FLOWBITS_MAX);
	if (!name_value(words, word.at, word.len, &does))
		return refuse(p, "'%s' is no word of flowbits: set, unset, toggle, isset, "
			"isnotset, noalert", shown(p, word));
	*b = (struct flowbit){ .does = (enum flowbit_does)does };
	if (!names_read(p, slice_cut(&rest, ','), b)) /* Snort's third word is a group */
		return false;
	p->rule.flowbit_count++;
	return true;
}
