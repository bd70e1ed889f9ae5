/* Programmer commands: watching, modifying and forcing variables, breakpoints, jobs.
 *
 *   parameter size (2) | data size (2) | parameter: when and how often | data: what
 * A request sets up a job; the PLC pushes its results. */
#include "s7comm_fields.h"
#include "s7comm_names.h"

enum {
	VARIABLE_STATUS = 2, MODIFY_VARIABLE = 8, FORCE = 9, BREAKPOINT = 10,
	DISABLE_JOB = 13, ENABLE_JOB = 14, DELETE_JOB = 15, READ_JOB_LIST = 16,
	READ_JOB = 17, REPLACE_JOB = 18, VARIABLE_LENGTH = 6, JOB_LENGTH = 4,
	TRIGGER_MIN = 4, EVENT_MIN = 20, BLOCK_MIN = 26,
};

static void put_parameter(struct dissect *d, struct cursor *c)
{
	size_t size = c->left;

	if (size >= TRIGGER_MIN) {
		cursor_skip(c, 2);
		put_be16(d, TEST_TRIGGER, c);
	}
	if (size >= EVENT_MIN) {
		put_be16(d, TEST_FREQUENCY, c);
		cursor_skip(c, 12);
		put_be16(d, TEST_EVENT, c);
	}
	if (size >= BLOCK_MIN) {
		put_be16(d, TEST_BLOCK_TYPE, c);
		put_be16(d, TEST_BLOCK_NUMBER, c);
		put_be16(d, TEST_ADDRESS, c);
	}
}

/* ---- variables ---- */

/* Areas whose low digit is 0 are bits: the count is the bit's number. */
static void put_variable(struct dissect *d, struct cursor *c)
{
	struct cursor text = *c;

	put_begin(d, VARIABLES);
	uint8_t area = put_u8(d, VARIABLE_AREA_RAW, c);
	if (cursor_ok(c))
		put_uint(d, VARIABLE_AREA, area);
	put_u8(d, area & 0x0f ? VARIABLE_COUNT : VARIABLE_BIT, c);
	put_be16(d, VARIABLE_DB, c);
	put_be16(d, VARIABLE_BYTE, c);
	if (cursor_ok(c))
		put_run(d, VARIABLE_POINT, &text, VARIABLE_LENGTH);
	put_end(d);
}

static void put_variables(struct dissect *d, unsigned count, struct cursor *c)
{
	for (; count > 0 && cursor_ok(c); count--) {
		if (c->left == 0) {
			s7_wrong(d, INVALID_ITEM_COUNT);
			return;
		}
		put_variable(d, c);
	}
}

static void put_watching(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	unsigned count = put_be16(d, ITEM_COUNT, c);

	if (u->type == S7_ASK)
		put_variables(d, count, c);
	else
		s7_put_values(d, c, count);
}

static void put_changing(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	unsigned count = put_be16(d, ITEM_COUNT, c);

	if (u->type == S7_ASK) {
		put_variables(d, count, c);
		if (cursor_ok(c))
			s7_put_values(d, c, count);
	} else {
		s7_put_codes(d, c, count);
	}
}

/* ---- jobs ---- */

static uint8_t put_job(struct dissect *d, struct cursor *c, bool has_status)
{
	put_begin(d, TEST_JOBS);
	uint8_t function = put_u8(d, TEST_JOB_FUNCTION_RAW, c);
	if (cursor_ok(c))
		put_uint(d, TEST_JOB_FUNCTION, function);
	put_u8(d, TEST_JOB_SEQUENCE, c);
	if (has_status)
		put_be16(d, TEST_JOB_STATUS, c);
	put_end(d);
	return function;
}

static void put_sized(struct dissect *d, const struct s7_userdata *u, struct cursor *c);

/* The job that takes its place stands behind: no job that replaces in its turn. */
static void put_replaced(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	struct s7_userdata job = *u;

	cursor_skip(c, 2);
	job.sub = put_job(d, c, false);
	if (job.sub != REPLACE_JOB && cursor_ok(c))
		put_sized(d, &job, c);
}

static void put_job_question(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->sub == REPLACE_JOB) {
		put_replaced(d, u, c);
		return;
	}
	if (u->sub == READ_JOB_LIST)
		return;
	if (u->sub == DELETE_JOB)
		cursor_skip(c, 2);
	put_job(d, c, false);
}

static void put_jobs(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type == S7_ASK)
		put_job_question(d, u, c);
	else if (u->sub == READ_JOB_LIST)
		while (c->left >= JOB_LENGTH)
			put_job(d, c, true);
	else
		put_rest(d, TEST_DATA, c);
}

/* Where the program was interrupted. */
static void put_breakpoint(
	struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	if (u->type != S7_ASK) {
		put_be16(d, TEST_BLOCK_TYPE, c);
		put_be16(d, TEST_BLOCK_NUMBER, c);
		put_be16(d, TEST_ADDRESS, c);
	}
	put_rest(d, TEST_DATA, c);
}

static void put_data(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	switch (u->sub) {
	case VARIABLE_STATUS:
		put_watching(d, u, c);
		break;
	case MODIFY_VARIABLE:
	case FORCE:
		put_changing(d, u, c);
		break;
	case BREAKPOINT:
		put_breakpoint(d, u, c);
		break;
	case DISABLE_JOB:
	case ENABLE_JOB:
	case DELETE_JOB:
	case READ_JOB_LIST:
	case READ_JOB:
	case REPLACE_JOB:
		put_jobs(d, u, c);
		break;
	default:
		put_rest(d, TEST_DATA, c);
	}
}

/* Some CPUs say less data than there are: what is there counts. */
static void put_sized(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	uint16_t parameter_size = put_be16(d, TEST_PARAMETER_SIZE, c);
	put_be16(d, TEST_DATA_SIZE, c);
	struct cursor parameter = cursor_sub(c, parameter_size);

	if (!cursor_ok(c))
		return;
	if (u->type == S7_ASK)
		put_parameter(d, &parameter);
	if (c->left > 0)
		put_data(d, u, c);
}

void s7_put_test(struct dissect *d, const struct s7_userdata *u, struct cursor *c)
{
	put_sized(d, u, c);
}
