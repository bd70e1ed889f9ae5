/* A pen for sheets that people read, print and file: reports as Markdown or as one HTML page.
 *
 * The page needs nothing beside itself (no script, no font, no picture, and a policy in its
 * head that forbids them), prints on A4 and reads on a screen. Whatever is written goes
 * through here, so this is the place where hostile text, such as the name that a device gave
 * itself, loses its power: markup is escaped, control characters and those that turn the
 * reading direction are replaced.
 *
 * SHEET_FILL stands where a person must fill something in; it stays literal in every language
 * so that it can be searched for, and is drawn so that nobody overlooks it.
 *
 * What follows on one another of the same kind (facts, rows, items) becomes one table or
 * list. Strings are copied. One thread. */
#ifndef IRONSPAN_SHEET_H
#define IRONSPAN_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#define SHEET_FILL "[人工填写]"
enum { SHEET_COLUMNS_MAX = 12 };

enum sheet_format { SHEET_MARKDOWN, SHEET_HTML };

struct sheet;

/* `language` is "zh-CN" or "en". */
struct sheet *sheet_new(enum sheet_format format, const char *language, const char *title);
/* Below the title, in a box: what the reader must know first. */
void sheet_banner(struct sheet *s, const char *text);
void sheet_section(struct sheet *s, const char *title);
void sheet_heading(struct sheet *s, const char *title); /* within a section */
void sheet_paragraph(struct sheet *s, const char *text);
void sheet_fact(struct sheet *s, const char *label, const char *value);
void sheet_item(struct sheet *s, const char *text);
/* A table's head; each row must have as many cells. A cell that is NULL or empty is a dash. */
void sheet_table(struct sheet *s, const char *const *heads, unsigned columns);
void sheet_row(struct sheet *s, const char *const *cells);
/* The whole sheet, which the caller frees; the pen is gone. */
char *sheet_finish(struct sheet *s);

#endif
