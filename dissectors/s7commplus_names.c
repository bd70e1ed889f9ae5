/* Names of what the header and values say. */
#include "s7commplus_parts.h"

const struct name plus_version_names[] = {
	{ VERSION_CONNECT, "V1" }, { VERSION_2, "V2" }, { VERSION_3, "V3" },
	{ VERSION_EVENT, "SystemEvent" }, { VERSION_KEEPALIVE, "KeepAlive" }, { 0, NULL },
};

const struct name plus_opcode_names[] = {
	{ OPCODE_REQUEST, "request" }, { OPCODE_RESPONSE, "response" },
	{ OPCODE_NOTIFICATION, "notification" }, { OPCODE_RESPONSE2, "response2" },
	{ 0, NULL },
};

const struct name plus_function_names[] = {
	{ ERROR, "Error" }, { EXPLORE, "Explore" }, { CREATE_OBJECT, "CreateObject" },
	{ DELETE_OBJECT, "DeleteObject" }, { SET_VARIABLE, "SetVariable" },
	{ GET_VARIABLE, "GetVariable" }, { ADD_LINK, "AddLink" },
	{ REMOVE_LINK, "RemoveLink" }, { GET_LINK, "GetLink" },
	{ SET_MULTI_VARIABLES, "SetMultiVariables" },
	{ GET_MULTI_VARIABLES, "GetMultiVariables" }, { BEGIN_SEQUENCE, "BeginSequence" },
	{ END_SEQUENCE, "EndSequence" }, { INVOKE, "Invoke" },
	{ SET_VAR_SUBSTREAMED, "SetVarSubStreamed" },
	{ GET_VAR_SUBSTREAMED, "GetVarSubStreamed" },
	{ GET_VARIABLES_ADDRESS, "GetVariablesAddress" }, { ABORT, "Abort" },
	{ ERROR_2, "Error2" }, { INIT_SSL, "InitSSL" }, { 0, NULL },
};

const struct name plus_type_names[] = {
	{ TYPE_NULL, "Null" }, { TYPE_BOOL, "Bool" }, { TYPE_USINT, "USInt" },
	{ TYPE_UINT, "UInt" }, { TYPE_UDINT, "UDInt" }, { TYPE_ULINT, "ULInt" },
	{ TYPE_SINT, "SInt" }, { TYPE_INT, "Int" }, { TYPE_DINT, "DInt" },
	{ TYPE_LINT, "LInt" }, { TYPE_BYTE, "Byte" }, { TYPE_WORD, "Word" },
	{ TYPE_DWORD, "DWord" }, { TYPE_LWORD, "LWord" }, { TYPE_REAL, "Real" },
	{ TYPE_LREAL, "LReal" }, { TYPE_TIMESTAMP, "Timestamp" },
	{ TYPE_TIMESPAN, "Timespan" }, { TYPE_RID, "RID" }, { TYPE_AID, "AID" },
	{ TYPE_BLOB, "Blob" }, { TYPE_WSTRING, "WString" }, { TYPE_VARIANT, "Variant" },
	{ TYPE_STRUCT, "Struct" }, { 0x19, "S7String" }, { 0, NULL },
};

const struct name plus_array_names[] = {
	{ ARRAY, "array" }, { ADDRESS_ARRAY, "address_array" },
	{ SPARSE_ARRAY, "sparse_array" }, { 0, NULL },
};

const struct name plus_soft_types[] = {
	{ 0, "Void" }, { 1, "Bool" }, { 2, "Byte" }, { 3, "Char" }, { 4, "Word" },
	{ 5, "Int" }, { 6, "DWord" }, { 7, "DInt" }, { 8, "Real" }, { 9, "Date" },
	{ 10, "Time_Of_Day" }, { 11, "Time" }, { 12, "S5Time" }, { 13, "S5Count" },
	{ 14, "Date_And_Time" }, { 16, "Array" }, { 17, "Struct" }, { 19, "String" },
	{ 20, "Pointer" }, { 22, "Any" }, { 23, "Block_FB" }, { 24, "Block_FC" },
	{ 25, "Block_DB" }, { 26, "Block_SDB" }, { 28, "Counter" }, { 29, "Timer" },
	{ 30, "IEC_Counter" }, { 31, "IEC_Timer" }, { 36, "Block_OB" },
	{ 37, "Block_UDT" }, { 40, "BBool" }, { 48, "LReal" }, { 49, "ULInt" },
	{ 50, "LInt" }, { 51, "LWord" },
	{ 52, "USInt" }, { 53, "UInt" }, { 54, "UDInt" }, { 55, "SInt" }, { 61, "WChar" },
	{ 62, "WString" }, { 63, "Variant" }, { 64, "LTime" }, { 65, "LTOD" },
	{ 66, "LDT" },
	{ 67, "DTL" }, { 96, "Remote" }, { 97, "Error_Struct" }, { 0, NULL },
};
