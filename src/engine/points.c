#include <stdlib.h>

#include "base/lru.h"
#include "engine/points.h"

enum { PAGE = 64 };

struct key {
	struct address server;
	uint64_t object, page;
	uint32_t unit;
	uint16_t port, type;
};

struct page {
	uint64_t known;        /* bit a point */
	uint8_t values[];      /* PAGE of them */
};

struct points {
	struct lru *pages;
	uint8_t found[POINTS_ASKED_MAX * sizeof(uint64_t)];
};

struct points *points_new(unsigned pages)
{
	struct points *p = mem_new(sizeof(*p));
	p->pages = lru_new(pages, pages / 8, sizeof(struct key), NULL, NULL);
	return p;
}

void points_free(struct points *p)
{
	lru_free(p->pages);
	free(p);
}

/* Bytes that one value takes in a page; bits take one each. */
static size_t width_of(enum value_type type)
{
	switch (type) {
	case VALUE_BITS:
		return 1;
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

/* One page's part of a range. */
struct part {
	struct page *page;
	unsigned slot, count;
};

static struct part part_at(struct points *p, const struct point *range, uint32_t done,
	bool create)
{
	uint64_t address = range->address + done;
	struct key key;
	memset(&key, 0, sizeof(key)); /* padding is hashed too */
	key.server = range->server;
	key.object = range->object;
	key.page = address / PAGE;
	key.unit = range->unit;
	key.port = range->port;
	key.type = (uint16_t)range->type;
	unsigned slot = address % PAGE;
	uint32_t left = range->count - done;
	unsigned count = left < PAGE - slot ? left : PAGE - slot;
	bool is_new;
	struct page *page = create ? lru_make(p->pages, &key,
		sizeof(*page) + PAGE * width_of(range->type), &is_new) : lru_find(p->pages, &key);
	return (struct part){ page, slot, count };
}

static uint64_t mask_of(const struct part *part)
{
	uint64_t bits = part->count == PAGE ? ~(uint64_t)0 : ((uint64_t)1 << part->count) - 1;
	return bits << part->slot;
}

bool points_find(struct points *p, const struct point *range, struct values *values)
{
	size_t width = width_of(range->type);
	if (width == 0 || range->count == 0 || range->count > POINTS_ASKED_MAX)
		return false;
	memset(p->found, 0, range->type == VALUE_BITS ? (range->count + 7) / 8 : 0);
	for (uint32_t done = 0; done < range->count;) {
		struct part part = part_at(p, range, done, false);
		if (!part.page || (part.page->known & mask_of(&part)) != mask_of(&part))
			return false;
		if (range->type == VALUE_BITS) {
			for (unsigned i = 0; i < part.count; i++, done++)
				p->found[done / 8] |= (uint8_t)(part.page->values[part.slot + i]
					<< (done % 8));
		} else {
			memcpy(p->found + done * width, part.page->values + part.slot * width,
				part.count * width);
			done += part.count;
		}
	}
	*values = (struct values){ range->type, range->count, { p->found,
		range->type == VALUE_BITS ? (range->count + 7) / 8 : range->count * width } };
	return true;
}

static void learn_part(struct part *part, const struct point *range, uint32_t done,
	struct bytes values)
{
	size_t width = width_of(range->type);
	if (range->forgets) {
		part->page->known &= ~mask_of(part);
		return;
	}
	if (range->type == VALUE_BITS)
		for (unsigned i = 0; i < part->count; i++)
			part->page->values[part->slot + i] =
				values.at[(done + i) / 8] >> ((done + i) % 8) & 1;
	else
		memcpy(part->page->values + part->slot * width, values.at + done * width,
			part->count * width);
	part->page->known |= mask_of(part);
}

static size_t size_of(const struct point *range)
{
	return range->type == VALUE_BITS ? (range->count + 7) / 8
					 : range->count * width_of(range->type);
}

void points_learn(struct points *p, const struct point *range, struct bytes values)
{
	if (width_of(range->type) == 0 || range->count > UINT16_MAX + 1u ||
		(!range->forgets && values.len < size_of(range)))
		return;
	for (uint32_t done = 0; done < range->count;) {
		struct part part = part_at(p, range, done, !range->forgets);
		if (part.page)
			learn_part(&part, range, done, values);
		done += part.count;
	}
}
