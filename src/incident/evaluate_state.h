/* What the parts of an evaluation share; for evaluate.c and its topics only. */
#ifndef IRONSPAN_EVALUATE_STATE_H
#define IRONSPAN_EVALUATE_STATE_H

#include "incident/evaluate.h"
#include "incident/register.h"

enum known { KNOWN_NOT = -1, KNOWN_NO, KNOWN_YES };

struct evaluation {
	json_t *doc;
	const struct registers *r;
	uint64_t now_ns;
	const json_t *rules;      /* grade-rules.json */
	const json_t *categories; /* categories.json */
	const json_t *affected;   /* of the document; NULL: none */
	enum known cii;           /* is critical information infrastructure involved? */
	const char *cii_why;
};

/* One after the other; each reads what those before it wrote. */
void evaluate_category(struct evaluation *e);
void evaluate_thresholds(struct evaluation *e);
void evaluate_grade(struct evaluation *e);
void evaluate_safety(struct evaluation *e);
void evaluate_score(struct evaluation *e);
void evaluate_clocks(struct evaluation *e);

/* A value by its path "human_input.pii_records"; NULL: not there. */
const json_t *evaluate_at(const json_t *doc, const char *path);
const char *evaluate_text(const json_t *doc, const char *path); /* NULL: no string there */
bool evaluate_time(const json_t *doc, const char *path, uint64_t *ns);
/* The object at a key of the document, made if it is not one. */
json_t *evaluate_object(json_t *doc, const char *key);
bool evaluate_names(const json_t *list, const char *word); /* is a string in an array? */

/* The row of an effect's word in categories.json; NULL: not one of ours. */
const json_t *evaluate_effect(const struct evaluation *e, const char *word);
/* Impact class of an effect's word; NULL: not one of ours. */
const char *evaluate_impact(const struct evaluation *e, const char *word);
/* How grave an impact class is: its loss, 0 minor to 3 especially severe; -1: unknown
 * class. */
int evaluate_loss_of(const struct evaluation *e, const char *impact_class);
extern const char *const evaluate_losses[4];

#endif
