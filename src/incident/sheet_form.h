/* What a form of sheet must know. Internal to src/incident/sheet*.c. */
#ifndef IRONSPAN_SHEET_FORM_H
#define IRONSPAN_SHEET_FORM_H

#include "base/text.h"
#include "incident/sheet.h"

enum sheet_group { SHEET_ALONE, SHEET_FACTS, SHEET_ITEMS, SHEET_TABLE };
enum sheet_line { SHEET_BANNER, SHEET_SECTION, SHEET_HEADING, SHEET_PARAGRAPH };

struct sheet_form {
	void (*begin)(struct sheet *s, const char *title);
	void (*end)(struct sheet *s);
	void (*line)(struct sheet *s, enum sheet_line kind, const char *text);
	void (*open)(struct sheet *s, const char *const *heads); /* s->group begins */
	void (*close)(struct sheet *s);
	void (*fact)(struct sheet *s, const char *label, const char *value);
	void (*item)(struct sheet *s, const char *text);
	void (*row)(struct sheet *s, const char *const *cells);
	/* One character that is not a control, 1 to 4 bytes; `is_first` of its text. */
	void (*put)(struct text *out, const char *at, size_t len, bool is_first);
	const char *fill; /* SHEET_FILL in its dress */
};
extern const struct sheet_form sheet_markdown, sheet_html;

struct sheet {
	const struct sheet_form *form;
	const char *language;
	struct text out;
	enum sheet_group group;
	unsigned columns;
};

/* `value` so that it is nothing but text; NULL or empty: a dash. */
void sheet_put(struct sheet *s, const char *value);

#endif
