/* flowbits:set,name; isset, isnotset, unset, toggle; noalert. Several names: a|b any of them,
 * a&b all. */
#include "detect/rule_read.h"

enum { BITS_MAX = 65535 };

static void name_bit(struct rule_list *l, struct slice name)
{
	char *copy = arena_take(&l->arena, name.len + 1);
	unsigned bit = l->flowbits++;

	memcpy(copy, name.at, name.len);
	copy[name.len] = '\0';
	if ((bit & (bit + 1)) == 0) /* the array doubles */
		l->flowbit_names = mem_resize(
			l->flowbit_names, (2 * bit + 1) * sizeof(*l->flowbit_names));
	l->flowbit_names[bit] = (struct flowbit_name){ copy, bit };
}

static bool bit_named(struct parse *p, struct slice name, uint16_t *bit)
{
	struct map *names = &p->load->flowbits;
	void **slot;

	name = slice_trim(name);
	if (name.len == 0)
		return refuse(p, "the name of the bit is missing: flowbits:set,name;");
	if (names->count == BITS_MAX)
		return refuse(p, "more than %d names of bits", BITS_MAX);
	slot = map_slot(names, &p->load->list->arena, name.at, name.len);
	if (!*slot) {
		name_bit(p->load->list, name);
		*slot = (void *)(uintptr_t)p->load->list->flowbits; /* its number plus 1 */
	}
	*bit = (uint16_t)((uintptr_t)*slot - 1);
	return true;
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
		return refuse(p, "'%s' is no word of flowbits: set, unset, toggle, isset, isnotset, "
			"noalert", shown(p, word));
	*b = (struct flowbit){ .does = (enum flowbit_does)does };
	if (!names_read(p, slice_cut(&rest, ','), b)) /* Snort's third word is a group */
		return false;
	p->rule.flowbit_count++;
	return true;
}
