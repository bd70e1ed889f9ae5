/* The schemas of src/incident as text: tools/embed-schemas writes the table at build
 * time, so that the program can check registers wherever it was put. */
#ifndef IRONSPAN_SCHEMA_TEXTS_H
#define IRONSPAN_SCHEMA_TEXTS_H

struct schema_text {
	const char *name; /* NULL ends the table */
	const char *text;
};

extern const struct schema_text schema_texts[];

#endif
