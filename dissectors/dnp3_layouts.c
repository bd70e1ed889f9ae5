/* What the points of each object group and variation look like: IEEE 1815-2012, Annex A.
 */
#include "dnp3_objects.h"

enum { BINARY, DOUBLE, OUTPUT, COUNTER, DELTA, ANALOG, STATISTIC, SET };

const uint16_t dnp3_flags[][FLAG_BITS] = {
	[BINARY] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED,
		CHATTER_FILTER, RESERVED, STATE },
	[DOUBLE] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED,
		CHATTER_FILTER, STATE, STATE },
	[OUTPUT] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED, RESERVED0,
		RESERVED1, STATE },
	[COUNTER] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED, ROLLOVER,
		DISCONTINUITY, RESERVED0 },
	[DELTA] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED, ROLLOVER,
		RESERVED0, RESERVED1 },
	[ANALOG] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED, OVER_RANGE,
		REFERENCE_ERR, RESERVED0 },
	[STATISTIC] = { ONLINE, RESTART, COMM_LOST, REMOTE_FORCED, LOCAL_FORCED,
		RESERVED0, DISCONTINUITY, RESERVED1 },
	[SET] = { SET_READABLE, SET_WRITABLE, SET_STATIC, SET_EVENT, SET_DEFINED,
		PADDING0, PADDING1, PADDING2 },
};

/* ---- parts that many points have ---- */

#define LAYOUT(name, ...)                                                                \
	static const struct dnp3_part name[] = { __VA_ARGS__, { PART_END, 0, 0 } }
#define FLAGS(which)                                                                     \
	{                                                                                \
		PART_FLAGS, which, 0                                                     \
	}
#define NUMBER(kind, field)                                                              \
	{                                                                                \
		PART_##kind, 0, field                                                    \
	}
#define SIZED(kind, size, field)                                                         \
	{                                                                                \
		PART_##kind, size, field                                                 \
	}
#define AT                                                                               \
	{                                                                                \
		PART_TIME, 0, TIMESTAMP                                                  \
	}

LAYOUT(binary, FLAGS(BINARY));
LAYOUT(binary_at, FLAGS(BINARY), AT);
LAYOUT(binary_relative, FLAGS(BINARY), NUMBER(RELATIVE, TIMESTAMP));
LAYOUT(double_bit, FLAGS(DOUBLE));
LAYOUT(double_at, FLAGS(DOUBLE), AT);
LAYOUT(double_relative, FLAGS(DOUBLE), NUMBER(RELATIVE, RELATIVE_TIME));
LAYOUT(output, FLAGS(OUTPUT));
LAYOUT(output_at, FLAGS(OUTPUT), AT);
LAYOUT(command, { PART_CONTROL, 0, 0 }, NUMBER(U8, POINT_COUNT), NUMBER(U32, ONTIME),
	NUMBER(U32, OFFTIME), NUMBER(STATUS, RESERVED));
LAYOUT(command_event, NUMBER(STATUS, COMMANDED_STATE));
LAYOUT(command_event_at, NUMBER(STATUS, COMMANDED_STATE), AT);

LAYOUT(counter_32, FLAGS(COUNTER), NUMBER(U32, POINT_COUNT));
LAYOUT(counter_16, FLAGS(COUNTER), NUMBER(U16, POINT_COUNT));
LAYOUT(delta_32, FLAGS(DELTA), NUMBER(U32, POINT_COUNT));
LAYOUT(delta_16, FLAGS(DELTA), NUMBER(U16, POINT_COUNT));
LAYOUT(count_32, NUMBER(U32, POINT_COUNT));
LAYOUT(count_16, NUMBER(U16, POINT_COUNT));
LAYOUT(counter_32_at, FLAGS(COUNTER), NUMBER(U32, POINT_COUNT), AT);
LAYOUT(counter_16_at, FLAGS(COUNTER), NUMBER(U16, POINT_COUNT), AT);
LAYOUT(delta_32_at, FLAGS(DELTA), NUMBER(U32, POINT_COUNT), AT);
LAYOUT(delta_16_at, FLAGS(DELTA), NUMBER(U16, POINT_COUNT), AT);

LAYOUT(analog_32, FLAGS(ANALOG), NUMBER(S32, VALUE));
LAYOUT(analog_16, FLAGS(ANALOG), NUMBER(S16, VALUE));
LAYOUT(analog_f32, FLAGS(ANALOG), NUMBER(F32, VALUE_FLOAT));
LAYOUT(analog_f64, FLAGS(ANALOG), NUMBER(F64, VALUE_FLOAT));
LAYOUT(analog_32_at, FLAGS(ANALOG), NUMBER(S32, VALUE), AT);
LAYOUT(analog_16_at, FLAGS(ANALOG), NUMBER(S16, VALUE), AT);
LAYOUT(analog_f32_at, FLAGS(ANALOG), NUMBER(F32, VALUE_FLOAT), AT);
LAYOUT(analog_f64_at, FLAGS(ANALOG), NUMBER(F64, VALUE_FLOAT), AT);
LAYOUT(value_32, NUMBER(S32, VALUE));
LAYOUT(value_16, NUMBER(S16, VALUE));
LAYOUT(value_f32, NUMBER(F32, VALUE_FLOAT));
LAYOUT(value_f64, NUMBER(F64, VALUE_FLOAT));
LAYOUT(value_u8, NUMBER(U8, VALUE_UNSIGNED));
LAYOUT(deadband_16, NUMBER(U16, DEADBAND));
LAYOUT(deadband_32, NUMBER(U32, DEADBAND));
LAYOUT(deadband_f32, NUMBER(F32, DEADBAND_FLOAT));

LAYOUT(set_32, NUMBER(S32, VALUE), NUMBER(STATUS_BYTE, CONTROL_STATUS));
LAYOUT(set_16, NUMBER(S16, VALUE), NUMBER(STATUS_BYTE, CONTROL_STATUS));
LAYOUT(set_f32, NUMBER(F32, VALUE_FLOAT), NUMBER(STATUS_BYTE, CONTROL_STATUS));
LAYOUT(set_f64, NUMBER(F64, VALUE_FLOAT), NUMBER(STATUS_BYTE, CONTROL_STATUS));
LAYOUT(was_set_32, NUMBER(STATUS, RESERVED0), NUMBER(S32, COMMANDED_VALUE));
LAYOUT(was_set_16, NUMBER(STATUS, RESERVED0), NUMBER(S16, COMMANDED_VALUE));
LAYOUT(was_set_f32, NUMBER(STATUS, RESERVED0), NUMBER(F32, COMMANDED_FLOAT));
LAYOUT(was_set_f64, NUMBER(STATUS, RESERVED0), NUMBER(F64, COMMANDED_FLOAT));
LAYOUT(was_set_32_at, NUMBER(STATUS, RESERVED0), NUMBER(S32, COMMANDED_VALUE), AT);
LAYOUT(was_set_16_at, NUMBER(STATUS, RESERVED0), NUMBER(S16, COMMANDED_VALUE), AT);
LAYOUT(was_set_f32_at, NUMBER(STATUS, RESERVED0), NUMBER(F32, COMMANDED_FLOAT), AT);
LAYOUT(was_set_f64_at, NUMBER(STATUS, RESERVED0), NUMBER(F64, COMMANDED_FLOAT), AT);

LAYOUT(time_only, AT);
LAYOUT(time_interval, AT, NUMBER(U32, INTERVAL));
LAYOUT(time_indexed, AT, NUMBER(U32, INTERVAL_COUNT), NUMBER(U8, INTERVAL_UNITS));
LAYOUT(delay_coarse, NUMBER(U16, DELAY_SECS));
LAYOUT(delay_fine, NUMBER(U16, DELAY_MS));

/* ---- files ---- */

LAYOUT(file_identifier, SIZED(SIZE, 0, FILENAME_SIZE), NUMBER(U8, FILETYPE_CODE),
	NUMBER(U8, ATTRIBUTE_CODE), NUMBER(U16, START_RECORD), NUMBER(U16, END_RECORD),
	NUMBER(U32, FILE_SIZE), NUMBER(TIME_ONLY, FILE_CREATED_TIMESTAMP),
	NUMBER(U16, PERMISSION), NUMBER(U32, FILE_ID), NUMBER(U32, OWNER_ID),
	NUMBER(U32, GROUP_ID), NUMBER(U8, FILE_FUNCTION_CODE), NUMBER(U8, FILE_STATUS),
	SIZED(TEXT, 0, FILENAME), SIZED(SIZE, 1, FILE_DATA_SIZE),
	SIZED(TEXT, 1, FILE_DATA));
LAYOUT(file_authentication, NUMBER(U16, USERNAME_OFFSET), SIZED(SIZE, 0, USERNAME_SIZE),
	NUMBER(U16, PASSWORD_OFFSET), SIZED(SIZE, 1, PASSWORD_SIZE),
	NUMBER(KEY_SET, FILE_KEY_SET), SIZED(TEXT, 0, USERNAME), SIZED(SECRET, 1, 0));
LAYOUT(file_command, NUMBER(U16, FILENAME_OFFSET), SIZED(SIZE, 0, FILENAME_SIZE),
	NUMBER(TIME_ONLY, FILE_CREATED), NUMBER(U16, PERMISSIONS),
	NUMBER(KEY_SET, FILE_KEY_SET), NUMBER(U32, FILE_SIZE),
	NUMBER(U16, OPERATIONAL_MODE), NUMBER(U16, MAXIMUM_BLOCK_SIZE),
	NUMBER(U16, REQUEST_ID), SIZED(TEXT, 0, FILENAME));
LAYOUT(file_command_status, NUMBER(U32, FILE_HANDLE), NUMBER(U32, FILE_SIZE),
	NUMBER(U16, MAXIMUM_BLOCK_SIZE), NUMBER(U16, REQUEST_ID), NUMBER(U8, FILE_STATUS),
	NUMBER(REST, OPTIONAL_TEXT));
LAYOUT(file_transport, NUMBER(U32, FILE_HANDLE), NUMBER(BLOCK, BLOCK_NUMBER),
	NUMBER(REST, FILE_DATA));
LAYOUT(file_transport_status, NUMBER(U32, FILE_HANDLE), NUMBER(BLOCK, BLOCK_NUMBER),
	NUMBER(U8, FILE_STATUS), NUMBER(REST, OPTIONAL_TEXT));
LAYOUT(file_descriptor, NUMBER(U16, FILENAME_OFFSET), SIZED(SIZE, 0, FILENAME_SIZE),
	NUMBER(U16, FILE_TYPE), NUMBER(U32, FILE_SIZE),
	NUMBER(TIME_ONLY, FILE_CREATED_TIMESTAMP), NUMBER(U16, PERMISSIONS),
	NUMBER(U16, REQUEST_ID), SIZED(TEXT, 0, FILENAME));
LAYOUT(file_specification, NUMBER(REST, FILE_SPECIFICATION));

/* ---- the device, data sets ---- */

LAYOUT(attribute, { PART_ATTRIBUTE, 0, 0 });
LAYOUT(storage, NUMBER(SEVEN, FILL_PERCENTAGE), NUMBER(U8, OF_GROUP),
	NUMBER(U8, OF_VARIATION));
LAYOUT(registration, SIZED(FIXED, 4, VENDOR_CODE), NUMBER(U16, OBJECT_ID),
	SIZED(SIZE, 0, LENGTH), SIZED(TEXT, 0, DATA));
LAYOUT(descriptors, { PART_DESCRIPTORS, 0, 0 });
LAYOUT(characteristics, FLAGS(SET));
LAYOUT(point_types, NUMBER(SET_ID, SET_ID), { PART_POINT_TYPES, 0, 0 });
LAYOUT(set_values, NUMBER(SET_ID, SET_ID), NUMBER(SET_TIME, TIMESTAMP),
	{ PART_ELEMENTS, 0, 0 });
LAYOUT(application, NUMBER(REST, APPLICATION_ID));
LAYOUT(bcd_16, SIZED(FIXED, 2, VALUE_BCD));
LAYOUT(bcd_32, SIZED(FIXED, 4, VALUE_BCD));
LAYOUT(bcd_64, SIZED(FIXED, 8, VALUE_BCD));
LAYOUT(float_80, SIZED(FIXED, 10, DATA));
LAYOUT(private_bytes, NUMBER(REST, DATA));
/* What these are is public, but not how they are laid out: they stay bytes. */
LAYOUT(profile, NUMBER(REST, PROFILE));
LAYOUT(private_description, NUMBER(REST, PRIVATE_DESCRIPTION));
LAYOUT(activation, NUMBER(REST, ACTIVATION_STATUS));

/* ---- secure authentication ---- */

LAYOUT(challenge, NUMBER(U32, CSQ), NUMBER(U16, USR), NUMBER(U8, MAL), NUMBER(U8, REASON),
	NUMBER(REST, CHALLENGE_DATA));
LAYOUT(reply, NUMBER(U32, CSQ), NUMBER(U16, USR), NUMBER(REST, MAC_VALUE));
LAYOUT(aggressive, NUMBER(U32, CSQ), NUMBER(U16, USER_NUMBER));
LAYOUT(key_status_request, NUMBER(U16, USER_NUMBER));
LAYOUT(key_status, NUMBER(U32, KSQ), NUMBER(U16, USER_NUMBER), NUMBER(U8, KEY_WRAP_ALG),
	NUMBER(U8, KEY_STATUS), NUMBER(U8, MAL), SIZED(SIZE, 0, CHALLENGE_LENGTH),
	SIZED(TEXT, 0, CHALLENGE_DATA), NUMBER(REST, MAC_VALUE));
LAYOUT(key_change, NUMBER(U32, KSQ), NUMBER(U16, USR),
	NUMBER(SECRET_REST, WRAPPED_KEY_LENGTH));
LAYOUT(authentication_error, NUMBER(U32, SEQUENCE_NUMBER), NUMBER(U16, USR),
	NUMBER(U16, ASSOCIATION_ID), NUMBER(U8, ERROR_CODE),
	NUMBER(TIME_ONLY, TIME_OF_ERROR), NUMBER(REST, ERROR_TEXT));
LAYOUT(certificate, NUMBER(U8, KEY_CHANGE_METHOD), NUMBER(U8, CERTIFICATE_TYPE),
	NUMBER(REST, CERTIFICATE));
LAYOUT(mac, NUMBER(REST, MAC_VALUE));
LAYOUT(user_status, NUMBER(U8, KEY_CHANGE_METHOD), NUMBER(U8, USER_OPERATION),
	NUMBER(U32, STATUS_CHANGE_SEQUENCE), NUMBER(U16, USER_ROLE),
	NUMBER(U16, USER_ROLE_EXPIRY), SIZED(SIZE, 0, USERNAME_LENGTH),
	SIZED(SIZE, 1, PUBLIC_KEY_LENGTH), SIZED(SIZE, 2, CERTIFICATION_LENGTH),
	SIZED(TEXT, 0, USERNAME), SIZED(SECRET, 1, 0), SIZED(SECRET, 2, 0));
LAYOUT(update_key_request, NUMBER(U8, KEY_CHANGE_METHOD), SIZED(SIZE, 0, USERNAME_LENGTH),
	SIZED(SIZE, 1, CHALLENGE_LENGTH), SIZED(TEXT, 0, USERNAME),
	SIZED(TEXT, 1, CHALLENGE_DATA));
LAYOUT(update_key_reply, NUMBER(U32, KSQ), NUMBER(U16, USER_NUMBER),
	SIZED(SIZE, 0, CHALLENGE_LENGTH), SIZED(TEXT, 0, CHALLENGE_DATA));
LAYOUT(update_key, NUMBER(U32, KSQ), NUMBER(U16, USER_NUMBER),
	SIZED(SIZE, 0, UPDATE_KEY_LENGTH), SIZED(SECRET, 0, 0));
LAYOUT(signature, NUMBER(REST, DIGITAL_SIGNATURE));
LAYOUT(statistic, FLAGS(STATISTIC), NUMBER(U16, ASSOCIATION_ID),
	NUMBER(U32, COUNT_VALUE));
LAYOUT(statistic_at, FLAGS(STATISTIC), NUMBER(U16, ASSOCIATION_ID),
	NUMBER(U32, COUNT_VALUE), AT);

/* ---- groups, by variation from 1 ---- */

#define WHOLE(parts)                                                                     \
	{                                                                                \
		parts, true, 0, 0                                                        \
	}
#define PACKED(bits, field)                                                              \
	{                                                                                \
		NULL, true, bits, field                                                  \
	}
#define NO_BYTES                                                                         \
	{                                                                                \
		NULL, true, 0, 0                                                         \
	}
#define GROUP_OF(number, ...)                                                            \
	static const struct dnp3_layout group_##number[] = { __VA_ARGS__ }

GROUP_OF(1, PACKED(1, STATE), WHOLE(binary));
GROUP_OF(2, WHOLE(binary), WHOLE(binary_at), WHOLE(binary_relative));
GROUP_OF(3, PACKED(2, STATE), WHOLE(double_bit));
GROUP_OF(4, WHOLE(double_bit), WHOLE(double_at), WHOLE(double_relative));
GROUP_OF(10, PACKED(1, STATE), WHOLE(output));
GROUP_OF(11, WHOLE(output), WHOLE(output_at));
GROUP_OF(12, WHOLE(command), WHOLE(command), PACKED(1, MASK_POINT));
GROUP_OF(13, WHOLE(command_event), WHOLE(command_event_at));
GROUP_OF(20, WHOLE(counter_32), WHOLE(counter_16), WHOLE(delta_32), WHOLE(delta_16),
	WHOLE(count_32), WHOLE(count_16), WHOLE(count_32), WHOLE(count_16));
GROUP_OF(21, WHOLE(counter_32), WHOLE(counter_16), WHOLE(delta_32), WHOLE(delta_16),
	WHOLE(counter_32_at), WHOLE(counter_16_at), WHOLE(delta_32_at),
	WHOLE(delta_16_at), WHOLE(count_32), WHOLE(count_16), WHOLE(count_32),
	WHOLE(count_16));
GROUP_OF(22, WHOLE(counter_32), WHOLE(counter_16), WHOLE(delta_32), WHOLE(delta_16),
	WHOLE(counter_32_at), WHOLE(counter_16_at), WHOLE(delta_32_at),
	WHOLE(delta_16_at));
GROUP_OF(30, WHOLE(analog_32), WHOLE(analog_16), WHOLE(value_32), WHOLE(value_16),
	WHOLE(analog_f32), WHOLE(analog_f64));
GROUP_OF(31, WHOLE(analog_32), WHOLE(analog_16), WHOLE(analog_32_at), WHOLE(analog_16_at),
	WHOLE(value_32), WHOLE(value_16), WHOLE(analog_f32), WHOLE(analog_f64));
GROUP_OF(32, WHOLE(analog_32), WHOLE(analog_16), WHOLE(analog_32_at), WHOLE(analog_16_at),
	WHOLE(analog_f32), WHOLE(analog_f64), WHOLE(analog_f32_at), WHOLE(analog_f64_at));
GROUP_OF(34, WHOLE(deadband_16), WHOLE(deadband_32), WHOLE(deadband_f32));
GROUP_OF(40, WHOLE(analog_32), WHOLE(analog_16), WHOLE(analog_f32), WHOLE(analog_f64));
GROUP_OF(41, WHOLE(set_32), WHOLE(set_16), WHOLE(set_f32), WHOLE(set_f64));
GROUP_OF(43, WHOLE(was_set_32), WHOLE(was_set_16), WHOLE(was_set_32_at),
	WHOLE(was_set_16_at), WHOLE(was_set_f32), WHOLE(was_set_f64),
	WHOLE(was_set_f32_at), WHOLE(was_set_f64_at));
GROUP_OF(50, WHOLE(time_only), WHOLE(time_interval), WHOLE(time_only),
	WHOLE(time_indexed));
GROUP_OF(51, WHOLE(time_only), WHOLE(time_only));
GROUP_OF(52, WHOLE(delay_coarse), WHOLE(delay_fine));
GROUP_OF(60, NO_BYTES, NO_BYTES, NO_BYTES, NO_BYTES);
GROUP_OF(70, WHOLE(file_identifier), WHOLE(file_authentication), WHOLE(file_command),
	WHOLE(file_command_status), WHOLE(file_transport), WHOLE(file_transport_status),
	WHOLE(file_descriptor), WHOLE(file_specification));
GROUP_OF(80, PACKED(1, STATE));
GROUP_OF(81, WHOLE(storage));
GROUP_OF(82, WHOLE(profile));
GROUP_OF(83, WHOLE(registration), WHOLE(private_description));
GROUP_OF(85, WHOLE(descriptors));
GROUP_OF(86, WHOLE(descriptors), WHOLE(characteristics), WHOLE(point_types));
GROUP_OF(87, WHOLE(set_values));
GROUP_OF(90, WHOLE(application));
GROUP_OF(91, WHOLE(activation));
GROUP_OF(100, WHOLE(value_f32), WHOLE(value_f64), WHOLE(float_80));
GROUP_OF(101, WHOLE(bcd_16), WHOLE(bcd_32), WHOLE(bcd_64));
GROUP_OF(102, WHOLE(value_u8));
GROUP_OF(120, WHOLE(challenge), WHOLE(reply), WHOLE(aggressive),
	WHOLE(key_status_request), WHOLE(key_status), WHOLE(key_change),
	WHOLE(authentication_error), WHOLE(certificate), WHOLE(mac), WHOLE(user_status),
	WHOLE(update_key_request), WHOLE(update_key_reply), WHOLE(update_key),
	WHOLE(signature), WHOLE(mac));
GROUP_OF(121, WHOLE(statistic));
GROUP_OF(122, WHOLE(statistic), WHOLE(statistic_at));

/* Strings: the variation is their length, so all of them exist. */
static const struct dnp3_layout any_attribute = WHOLE(attribute);
static const struct dnp3_layout any_string = WHOLE(private_bytes);

enum { ANY = 255 };
#define ROWS(number)                                                                     \
	{                                                                                \
		group_##number, sizeof(group_##number) / sizeof(group_##number[0])       \
	}

static const struct {
	const struct dnp3_layout *rows;
	uint8_t count;
} groups[256] = {
	[0] = { &any_attribute, ANY },
	[1] = ROWS(1),
	[2] = ROWS(2),
	[3] = ROWS(3),
	[4] = ROWS(4),
	[10] = ROWS(10),
	[11] = ROWS(11),
	[12] = ROWS(12),
	[13] = ROWS(13),
	[20] = ROWS(20),
	[21] = ROWS(21),
	[22] = ROWS(22),
	[23] = ROWS(22),
	[30] = ROWS(30),
	[31] = ROWS(31),
	[32] = ROWS(32),
	[33] = ROWS(32),
	[34] = ROWS(34),
	[40] = ROWS(40),
	[41] = ROWS(41),
	[42] = ROWS(32),
	[43] = ROWS(43),
	[50] = ROWS(50),
	[51] = ROWS(51),
	[52] = ROWS(52),
	[60] = ROWS(60),
	[70] = ROWS(70),
	[80] = ROWS(80),
	[81] = ROWS(81),
	[82] = ROWS(82),
	[83] = ROWS(83),
	[85] = ROWS(85),
	[86] = ROWS(86),
	[87] = ROWS(87),
	[88] = ROWS(87),
	[90] = ROWS(90),
	[91] = ROWS(91),
	[100] = ROWS(100),
	[101] = ROWS(101),
	[102] = ROWS(102),
	[110] = { &any_string, ANY },
	[111] = { &any_string, ANY },
	[112] = { &any_string, ANY },
	[113] = { &any_string, ANY },
	[114] = { &any_string, ANY },
	[115] = { &any_string, ANY },
	[120] = ROWS(120),
	[121] = ROWS(121),
	[122] = ROWS(122),
};

bool dnp3_is_group(uint8_t group)
{
	return groups[group].rows != NULL;
}

bool dnp3_layout(uint8_t group, uint8_t variation, struct dnp3_layout *layout)
{
	unsigned count = groups[group].count;

	if (count == 0 || variation > count || (variation == 0 && count != ANY))
		return false;
	*layout = groups[group].rows[count == ANY ? 0 : variation - 1];
	return true;
}
