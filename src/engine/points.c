#include <stdlib.h>

#include "base/hash.h"
#include "base/lru.h"
#include "base/memory.h"
#include "engine/points.h"

enum { PAGE = 64 };

struct page {
	uint64_t known;        /* bit a point */
	union {
		uint64_t bits;     /* of points that are bits; there is nothing else then */
		uint64_t room;     /* values behind it */
	};
	uint64_t ints, reals;  /* of numbers: those that are signed, those that are real */
	uint8_t values[];
};

struct points {
	struct lru *pages;
	uint8_t found[POINTS_ASKED_MAX * sizeof(uint64_t)];
};

struct points *points_new(unsigned pages)
{
	struct points *p = mem_new(sizeof(*p));
	p->pages = lru_new(pages, pages / 8, sizeof(uint64_t), NULL, NULL);
	return p;
}

void points_free(struct points *p)
{
	lru_free(p->pages);
	free(p);
}

/* Bytes that one value takes in a page; 0 for bits, and for what is not kept. */
static size_t width_of(unsigned type)
{
	switch (type) {
	case VALUE_U16:
		return 2;
	case VALUE_UINT:
	case VALUE_INT:
	case VALUE_REAL:
		return 8;
	default:
		return 0;
	}
}

static bool is_number(unsigned type)
{
	return width_of(type) == sizeof(uint64_t);
}

/* One page's part of a range. */
struct part {
	struct page *page;
	unsigned slot, count;
};

static uint64_t key_of(const struct point *range, uint32_t done)
{
	return hash_mix(range->place, (range->address + done) / PAGE);
}

/* A point with a name is mostly alone, others have neighbours. */
static struct page *make_page(struct points *p, const struct point *range, uint64_t key,
	unsigned last)
{
	bool is_new;
	size_t width = width_of(range->type);
	unsigned room = range->is_named && last == 0 ? 1 : PAGE;
	struct page *page = lru_make(p->pages, &key, sizeof(*page) + room * width, &is_new);
	if (width == 0)
		return page;
	if (!is_new && page->room <= last)
		page = lru_grow(p->pages, page, sizeof(*page) + page->room * width,
			sizeof(*page) + PAGE * width);
	else if (!is_new)
		return page;
	page->room = is_new ? room : PAGE;
	return page;
}

/* The page is still to be looked for. */
static struct part part_of(const struct point *range, uint32_t done)
{
	unsigned slot = (range->address + done) % PAGE;
	uint32_t left = range->count - done;
	return (struct part){ NULL, slot, left < PAGE - slot ? left : PAGE - slot };
}

/* Its page is NULL where there is none. */
static struct part kept_part_of(struct points *p, const struct point *range, uint32_t done)
{
	struct part part = part_of(range, done);
	uint64_t key = key_of(range, done);
	part.page = lru_find(p->pages, &key);
	return part;
}

/* The first page of a range, if `place` knows it. */
static struct page *page_at(const struct points *p, const struct point_place *place)
{
	return place && place->epoch == lru_epoch(p->pages) ? place->page : NULL;
}

static struct page *first_page(struct points *p, const struct point *range, unsigned last,
	struct point_place *place)
{
	struct page *page = page_at(p, place);
	if (!page) {
		page = make_page(p, range, key_of(range, 0), last);
		if (place)
			*place = (struct point_place){ page, lru_epoch(p->pages) };
	}
	if (range->is_whole) /* what it has now is all */
		page->known = 0;
	return page;
}

static uint64_t mask_of(const struct part *part)
{
	uint64_t bits = part->count == PAGE ? ~(uint64_t)0 : ((uint64_t)1 << part->count) - 1;
	return bits << part->slot;
}

static bool is_kept(const struct point *range)
{
	return range->type == VALUE_BITS || width_of(range->type) > 0;
}

static size_t size_of(const struct point *range)
{
	return range->type == VALUE_BITS ? (range->count + 7) / 8
					 : range->count * width_of(range->type);
}

/* `count` bits, at most 64, from the `from`th on. */
static uint64_t bits_at(const uint8_t *at, size_t from, unsigned count)
{
	uint64_t bits = 0;
	for (unsigned i = 0; i < count; i += 8) {
		unsigned shift = from % 8, next = shift + (count - i < 8 ? count - i : 8) > 8;
		uint64_t byte = (unsigned)(at[from / 8] | (next ? at[from / 8 + 1] : 0) << 8) >> shift;
		bits |= (byte & 0xff) << i;
		from += 8;
	}
	return count < 64 ? bits & (((uint64_t)1 << count) - 1) : bits;
}

static void find_part(struct points *p, const struct part *part, const struct point *range,
	uint32_t done)
{
	size_t width = width_of(range->type);
	if (width) {
		memcpy(p->found + done * width, part->page->values + part->slot * width,
			part->count * width);
		return;
	}
	for (unsigned i = 0; i < part->count; i++)
		p->found[(done + i) / 8] |= (uint8_t)((part->page->bits >> (part->slot + i) & 1)
			<< ((done + i) % 8));
}

/* Of a part's values, which were asked for as `asked`: numbers are of the type that they were seen
 * in, and of NONE where these differ. */
static enum value_type type_of(const struct part *part, unsigned asked)
{
	uint64_t mask = mask_of(part);
	uint64_t ints = part->page->ints & mask, reals = part->page->reals & mask;
	if (!is_number(asked))
		return (enum value_type)asked;
	if ((ints && ints != mask) || (reals && reals != mask))
		return VALUE_NONE;
	return reals ? VALUE_REAL : ints ? VALUE_INT : VALUE_UINT;
}

/* A whole point lies in one page, from its beginning. */
static bool find_whole(struct points *p, const struct point *range, struct values *values)
{
	struct part part = kept_part_of(p, range, 0);
	uint64_t known = part.page ? part.page->known : 0;
	struct point kept = *range;
	kept.count = ~known ? (uint32_t)__builtin_ctzll(~known) : PAGE;
	part.count = kept.count;
	memset(p->found, 0, size_of(&kept));
	if (part.count == 0)
		return false;
	find_part(p, &part, &kept, 0);
	*values = (struct values){ type_of(&part, range->type), kept.count,
		{ p->found, size_of(&kept) } };
	return true;
}

bool points_find(struct points *p, const struct point *range, struct values *values)
{
	if (range->is_whole)
		return is_kept(range) && find_whole(p, range, values);
	uint32_t most = range->is_memory ? sizeof(p->found) * 8 : POINTS_ASKED_MAX;
	enum value_type type = VALUE_NONE;
	if (!is_kept(range) || range->count == 0 || range->count > most)
		return false;
	memset(p->found, 0, range->type == VALUE_BITS ? size_of(range) : 0);
	for (uint32_t done = 0; done < range->count;) {
		struct part part = kept_part_of(p, range, done);
		if (!part.page || (part.page->known & mask_of(&part)) != mask_of(&part))
			return false;
		enum value_type other = type_of(&part, range->type);
		if (other == VALUE_NONE || (done && other != type))
			return false;
		type = other;
		find_part(p, &part, range, done);
		done += part.count;
	}
	*values = (struct values){ type, range->count, { p->found, size_of(range) } };
	return true;
}

static void note_type(struct page *page, uint64_t mask, unsigned type)
{
	page->ints = (page->ints & ~mask) | (type == VALUE_INT ? mask : 0);
	page->reals = (page->reals & ~mask) | (type == VALUE_REAL ? mask : 0);
}

static void learn_part(struct part *part, const struct point *range, uint32_t done,
	struct bytes values)
{
	size_t width = width_of(range->type);
	uint64_t mask = mask_of(part);
	struct page *page = part->page;
	if (width)
		memcpy(page->values + part->slot * width, values.at + done * width,
			part->count * width);
	else
		page->bits = (page->bits & ~mask) |
			bits_at(values.at, done, part->count) << part->slot;
	if (is_number(range->type))
		note_type(page, mask, range->type);
	page->known |= mask;
}

/* A named point is mostly one number: of all parts of a range the only one. */
static void learn_named(struct points *p, const struct point *range, struct bytes values,
	struct point_place *place)
{
	struct page *page = first_page(p, range, 0, place);
	memcpy(page->values, values.at, sizeof(uint64_t));
	note_type(page, 1, range->type);
	page->known |= 1;
}

static void forget(struct points *p, const struct point *range)
{
	for (uint32_t done = 0; done < range->count;) {
		struct part part = kept_part_of(p, range, done);
		if (part.page)
			part.page->known &= range->is_whole ? 0 : ~mask_of(&part);
		if (range->is_whole)
			return;
		done += part.count;
	}
}

void points_learn(struct points *p, const struct point *range, struct bytes values,
	struct point_place *place)
{
	if (range->is_named && range->count == 1 && values.len == sizeof(uint64_t) &&
		!range->forgets && is_number(range->type)) {
		learn_named(p, range, values, place);
		return;
	}
	if (!is_kept(range) || range->count > UINT16_MAX + 1u)
		return;
	if (range->forgets || (range->is_whole && range->count > PAGE)) {
		forget(p, range);
		return;
	}
	if (values.len < size_of(range))
		return;
	for (uint32_t done = 0; done < range->count;) {
		struct part part = part_of(range, done);
		unsigned last = part.slot + part.count - 1;
		part.page = done ? make_page(p, range, key_of(range, done), last)
				 : first_page(p, range, last, place);
		learn_part(&part, range, done, values);
		done += part.count;
	}
}

bool points_prefetch(const struct points *p, const struct point *range,
	const struct point_place *place, unsigned step)
{
	const char *page = (const char *)page_at(p, place);
	if (page) {
		__builtin_prefetch(page, 1);
		__builtin_prefetch(page + offsetof(struct page, values) +
			range->address % PAGE * width_of(range->type), 1);
		return false;
	}
	uint64_t key = key_of(range, 0);
	if (step == 0)
		lru_prefetch_bucket(p->pages, &key);
	else
		lru_prefetch_body(p->pages, &key);
	return step == 0;
}
