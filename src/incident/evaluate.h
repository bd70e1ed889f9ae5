/* What the machine thinks of an incident: what it did, how grave that is, which rules of
 * reporting it touches, when reports are due and what to look at first. It proposes;
 * people decide, and what they entered is never overwritten.
 *
 * All tables are data (grade-rules.json, clocks.json, categories.json); the code only
 * applies them. An input that nobody knows is null, and null never counts as "no". Any
 * thread, one a document. */
#ifndef IRONSPAN_EVALUATE_H
#define IRONSPAN_EVALUATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct registers;

/* What an alert did to its target, as one word of categories.json ("setpoint_changed",
 * "probed"): from alert.category, ot.operation.verb and outcome, each NULL where the
 * alert has none. The correlator collects these words in affected[].outcome, without
 * repeats. Static for the life of r; never NULL. */
const char *incident_effect(const struct registers *r, const char *category,
	const char *verb, const char *outcome);

/* Reads of the document:
 *   state, origin, organization, site, dismissal
 *   times.first_activity, detected, confirmed, resolved, last_activity
 *   alerts.severity            lowest alert.severity (1 is worst); 0 or absent: not known
 *   affected[].outcome[]       words of incident_effect(); others are kept and ignored
 *   affected[].asset, criticality, safety, cii, mlps_level, zone, loss_of_view_s
 *   progress.highest           tactic, "impair-process-control"
 *   human_input: direct_loss_cny, people_affected, pii_records, cii_operator, and of critical
 *     information infrastructure cii_outage_min (as a whole), cii_main_functions_min
 *   grade.confirmed
 *   reports[]                  rows {uid, profile, kind, submitted}; plain strings say nothing
 *   classification.gbt20986.by set by a person: then nothing of it is touched
 * and writes classification, grade.proposed, grade.threshold_checks, score, clocks and
 * safety_accident.suspected, why and proposed_regime. Twice the same call changes nothing. A
 * proposed grade never falls: an earlier one in the document is kept if it was graver. */
void incident_evaluate(json_t *doc, const struct registers *r, uint64_t now_ns);

/* For whoever puts a fresh machine document in an earlier one's place: keeps the graver
 * proposal. Call before incident_evaluate(). */
void incident_grade_keep(json_t *doc, const json_t *earlier);

/* The grade that counts: confirmed by a person, else proposed; 1 (gravest) to 4, 0:
 * none. */
int incident_grade(const json_t *doc);

#endif
