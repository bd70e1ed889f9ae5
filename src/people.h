/* How numbers, colours and lines look to people: on stderr, in the table at the end and the
 * progress bar. */
#ifndef IRONSPAN_PEOPLE_H
#define IRONSPAN_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A few characters, by value: number_text(n).text lives as long as the expression. */
struct words {
	char text[40];
};

struct words number_text(uint64_t number);    /* "1,234,567" */
struct words size_text(uint64_t bytes);       /* "1.2 MB", powers of ten */
struct words duration_text(uint64_t seconds); /* "0:07", "1:02:03", "3 d 4:00:00" */
struct words time_text(uint64_t time_ns);     /* "2004-08-26 12:12:19", UTC */

bool people_watch(FILE *out);         /* a terminal that understands cursor codes */
bool people_see_colours(FILE *out);   /* the same, and NO_COLOR is not set */
unsigned people_columns(FILE *out);   /* width of the terminal; 80 if it is none */

#define BOLD "\033[1m"
#define RED "\033[31m"
#define YELLOW "\033[33m"
#define PLAIN "\033[0m"

/* Lines of a label, a number, and words that go on in the next lines if they must. */
struct table {
	FILE *out;
	bool colours;
	unsigned columns;
	const char *label; /* of the group that begins; only its first line shows it */
};

const char *table_colour(const struct table *t, const char *code); /* or nothing */
void table_line(struct table *t, const char *number, const char *mark, const char *words);
void table_count(struct table *t, uint64_t count, const char *mark, const char *words);
/* The words from column `indent` on. */
void table_words(const struct table *t, const char *words, unsigned indent);

#endif
