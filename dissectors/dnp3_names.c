/* Names of values: of functions and indications as Suricata has them, others as IEEE 1815
 * does. */
#include "dnp3_fields.h"

const struct name dnp3_types[] = {
	{ TYPE_REQUEST, "request" }, { TYPE_RESPONSE, "response" },
	{ TYPE_UNSOLICITED, "unsolicited_response" }, { 0, NULL },
};

/* A primary's function with bit PRIMARY, a secondary's without. */
const struct name dnp3_link_functions[] = {
	{ PRIMARY | RESET_LINK, "RESET_LINK_STATES" },
	{ PRIMARY | RESET_USER, "RESET_USER_PROCESS" },
	{ PRIMARY | TEST_LINK, "TEST_LINK_STATES" },
	{ PRIMARY | CONFIRMED_DATA, "CONFIRMED_USER_DATA" },
	{ PRIMARY | UNCONFIRMED_DATA, "UNCONFIRMED_USER_DATA" },
	{ PRIMARY | REQUEST_STATUS, "REQUEST_LINK_STATUS" },
	{ ACK, "ACK" }, { NACK, "NACK" }, { LINK_STATUS, "LINK_STATUS" },
	{ NOT_FUNCTIONING, "NOT_FUNCTIONING" }, { NOT_SUPPORTED, "NOT_SUPPORTED" },
	{ 0, NULL },
};

/* Suricata's and Snort's spelling. */
const struct name dnp3_functions[] = {
	{ CONFIRM, "confirm" }, { READ, "read" }, { WRITE, "write" },
	{ SELECT, "select" }, { OPERATE, "operate" },
	{ DIRECT_OPERATE, "direct_operate" },
	{ DIRECT_OPERATE_NR, "direct_operate_nr" }, { FREEZE, "immed_freeze" },
	{ FREEZE_NR, "immed_freeze_nr" }, { FREEZE_CLEAR, "freeze_clear" },
	{ FREEZE_CLEAR_NR, "freeze_clear_nr" }, { FREEZE_AT_TIME, "freeze_at_time" },
	{ FREEZE_AT_TIME_NR, "freeze_at_time_nr" }, { COLD_RESTART, "cold_restart" },
	{ WARM_RESTART, "warm_restart" }, { INITIALIZE_DATA, "initialize_data" },
	{ 16, "initialize_appl" }, { 17, "start_appl" },
	{ STOP_APPLICATION, "stop_appl" }, { SAVE_CONFIG, "save_config" },
	{ ENABLE_UNSOLICITED, "enable_unsolicited" },
	{ DISABLE_UNSOLICITED, "disable_unsolicited" },
	{ ASSIGN_CLASS, "assign_class" }, { DELAY_MEASURE, "delay_measure" },
	{ RECORD_TIME, "record_current_time" }, { OPEN_FILE, "open_file" },
	{ CLOSE_FILE, "close_file" }, { DELETE_FILE, "delete_file" },
	{ GET_FILE_INFO, "get_file_info" }, { AUTHENTICATE_FILE, "authenticate_file" },
	{ ABORT_FILE, "abort_file" }, { ACTIVATE_CONFIG, "activate_config" },
	{ AUTHENTICATE, "authenticate_req" }, { AUTHENTICATE_NR, "authenticate_err" },
	{ RESPONSE, "response" }, { UNSOLICITED, "unsolicited_response" },
	{ AUTHENTICATE_RESPONSE, "authenticate_resp" }, { 0, NULL },
};

const struct name dnp3_indicators[] = {
	{ 0, "" }, { 0x8000, "device_restart" }, { 0x4000, "device_trouble" },
	{ 0x2000, "local_control" }, { 0x1000, "need_time" },
	{ 0x0800, "class_3_events" }, { 0x0400, "class_2_events" },
	{ 0x0200, "class_1_events" }, { 0x0100, "all_stations" },
	{ 0x0001, "no_func_code_support" }, { 0x0002, "object_unknown" },
	{ 0x0004, "parameter_error" }, { 0x0008, "event_buffer_overflow" },
	{ 0x0010, "already_executing" }, { 0x0020, "config_corrupt" },
	{ 0x0040, "reserved_2" }, { 0x0080, "reserved_1" }, { 0, NULL },
};

const struct name dnp3_checks[] = { { 0, "bad" }, { 1, "good" }, { 0, NULL } };

const struct name dnp3_select_states[] = {
	{ SELECT_MATCHED, "matched" }, { SELECT_MISSING, "missing" },
	{ SELECT_MISMATCHED, "mismatched" }, { SELECT_LATE, "late" }, { 0, NULL },
};

const struct name dnp3_object_names[] = {
	{ 0, "device_attribute" }, { 1, "binary_input" }, { 2, "binary_input_event" },
	{ 3, "double_bit_input" }, { 4, "double_bit_input_event" },
	{ 10, "binary_output" }, { 11, "binary_output_event" },
	{ 12, "binary_command" }, { 13, "binary_command_event" }, { 20, "counter" },
	{ 21, "frozen_counter" }, { 22, "counter_event" },
	{ 23, "frozen_counter_event" }, { 30, "analog_input" },
	{ 31, "frozen_analog_input" }, { 32, "analog_input_event" },
	{ 33, "frozen_analog_input_event" }, { 34, "analog_input_deadband" },
	{ 40, "analog_output_status" }, { 41, "analog_command" },
	{ 42, "analog_output_event" }, { 43, "analog_command_event" },
	{ 50, "time_and_date" }, { 51, "time_and_date_cto" }, { 52, "time_delay" },
	{ 60, "class_data" }, { 70, "file" }, { 80, "internal_indications" },
	{ 81, "device_storage" }, { 82, "device_profile" },
	{ 83, "private_registration" }, { 85, "data_set_prototype" },
	{ 86, "data_set_descriptor" }, { 87, "data_set" }, { 88, "data_set_event" },
	{ 90, "application" }, { 91, "requested_operation_status" },
	{ 100, "floating_point" }, { 101, "bcd" }, { 102, "unsigned_integer" },
	{ 110, "octet_string" }, { 111, "octet_string_event" },
	{ 112, "virtual_terminal_output" }, { 113, "virtual_terminal_event" },
	{ 114, "extended_octet_string" }, { 115, "extended_octet_string_event" },
	{ 120, "authentication" }, { 121, "security_statistic" },
	{ 122, "security_statistic_event" }, { 0, NULL },
};

const struct name dnp3_attributes[] = {
	{ 196, "configuration_id" }, { 197, "configuration_version" },
	{ 198, "configuration_build_date" }, { 199, "configuration_last_change_date" },
	{ 200, "configuration_signature" }, { 201, "configuration_signature_algorithm" },
	{ 202, "master_resource_id" }, { 203, "device_altitude" },
	{ 204, "device_longitude" }, { 205, "device_latitude" },
	{ 206, "secondary_operator_name" }, { 207, "primary_operator_name" },
	{ 208, "system_name" }, { 209, "secure_authentication_version" },
	{ 210, "security_statistics_per_association" },
	{ 211, "user_specific_attributes" }, { 212, "master_data_set_prototypes" },
	{ 213, "outstation_data_set_prototypes" }, { 214, "master_data_sets" },
	{ 215, "outstation_data_sets" }, { 216, "max_binary_outputs_per_request" },
	{ 217, "local_timing_accuracy" }, { 218, "duration_of_timing_accuracy" },
	{ 219, "analog_output_events" }, { 220, "max_analog_output_index" },
	{ 221, "analog_outputs" }, { 222, "binary_output_events" },
	{ 223, "max_binary_output_index" }, { 224, "binary_outputs" },
	{ 225, "frozen_counter_events" }, { 226, "frozen_counters" },
	{ 227, "counter_events" }, { 228, "max_counter_index" }, { 229, "counters" },
	{ 230, "frozen_analog_inputs" }, { 231, "analog_input_events" },
	{ 232, "max_analog_input_index" }, { 233, "analog_inputs" },
	{ 234, "double_bit_input_events" }, { 235, "max_double_bit_input_index" },
	{ 236, "double_bit_inputs" }, { 237, "binary_input_events" },
	{ 238, "max_binary_input_index" }, { 239, "binary_inputs" },
	{ 240, "max_transmit_fragment_size" }, { 241, "max_receive_fragment_size" },
	{ 242, "software_version" }, { 243, "hardware_version" }, { 244, "owner_name" },
	{ 245, "location" }, { 246, "id_code" }, { 247, "device_name" },
	{ 248, "serial_number" }, { 249, "subset_and_conformance" },
	{ 250, "product_name_and_model" }, { 252, "manufacturer_name" },
	{ 254, "all_attributes" }, { 255, "list_of_attribute_variations" }, { 0, NULL },
};

const struct name dnp3_double_states[] = {
	{ 0, "intermediate" }, { 1, "off" }, { 2, "on" }, { 3, "indeterminate" },
	{ 0, NULL },
};

const struct name dnp3_op_types[] = {
	{ 0, "nul" }, { 1, "pulse_on" }, { 2, "pulse_off" }, { 3, "latch_on" },
	{ 4, "latch_off" }, { 0, NULL },
};

const struct name dnp3_trip_close_codes[] = {
	{ 0, "nul" }, { 1, "close" }, { 2, "trip" }, { 3, "reserved" }, { 0, NULL },
};

/* Operation type and trip-close code of a control code; queue and clear left out. */
const struct name dnp3_commands[] = {
	{ 0x00, "NUL" }, { 0x01, "PULSE_ON" }, { 0x02, "PULSE_OFF" },
	{ 0x03, "LATCH_ON" }, { 0x04, "LATCH_OFF" }, { 0x40, "NUL CLOSE" },
	{ 0x41, "PULSE_ON CLOSE" }, { 0x42, "PULSE_OFF CLOSE" },
	{ 0x43, "LATCH_ON CLOSE" }, { 0x44, "LATCH_OFF CLOSE" }, { 0x80, "NUL TRIP" },
	{ 0x81, "PULSE_ON TRIP" }, { 0x82, "PULSE_OFF TRIP" },
	{ 0x83, "LATCH_ON TRIP" }, { 0x84, "LATCH_OFF TRIP" }, { 0, NULL },
};

const struct name dnp3_statuses[] = {
	{ 0, "SUCCESS" }, { 1, "TIMEOUT" }, { 2, "NO_SELECT" }, { 3, "FORMAT_ERROR" },
	{ 4, "NOT_SUPPORTED" }, { 5, "ALREADY_ACTIVE" }, { 6, "HARDWARE_ERROR" },
	{ 7, "LOCAL" }, { 8, "TOO_MANY_OBJS" }, { 9, "NOT_AUTHORIZED" },
	{ 10, "AUTOMATION_INHIBIT" }, { 11, "PROCESSING_LIMITED" },
	{ 12, "OUT_OF_RANGE" }, { 13, "DOWNSTREAM_LOCAL" }, { 14, "ALREADY_COMPLETE" },
	{ 15, "BLOCKED" }, { 16, "CANCELLED" }, { 17, "BLOCKED_OTHER_MASTER" },
	{ 18, "DOWNSTREAM_FAIL" }, { 126, "NON_PARTICIPATING" }, { 127, "UNDEFINED" },
	{ 0, NULL },
};

const struct name dnp3_file_statuses[] = {
	{ 0, "SUCCESS" }, { 1, "PERMISSION_DENIED" }, { 2, "INVALID_MODE" },
	{ 3, "FILE_NOT_FOUND" }, { 4, "FILE_LOCKED" }, { 5, "TOO_MANY_OPEN" },
	{ 6, "INVALID_HANDLE" }, { 7, "WRITE_BLOCK_SIZE" }, { 8, "COMM_LOST" },
	{ 9, "CANNOT_ABORT" }, { 16, "NOT_OPENED" }, { 17, "HANDLE_EXPIRED" },
	{ 18, "BUFFER_OVERRUN" }, { 19, "FATAL" }, { 20, "BLOCK_SEQUENCE" },
	{ 255, "UNDEFINED" }, { 0, NULL },
};

const struct name dnp3_data_types[] = {
	{ 0, "NONE" }, { 1, "VSTR" }, { 2, "UINT" }, { 3, "INT" }, { 4, "FLT" },
	{ 5, "OSTR" }, { 6, "BSTR" }, { 7, "TIME" }, { 8, "UNCD" }, { 254, "U8BS8LIST" },
	{ 255, "U8BS8EXLIST" }, { 0, NULL },
};

const struct name dnp3_descriptor_codes[] = {
	{ 1, "ID" }, { 2, "UUID" }, { 3, "NSPC" }, { 4, "NAME" }, { 5, "DAEL" },
	{ 6, "PTYP" }, { 7, "CTLS" }, { 8, "CTLV" }, { 0, NULL },
};

const struct name dnp3_file_modes[] = {
	{ 0, "null" }, { 1, "read" }, { 2, "write" }, { 3, "append" }, { 0, NULL },
};

const struct name dnp3_file_types[] = {
	{ 0, "directory" }, { 1, "file" }, { 0, NULL },
};

const struct name dnp3_interval_units[] = {
	{ 0, "none" }, { 1, "milliseconds" }, { 2, "seconds" }, { 3, "minutes" },
	{ 4, "hours" }, { 5, "days" }, { 6, "weeks" }, { 7, "months" },
	{ 8, "months_by_weekday_from_start" }, { 9, "months_by_weekday_from_end" },
	{ 10, "seasons" }, { 0, NULL },
};

const struct name dnp3_mac_algorithms[] = {
	{ 1, "HMAC_SHA1_4" }, { 2, "HMAC_SHA1_10" }, { 3, "HMAC_SHA256_8" },
	{ 4, "HMAC_SHA256_16" }, { 5, "HMAC_SHA1_8" }, { 6, "AES_GMAC" }, { 0, NULL },
};

const struct name dnp3_key_wraps[] = {
	{ 1, "AES_128" }, { 2, "AES_256" }, { 0, NULL },
};

const struct name dnp3_key_statuses[] = {
	{ 1, "OK" }, { 2, "NOT_INIT" }, { 3, "COMM_FAIL" }, { 4, "AUTH_FAIL" },
	{ 0, NULL },
};

const struct name dnp3_errors[] = {
	{ 1, "AUTHENTICATION_FAILED" }, { 2, "UNEXPECTED_REPLY" }, { 3, "NO_REPLY" },
	{ 4, "AGGRESSIVE_MODE_NOT_SUPPORTED" }, { 5, "MAC_ALGORITHM_NOT_SUPPORTED" },
	{ 6, "KEY_WRAP_NOT_SUPPORTED" }, { 7, "AUTHORIZATION_FAILED" },
	{ 8, "UPDATE_KEY_CHANGE_METHOD_NOT_PERMITTED" }, { 9, "INVALID_SIGNATURE" },
	{ 10, "INVALID_CERTIFICATION_DATA" }, { 11, "UNKNOWN_USER" },
	{ 12, "MAX_SESSION_KEY_STATUS_REQUESTS" }, { 0, NULL },
};

const struct name dnp3_user_operations[] = {
	{ 1, "add" }, { 2, "delete" }, { 3, "change" }, { 0, NULL },
};
