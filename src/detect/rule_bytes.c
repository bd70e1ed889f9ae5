/* Numbers in the payload: byte_test, byte_jump, byte_extract, byte_math; and isdataat.
 *
 * What they mean is Suricata's manual (payload keywords); what follows the places is in any
 * order. `dce` asks for the byte order of a DCE/RPC header; nobody dissects that, and little
 * endian is what it nearly always says. */
#include <ctype.h>

#include "detect/rule_read.h"

enum { OFFSET_MAX = 65535, TEXT_WIDTH_MAX = 23, WIDTH_MAX = 8 };

static uint8_t extracted_named(const struct parse *p, struct slice name)
{
	for (unsigned i = 0; i < p->extracted_count; i++)
		if (slice_is(name, p->extracted[i]))
			return (uint8_t)(i + 1);
	return 0;
}

bool operand_read(struct parse *p, struct slice text, int64_t low, int64_t high,
	struct operand *out)
{
	text = slice_trim(text);
	*out = (struct operand){ 0, 0 };
	if (text.len && (isalpha((unsigned char)*text.at) || *text.at == '_')) {
		out->extracted = extracted_named(p, text);
		return out->extracted || refuse(p, "'%s' is extracted nowhere before: name it in "
			"byte_extract or byte_math first", shown(p, text));
	}
	if (!slice_number(text, &out->value))
		return refuse(p, "'%s' is no number", shown(p, text));
	return (out->value >= low && out->value <= high) || refuse(p,
		"%s: %lld has to be between %lld and %lld", p->name, (long long)out->value,
		(long long)low, (long long)high);
}

/* A place for a new extracted number, or that of one with the same name. */
static bool result_read(struct parse *p, struct slice name, uint8_t *result)
{
	*result = extracted_named(p, name);
	if (*result)
		return true;
	if (name.len == 0 || isdigit((unsigned char)*name.at))
		return refuse(p, "the name of the extracted number is missing");
	if (p->extracted_count == EXTRACTED_MAX)
		return refuse(p, "more than %d extracted numbers", EXTRACTED_MAX);
	p->extracted[p->extracted_count++] = slice_string(&p->load->list->arena, name);
	*result = (uint8_t)p->extracted_count;
	return true;
}

/* ---- words that may follow in any order ---- */

static bool is_flag(struct number_step *n, struct slice word)
{
	struct number_at *at = &n->at;

	if (slice_is(word, "relative"))
		at->is_relative = true;
	else if (slice_is(word, "little") || slice_is(word, "dce"))
		at->is_little = true;
	else if (slice_is(word, "big"))
		at->is_little = false;
	else if (slice_is(word, "string"))
		at->is_text = true;
	else if (slice_is(word, "hex"))
		at->base = 16;
	else if (slice_is(word, "dec"))
		at->base = 10;
	else if (slice_is(word, "oct"))
		at->base = 8;
	else if (slice_is(word, "from_beginning"))
		n->jump = JUMP_FROM_BEGINNING;
	else if (slice_is(word, "from_end"))
		n->jump = JUMP_FROM_END;
	else if (slice_is(word, "align"))
		n->align = 4;
	else
		return false;
	return true;
}

/* "string hex", as byte_math writes it. */
static bool are_flags(struct number_step *n, struct slice words)
{
	while (words.len)
		if (!is_flag(n, slice_word(&words)))
			return false;
	return true;
}

/* "multiplier 4" */
static bool take_pair(struct parse *p, struct number_step *n, struct slice pair)
{
	struct slice value = pair, word = slice_word(&value);
	int64_t number;

	if (slice_is(word, "endian"))
		return is_flag(n, slice_trim(value)) || refuse(p, "endian is big or little");
	if (!slice_number(value, &number))
		return refuse(p, "'%s' is no word of %s", shown(p, pair), p->name);
	if (slice_is(word, "multiplier") && number > 0 && number <= OFFSET_MAX)
		n->multiplier = number;
	else if (slice_is(word, "post_offset") && number >= -OFFSET_MAX && number <= OFFSET_MAX)
		n->post_offset = number;
	else if (slice_is(word, "align") && (number == 2 || number == 4))
		n->align = (uint8_t)number;
	else if (slice_is(word, "bitmask") && number != 0)
		n->at.mask = (uint64_t)number;
	else
		return refuse(p, "'%s' is no word of %s, or out of bounds", shown(p, pair), p->name);
	return true;
}

static bool take_words(struct parse *p, struct number_step *n, struct slice rest)
{
	while (rest.len) {
		struct slice word = slice_cut(&rest, ',');
		if (word.len && !are_flags(n, word) && !take_pair(p, n, word))
			return false;
	}
	return true;
}

/* ---- the step itself ---- */

static bool number_check(struct parse *p, const struct number_step *n)
{
	const struct operand *width = &n->at.width;
	int64_t most = n->at.is_text ? TEXT_WIDTH_MAX : WIDTH_MAX;

	if (width->extracted || (width->value <= most && width->value >= 1) ||
		(n->use == USE_JUMP && width->value == 0))
		return true;
	return refuse(p, "%s reads 1 to %d bytes%s", p->name, (int)most,
		n->at.is_text ? " of text" : "; with `string`, 1 to 23");
}

static bool number_add(struct parse *p, const struct option *o, const struct number_step *n,
	bool negated)
{
	struct content *c = step_add(p, CONTENT_NUMBER, o->value);

	if (!c || !number_check(p, n))
		return false;
	c->number = arena_copy(&p->load->list->arena, n, sizeof(*n));
	c->relative = n->at.is_relative;
	c->uses_extracted = n->at.offset.extracted || n->at.width.extracted || n->value.extracted;
	c->negated = negated;
	return true;
}

static bool read_width_and_offset(struct parse *p, struct number_step *n, struct slice width,
	struct slice offset)
{
	return operand_read(p, width, 0, TEXT_WIDTH_MAX, &n->at.width) &&
		operand_read(p, offset, -OFFSET_MAX, OFFSET_MAX, &n->at.offset);
}

/* "<", ">=", "!&"; `!` alone is "not equal". */
static bool read_op(struct parse *p, struct slice text, char *op, bool *negated)
{
	static const struct name ops[] = {
		{ '=', "=" }, { '=', "==" }, { '<', "<" }, { '>', ">" }, { 'l', "<=" },
		{ 'g', ">=" }, { '&', "&" }, { '^', "^" }, { '=', "" }, { 0, NULL },
	};
	uint64_t value;

	text = slice_trim(text);
	*negated = text.len && *text.at == '!';
	if (*negated)
		text = slice_trim((struct slice){ text.at + 1, text.len - 1 });
	if ((text.len == 0 && !*negated) || !name_value(ops, text.at, text.len, &value))
		return refuse(p, "'%s' is no comparison: = < > <= >= & ^, with ! before it to negate",
			shown(p, text));
	*op = (char)value;
	return true;
}

/* bytes, op, value, offset[, words] */
bool take_byte_test(struct parse *p, const struct option *o)
{
	struct number_step n = { .use = USE_TEST, .multiplier = 1 };
	struct slice rest = slice_unquote(o->value);
	struct slice width = slice_cut(&rest, ','), op = slice_cut(&rest, ',');
	struct slice value = slice_cut(&rest, ','), offset = slice_cut(&rest, ',');
	bool negated;

	return read_op(p, op, &n.op, &negated) && read_width_and_offset(p, &n, width, offset) &&
		operand_read(p, value, INT64_MIN, INT64_MAX, &n.value) &&
		take_words(p, &n, rest) && number_add(p, o, &n, negated);
}

/* bytes, offset[, words] */
bool take_byte_jump(struct parse *p, const struct option *o)
{
	struct number_step n = { .use = USE_JUMP, .multiplier = 1 };
	struct slice rest = slice_unquote(o->value);
	struct slice width = slice_cut(&rest, ','), offset = slice_cut(&rest, ',');

	return read_width_and_offset(p, &n, width, offset) && take_words(p, &n, rest) &&
		number_add(p, o, &n, false);
}

/* bytes, offset, name[, words] */
bool take_byte_extract(struct parse *p, const struct option *o)
{
	struct number_step n = { .use = USE_EXTRACT, .multiplier = 1 };
	struct slice rest = slice_unquote(o->value);
	struct slice width = slice_cut(&rest, ','), offset = slice_cut(&rest, ',');
	struct slice name = slice_cut(&rest, ',');

	return read_width_and_offset(p, &n, width, offset) && take_words(p, &n, rest) &&
		result_read(p, name, &n.result) && number_add(p, o, &n, false);
}

/* ---- byte_math ---- */

struct math_words {
	struct slice bytes, offset, oper, rvalue, result, others;
};

/* Every word has a name before it; those we do not know are flags and pairs. */
static bool take_math_word(struct parse *p, struct number_step *n, struct math_words *m,
	struct slice pair)
{
	struct slice value = pair, word = slice_word(&value);

	value = slice_trim(value);
	if (slice_is(word, "bytes"))
		m->bytes = value;
	else if (slice_is(word, "offset"))
		m->offset = value;
	else if (slice_is(word, "oper"))
		m->oper = value;
	else if (slice_is(word, "rvalue"))
		m->rvalue = value;
	else if (slice_is(word, "result"))
		m->result = value;
	else
		return take_words(p, n, pair);
	return true;
}

bool take_byte_math(struct parse *p, const struct option *o)
{
	static const struct name ops[] = {
		{ '+', "+" }, { '-', "-" }, { '*', "*" }, { '/', "/" }, { 'l', "<<" },
		{ 'r', ">>" }, { 0, NULL },
	};
	struct number_step n = { .use = USE_MATH, .multiplier = 1 };
	struct slice rest = slice_unquote(o->value);
	struct math_words m = { 0 };
	uint64_t op;

	while (rest.len)
		if (!take_math_word(p, &n, &m, slice_cut(&rest, ',')))
			return false;
	if (!name_value(ops, m.oper.at ? m.oper.at : "", m.oper.len, &op))
		return refuse(p, "oper has to be one of + - * / << >>");
	n.op = (char)op;
	return read_width_and_offset(p, &n, m.bytes, m.offset) &&
		operand_read(p, m.rvalue, INT64_MIN, INT64_MAX, &n.value) &&
		result_read(p, m.result, &n.result) && number_add(p, o, &n, false);
}

/* ---- isdataat ---- */

/* [!]place[, relative][, rawbytes] */
bool take_isdataat(struct parse *p, const struct option *o)
{
	struct slice rest = slice_unquote(o->value), place = slice_cut(&rest, ',');
	struct content *c = step_add(p, CONTENT_SIZE, o->value);
	struct operand at;

	if (!c)
		return false;
	c->negated = place.len && *place.at == '!';
	if (c->negated)
		place = (struct slice){ place.at + 1, place.len - 1 };
	if (!operand_read(p, place, 0, OFFSET_MAX, &at))
		return false;
	c->offset = (int32_t)at.value;
	c->extracted.offset = at.extracted;
	c->uses_extracted = at.extracted > 0;
	while (rest.len) {
		struct slice word = slice_cut(&rest, ',');
		c->relative |= slice_is(word, "relative");
		if (word.len && !slice_is(word, "relative") && !slice_is(word, "rawbytes"))
			return refuse(p, "'%s' is no word of isdataat: relative, rawbytes",
				shown(p, word));
	}
	return true;
}
