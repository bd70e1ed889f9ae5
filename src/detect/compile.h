/* What the files share that turn rules into checks and checks into indexes: check*.c, compile.c,
 * index*.c. While loading only, on the start-up thread. */
#ifndef IRONSPAN_COMPILE_H
#define IRONSPAN_COMPILE_H

#include "detect/runtime.h"

/* ---- check.c, check_contents.c ---- */

void check_init(struct ruleset *set, struct check *c, const struct rule *r);
/* The half that a keyword of this half looks at in this rule. */
enum half check_half(const struct check *c, enum half half);
struct condition condition_on(const struct field_ref *ref, enum half half);
/* All contents of the rule, as conditions on fields or in c->raw. */
void contents_add(struct ruleset *set, struct check *c);
/* What Hyperscan looks for: the one that the rule asks for, else the rarest; NULL: nothing. */
const struct content *fast_of(const struct content_list *l);
/* Of the message the longest that stands at one place only, or NULL. */
const struct content *anchor_of(const struct check *check);

/* ---- index.c, index_gate.c ---- */

/* A new group; 0, which every message reaches, if there are too many. */
uint16_t group_new(struct ruleset *set, struct check_index *index);
void group_add(struct ruleset *set, struct check_group *g, const struct check *c, bool waits);
/* Lets the check be reached by the values that one of its conditions asks for; false: none
 * will do. */
bool gates_add(struct ruleset *set, struct check_index *index, enum phase phase,
	struct check *c);

/* leads.c: once the index has all its selectors and gates. */
void leads_note(struct ruleset *set, struct check_index *index);

/* ---- index_select.c: by which of its conditions a check is reached ---- */

/* How many values reach the rule if it is indexed by this condition; 0: it cannot be. */
uint32_t values_selected(const struct condition *c);
/* The rule asks for any of some flags: it is indexed by the numbers of their bits. */
bool selects_bits(const struct condition *c);
/* The values, or numbers of bits, one after the other; `at` is 0 at first. False: no more. */
bool next_selected(const struct condition *c, unsigned *at, uint32_t *value);
const struct condition *most_selective(const struct condition *at, unsigned count);
/* The condition on the operation's verb, or else its outcome, that leads to it; or NULL. */
const struct condition *doing_of(const struct check *c);

/* Whether it leads from this tape to who asks like `by`. */
bool selector_is_for(const struct selector *s, enum tape tape, const struct condition *by);

/* A group with so many rules is crowded; so many groups an index has at most. */
enum { CROWDED = 8, GROUPS_MAX = 65535 };
/* How many rules the fullest group holds that this condition leads to. */
unsigned condition_load(const struct check_index *index, const struct condition *by);
/* `best`, or one of the others that fewer rules ask for. */
const struct condition *least_crowded(const struct check_index *index, const struct check *c,
	const struct condition *best, unsigned load);
/* Rules on operations are led to by what is done, unless a number does it better. */
bool is_by_doing(const struct check_index *index, const struct check *c,
	const struct condition *doing);

#endif
