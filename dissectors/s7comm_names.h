/* S7comm's names for numbers. */
#ifndef IRONSPAN_S7COMM_NAMES_H
#define IRONSPAN_S7COMM_NAMES_H

#include "dissect/dissect.h"

extern const struct name s7_rosctr_names[], s7_error_class_names[], s7_error_names[],
	s7_function_names[], s7_syntax_names[], s7_type_names[], s7_area_names[],
	s7_symbol_area_names[], s7_nck_area_names[], s7_code_names[],
	s7_data_type_names[], s7_ud_type_names[], s7_ud_group_names[], s7_ud_sub_names[],
	s7_block_type_names[], s7_filesystem_names[], s7_language_names[],
	s7_szl_list_names[], s7_module_class_names[], s7_mode_names[], s7_led_names[],
	s7_selector_names[], s7_cyclic_base_names[], s7_test_function_names[],
	s7_variable_area_names[], s7_event_mask_names[], s7_alarm_type_names[],
	s7_alarm_kind_names[], s7_transfer_status_names[], s7_lid_flag_names[],
	s7_block_flag_names[];

/* A userdata subfunction is known by its group: this is its number in s7_ud_sub_names. */
static inline unsigned s7_ud_function(unsigned group, unsigned sub)
{
	return group << 8 | sub;
}

#endif
