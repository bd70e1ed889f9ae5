/* Registers: what the operator knows and no network can tell. Who the plant belongs to,
 * which device stands where, who answers for it, who must be told and by when, and the
 * tables by which incidents are graded.
 *
 * Two folders of JSON files. The shared one ships (signatures/incident): grade-rules,
 * clocks, categories, profiles/ and redaction/. The plant's is the operator's:
 * organization, zones, assets, responsible, persons, recipients, maintenance, each
 * optional but the first; a file of a shared name in it takes the shipped one's place.
 * ironspan-registers(5) describes every file; the schemas are
 * src/incident/register_*.schema.json.
 *
 * Loaded at start by one thread, constant afterwards: any thread may look things up. All
 * that is returned is owned by the registers and valid until registers_free(). NULL is
 * "not known" and never "no". */
#ifndef IRONSPAN_REGISTER_H
#define IRONSPAN_REGISTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct address;
struct registers;
struct time_zone;

/* NULL after reported errors (file:line: pointer: reason). plant_dir NULL: only what
 * ships. */
struct registers *registers_load(const char *plant_dir, const char *shared_dir);
void registers_free(struct registers *r); /* NULL is fine */
/* A warning for each asset that nobody answers for now (the first 20 by name); how
 * many. */
unsigned registers_warn(const struct registers *r, uint64_t now_ns);

/* A whole loaded file by name: "organization", "zones", "assets", "responsible",
 * "persons", "recipients", "maintenance", "grade-rules", "clocks", "categories", "labels",
 * "profiles/ID", "redaction/ID" (ID is the file's `id`:
 * "profiles/CN-CAC-2025/other-operator"). NULL: none. */
const json_t *registers_data(const struct registers *r, const char *name);
const json_t *registers_all(const struct registers *r); /* object: name to file */

struct register_asset {
	const char *id;
	const char *name, *role, *vendor, *model, *zone, *site, *owner; /* NULL: not known */
	const char *criticality; /* especially_important, important, general; NULL: not known */
	int safety, cii;         /* 1 yes, 0 no, -1 not known */
	int mlps_level;          /* 1 to 5; 0: not known */
	const json_t *json;      /* its row */
};

/* By address; then, unless the row says `behind_mac` (a router's MAC is that of all
 * behind it), by MAC. Either may be NULL. NULL: no such asset. O(1). */
const struct register_asset *registers_asset(const struct registers *r,
	const struct address *address, const uint8_t mac[6]);
/* A device behind a gateway: address and unit as ot.operation.unit spells it ("8",
 * "rack 0 slot 2"). Only an exact match. O(1). */
const struct register_asset *registers_asset_unit(const struct registers *r,
	const struct address *address, const char *unit);
/* The same, by an operation (ot.operation); NULL, too, where it names no unit. */
const struct register_asset *registers_asset_operated(const struct registers *r,
	const struct address *address, const json_t *operation);
const struct register_asset *registers_asset_by_id(const struct registers *r,
	const char *id);

/* Id of the zone with the longest prefix that holds the address; one step a prefix
 * length. */
const char *registers_zone(const struct registers *r, const struct address *address);
/* Id of the conduit between two zones, whichever way; NULL: none is registered. */
const char *registers_conduit(const struct registers *r, const char *zone,
	const char *other);

/* Who answered for an asset at a time: the asset's own rows, else its zone's, else its
 * site's; of several the one that began last. false: nobody. Strings are NULL where not
 * given. */
struct responsible {
	const char *department, *person_id, *role, *valid_from;
};
bool registers_responsible(const struct registers *r, const char *asset_id,
	uint64_t at_ns, struct responsible *out);

/* The maintenance window that an asset was in at a time: by asset, zone or site. */
const json_t *registers_window(const struct registers *r, const char *asset_id,
	uint64_t at_ns);

/* Row of a site in organization.json; NULL id: the first. */
const json_t *registers_site(const struct registers *r, const char *id);
/* A site's time zone (incident/time_zone.h); UTC where no site is known. */
const struct time_zone *registers_time_zone(const struct registers *r,
	const char *site_id);

#endif
