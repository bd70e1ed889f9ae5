/* Local time at a site: when does its day end, which date is it there. The C library's
 * table of a zone, read once at start, so that afterwards any thread may ask without
 * touching TZ. */
#ifndef IRONSPAN_TIME_ZONE_H
#define IRONSPAN_TIME_ZONE_H

#include <stdbool.h>
#include <stdint.h>

struct time_zone;

/* By its name in the tz database ("Asia/Shanghai"). NULL: this machine does not have it.
 * Sets and restores TZ: before threads start only. */
struct time_zone *time_zone_load(const char *name);
void time_zone_free(struct time_zone *z);
const char *time_zone_name(const struct time_zone *z); /* NULL z: "UTC" */

/* A local date and time of day; months and days from 1. */
struct local_time {
	int year, month, day;
	int64_t second; /* of the day */
	uint32_t ns;
};

/* z NULL is UTC in both. */
struct local_time time_zone_local(const struct time_zone *z, uint64_t ns);
/* The first moment that shows this local time; what a change to summer time skips is the
 * moment of the change. Days beyond the month's end run over into the next. */
uint64_t time_zone_moment(const struct time_zone *z, struct local_time t);
/* Midnight that begins a date "2026-01-31". false: not a date. */
bool time_zone_date(const struct time_zone *z, const char *date, uint64_t *ns);

int days_in_month(int year, int month);

#endif
