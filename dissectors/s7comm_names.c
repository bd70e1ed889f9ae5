#include "s7comm_names.h"

const struct name s7_rosctr_names[] = {
	{ 1, "job" }, { 2, "ack" }, { 3, "ack_data" }, { 7, "userdata" }, { 0, NULL },
};

const struct name s7_error_class_names[] = {
	{ 0x00, "no_error" }, { 0x81, "application_relationship" },
	{ 0x82, "object_definition" }, { 0x83, "no_resources" },
	{ 0x84, "service_processing" }, { 0x85, "supplies" }, { 0x87, "access" },
	{ 0, NULL },
};

const struct name s7_function_names[] = {
	{ 0x04, "read_var" }, { 0x05, "write_var" }, { 0x00, "cpu_services" },
	{ 0x1a, "request_download" }, { 0x1b, "download_block" },
	{ 0x1c, "download_ended" }, { 0x1d, "start_upload" }, { 0x1e, "upload" },
	{ 0x1f, "end_upload" }, { 0x28, "pi_service" }, { 0x29, "plc_stop" },
	{ 0xf0, "setup_communication" }, { 0, NULL },
};

const struct name s7_syntax_names[] = {
	{ 0x10, "s7any" }, { 0x13, "pbc_r_id" }, { 0x15, "alarm_lockfree" },
	{ 0x16, "alarm_ind" }, { 0x19, "alarm_ack" }, { 0x1a, "alarm_query" },
	{ 0x1c, "notify_ind" }, { 0x82, "nck" }, { 0x83, "nck_metric" },
	{ 0x84, "nck_inch" }, { 0xa2, "drive_es_any" }, { 0xb0, "db_read" },
	{ 0xb2, "1200_symbolic" }, { 0, NULL },
};

const struct name s7_type_names[] = {
	{ 1, "BIT" }, { 2, "BYTE" }, { 3, "CHAR" }, { 4, "WORD" }, { 5, "INT" },
	{ 6, "DWORD" }, { 7, "DINT" }, { 8, "REAL" }, { 10, "TOD" }, { 11, "TIME" },
	{ 12, "S5TIME" }, { 15, "DATE_AND_TIME" }, { 28, "COUNTER" }, { 29, "TIMER" },
	{ 30, "IEC_TIMER" }, { 31, "IEC_COUNTER" }, { 32, "HS_COUNTER" }, { 0, NULL },
};

/* Spelled as operations spell their objects. */
const struct name s7_area_names[] = {
	{ 0x84, "db" }, { 0x83, "merker" }, { 0x81, "input" }, { 0x82, "output" },
	{ 0x80, "peripheral" }, { 0x85, "instance_db" }, { 0x86, "local" },
	{ 0x87, "previous_local" }, { 0x1c, "counter" }, { 0x1d, "timer" },
	{ 0x1e, "iec_counter" }, { 0x1f, "iec_timer" }, { 0x01, "data_record" },
	{ 0x03, "system_info_200" }, { 0x05, "system_flag_200" },
	{ 0x06, "analog_input_200" }, { 0x07, "analog_output_200" }, { 0, NULL },
};

const struct name s7_symbol_area_names[] = {
	{ 0x50, "input" }, { 0x51, "output" }, { 0x52, "merker" }, { 0x53, "counter" },
	{ 0x54, "timer" }, { 0x8a0e, "db" }, { 0, NULL },
};

const struct name s7_lid_flag_names[] = {
	{ 2, "encapsulated_lid" }, { 3, "encapsulated_index" }, { 4, "lid" },
	{ 5, "index" }, { 6, "part_start" }, { 7, "part_length" }, { 0, NULL },
};

const struct name s7_nck_area_names[] = {
	{ 0, "nck" }, { 1, "mode_group" }, { 2, "channel" }, { 3, "axis" }, { 4, "tool" },
	{ 5, "feed_drive" }, { 6, "main_drive" }, { 7, "mmc" }, { 0, NULL },
};

const struct name s7_code_names[] = {
	{ 0xff, "success" }, { 0x00, "reserved" }, { 0x01, "hardware_error" },
	{ 0x03, "access_not_allowed" }, { 0x05, "invalid_address" },
	{ 0x06, "data_type_not_supported" }, { 0x07, "data_type_inconsistent" },
	{ 0x0a, "object_does_not_exist" }, { 0, NULL },
};

const struct name s7_data_type_names[] = {
	{ 0x00, "NULL" }, { 0x03, "BIT" }, { 0x04, "BYTE_WORD_DWORD" },
	{ 0x05, "INTEGER" }, { 0x06, "DINTEGER" }, { 0x07, "REAL" },
	{ 0x09, "OCTET_STRING" }, { 0x11, "NCK_ADDRESS1" }, { 0x12, "NCK_ADDRESS2" },
	{ 0, NULL },
};

const struct name s7_ud_type_names[] = {
	{ 0, "push" }, { 4, "request" }, { 8, "response" }, { 3, "nc_push" },
	{ 7, "nc_request" }, { 11, "nc_response" }, { 0, NULL },
};

const struct name s7_ud_group_names[] = {
	{ 0, "mode_transition" }, { 1, "programmer_commands" }, { 2, "cyclic_services" },
	{ 3, "block_functions" }, { 4, "cpu_functions" }, { 5, "security" },
	{ 6, "pbc_bsend_brecv" }, { 7, "time_functions" }, { 15, "nc_programming" },
	{ 32, "data_record_routing" }, { 0, NULL },
};

#define SUB(group, sub) (group) << 8 | (sub)
const struct name s7_ud_sub_names[] = {
	{ SUB(0, 0), "stop" }, { SUB(0, 1), "warm_restart" }, { SUB(0, 2), "run" },
	{ SUB(0, 3), "hot_restart" }, { SUB(0, 4), "hold" },
	{ SUB(0, 6), "cold_restart" }, { SUB(0, 9), "run_redundant" },
	{ SUB(0, 11), "link_up" },
	{ SUB(0, 12), "update" },
	{ SUB(1, 1), "block_status" }, { SUB(1, 2), "variable_status" },
	{ SUB(1, 3), "output_istack" }, { SUB(1, 4), "output_bstack" },
	{ SUB(1, 5), "output_lstack" }, { SUB(1, 6), "time_measurement" },
	{ SUB(1, 7), "force_selection" }, { SUB(1, 8), "modify_variable" },
	{ SUB(1, 9), "force" }, { SUB(1, 10), "breakpoint" }, { SUB(1, 11), "exit_hold" },
	{ SUB(1, 12), "memory_reset" }, { SUB(1, 13), "disable_job" },
	{ SUB(1, 14), "enable_job" }, { SUB(1, 15), "delete_job" },
	{ SUB(1, 16), "read_job_list" }, { SUB(1, 17), "read_job" },
	{ SUB(1, 18), "replace_job" }, { SUB(1, 19), "block_status_v2" },
	{ SUB(1, 22), "flash_led" },
	{ SUB(2, 1), "cyclic_transfer" }, { SUB(2, 4), "unsubscribe" },
	{ SUB(2, 5), "change_driven_transfer" }, { SUB(2, 7), "change_driven_modify" },
	{ SUB(2, 8), "read_record" },
	{ SUB(3, 1), "list_blocks" }, { SUB(3, 2), "list_blocks_of_type" },
	{ SUB(3, 3), "get_block_info" },
	{ SUB(4, 1), "read_szl" }, { SUB(4, 2), "message_service" },
	{ SUB(4, 3), "diagnostic_message" }, { SUB(4, 5), "alarm_8_indication" },
	{ SUB(4, 6), "notify_indication" }, { SUB(4, 7), "alarm_8_lock" },
	{ SUB(4, 8), "alarm_8_unlock" }, { SUB(4, 9), "scan_indication" },
	{ SUB(4, 11), "alarm_ack" }, { SUB(4, 12), "alarm_ack_indication" },
	{ SUB(4, 13), "alarm_lock_indication" },
	{ SUB(4, 14), "alarm_unlock_indication" },
	{ SUB(4, 16), "ar_send_indication" }, { SUB(4, 17), "alarm_sq_indication" },
	{ SUB(4, 18), "alarm_s_indication" }, { SUB(4, 19), "alarm_query" },
	{ SUB(4, 22), "notify_8_indication" },
	{ SUB(5, 1), "set_password" }, { SUB(5, 2), "clear_password" },
	{ SUB(6, 0), "usend" }, { SUB(6, 1), "bsend" },
	{ SUB(7, 1), "read_clock" }, { SUB(7, 2), "set_clock" },
	{ SUB(7, 3), "read_clock_following" }, { SUB(7, 4), "set_clock_2" },
	{ SUB(15, 1), "request_download" }, { SUB(15, 2), "download_block" },
	{ SUB(15, 3), "continue_download" }, { SUB(15, 4), "download_ended" },
	{ SUB(15, 6), "start_upload" }, { SUB(15, 7), "upload" },
	{ SUB(15, 8), "continue_upload" }, { 0, NULL },
};
#undef SUB

const struct name s7_block_type_names[] = {
	{ 0x08, "OB" }, { 0x0a, "DB" }, { 0x0b, "SDB" }, { 0x0c, "FC" }, { 0x0d, "SFC" },
	{ 0x0e, "FB" }, { 0x0f, "SFB" }, { 0, NULL },
};

const struct name s7_filesystem_names[] = {
	{ 'P', "passive" }, { 'A', "active_embedded" }, { 'B', "active_and_passive" },
	{ 0, NULL },
};

const struct name s7_language_names[] = {
	{ 0, "not_defined" }, { 1, "AWL" }, { 2, "KOP" }, { 3, "FUP" }, { 4, "SCL" },
	{ 5, "DB" }, { 6, "GRAPH" }, { 7, "SDB" }, { 8, "CPU_DB" },
	{ 17, "SDB_after_reset" }, { 18, "SDB_routing" }, { 41, "ENCRYPT" }, { 0, NULL },
};

const struct name s7_block_flag_names[] = {
	{ 0, "none" }, { 0x01, "linked" }, { 0x02, "standard_block" },
	{ 0x08, "non_retain" }, { 0, NULL },
};

const struct name s7_szl_list_names[] = {
	{ 0x00, "szl_ids" }, { 0x11, "module_identification" },
	{ 0x12, "cpu_characteristics" }, { 0x13, "user_memory_areas" },
	{ 0x14, "system_areas" }, { 0x15, "block_types" }, { 0x16, "priority_classes" },
	{ 0x17, "permitted_sdbs" }, { 0x18, "io_configuration" },
	{ 0x19, "module_leds" }, { 0x1c, "component_identification" },
	{ 0x21, "interrupt_assignment" }, { 0x22, "interrupt_status" },
	{ 0x23, "priority_class_status" }, { 0x24, "modes" },
	{ 0x25, "process_image_partitions" }, { 0x31, "communication_capability" },
	{ 0x32, "communication_status" }, { 0x33, "diagnostics_logon" },
	{ 0x37, "ethernet_details" }, { 0x71, "h_cpu_group" }, { 0x74, "led_status" },
	{ 0x75, "switched_dp_slaves" }, { 0x81, "start_information" },
	{ 0x82, "start_events" }, { 0x90, "dp_master_system" },
	{ 0x91, "module_status" }, { 0x92, "rack_status" }, { 0x94, "station_status" },
	{ 0x95, "extended_dp_master_system" }, { 0x96, "module_status_pn_dp" },
	{ 0xa0, "diagnostic_buffer" }, { 0xb1, "module_diagnostics_0" },
	{ 0xb2, "module_diagnostics_1_geographical" },
	{ 0xb3, "module_diagnostics_1_logical" }, { 0xb4, "dp_slave_diagnostics" },
	{ 0, NULL },
};

const struct name s7_module_class_names[] = {
	{ 0x0, "CPU" }, { 0x4, "IM" }, { 0x8, "FM" }, { 0xc, "CP" }, { 0, NULL },
};

const struct name s7_mode_names[] = {
	{ 0x1, "STOP_update" }, { 0x2, "STOP_memory_reset" },
	{ 0x3, "STOP_self_initialization" }, { 0x4, "STOP" },
	{ 0x5, "STARTUP_complete_restart" }, { 0x7, "RESTART" }, { 0x8, "RUN" },
	{ 0xa, "HOLD" }, { 0xb, "LINK_UP" }, { 0xc, "UPDATE" }, { 0xd, "DEFECT" },
	{ 0, NULL },
};

const struct name s7_led_names[] = {
	{ 1, "SF" }, { 2, "INTF" }, { 3, "EXTF" }, { 4, "RUN" }, { 5, "STOP" },
	{ 6, "FRCE" }, { 7, "CRST" }, { 8, "BAF" }, { 9, "USR" }, { 10, "USR1" },
	{ 11, "BUS1F" }, { 12, "BUS2F" }, { 13, "REDF" }, { 14, "MSTR" },
	{ 15, "RACK0" }, { 16, "RACK1" }, { 17, "RACK2" }, { 18, "IFM1F" },
	{ 19, "IFM2F" }, { 20, "BUS3F" }, { 21, "MAINT" }, { 22, "DC24V" },
	{ 128, "IF" }, { 129, "UF" }, { 130, "MF" }, { 131, "CF" }, { 132, "TF" },
	{ 236, "APPL_STATE_RED" }, { 237, "APPL_STATE_GREEN" }, { 0, NULL },
};

const struct name s7_selector_names[] = {
	{ 0, "undefined" }, { 1, "RUN" }, { 2, "RUN_P" }, { 3, "STOP" }, { 4, "MRES" },
	{ 0, NULL },
};

const struct name s7_cyclic_base_names[] = {
	{ 0, "100ms" }, { 1, "1s" }, { 2, "10s" }, { 0, NULL },
};

const struct name s7_test_function_names[] = {
	{ 1, "block_status" }, { 2, "variable_status" }, { 3, "output_istack" },
	{ 4, "output_bstack" }, { 5, "output_lstack" }, { 6, "time_measurement" },
	{ 7, "force_selection" }, { 8, "modify_variable" }, { 9, "force" },
	{ 10, "breakpoint" }, { 11, "exit_hold" }, { 12, "memory_reset" },
	{ 13, "disable_job" }, { 14, "enable_job" }, { 15, "delete_job" },
	{ 16, "read_job_list" }, { 17, "read_job" }, { 18, "replace_job" },
	{ 19, "block_status_v2" }, { 22, "flash_led" }, { 0, NULL },
};

const struct name s7_variable_area_names[] = {
	{ 0x00, "MX" }, { 0x01, "MB" }, { 0x02, "MW" }, { 0x03, "MD" }, { 0x10, "IX" },
	{ 0x11, "IB" }, { 0x12, "IW" }, { 0x13, "ID" }, { 0x20, "QX" }, { 0x21, "QB" },
	{ 0x22, "QW" }, { 0x23, "QD" }, { 0x31, "PIB" }, { 0x32, "PIW" },
	{ 0x33, "PID" }, { 0x54, "T" }, { 0x64, "C" }, { 0x70, "DBX" }, { 0x71, "DBB" },
	{ 0x72, "DBW" }, { 0x73, "DBD" }, { 0, NULL },
};

const struct name s7_event_mask_names[] = {
	{ 0, "none" }, { 0x01, "mode_transition" }, { 0x02, "system_diagnostics" },
	{ 0x04, "user_diagnostics" }, { 0x08, "bit_3" }, { 0x10, "bit_4" },
	{ 0x20, "bit_5" }, { 0x40, "bit_6" }, { 0x80, "alarm" }, { 0, NULL },
};

const struct name s7_alarm_type_names[] = {
	{ 0, "scan_abort" }, { 1, "scan_initiate" }, { 4, "alarm_abort" },
	{ 5, "alarm_initiate" }, { 8, "alarm_s_abort" }, { 9, "alarm_s_initiate" },
	{ 0, NULL },
};

const struct name s7_alarm_kind_names[] = {
	{ 1, "SCAN" }, { 2, "ALARM_8" }, { 4, "ALARM_S" }, { 0, NULL },
};

const struct name s7_transfer_status_names[] = {
	{ 0, "none" }, { 0x01, "more_data_following" }, { 0x02, "error" }, { 0, NULL },
};
