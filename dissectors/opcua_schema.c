/* The structures of OPC UA; see opcua_schema.h. Responses that look the same share a
 * list. */
#include "opcua_fields.h"
#include "opcua_schema.h"

static const struct member response_header[] = {
	{ T_DATE_TIME, F_TIMESTAMP },
	{ T_UINT32, F_REQUEST_HANDLE },
	{ T_STATUS_CODE, F_SERVICE_RESULT, F_SERVICE_RESULT_RAW },
	{ T_DIAGNOSTIC_INFO, F_SERVICE_DIAGNOSTICS },
	{ T_STRING | T_ARRAY, F_STRING_TABLE, F_STRING },
	{ T_EXTENSION_OBJECT, F_ADDITIONAL_HEADER },
};

static const struct member plain_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
};

static const struct member request_header[] = {
	{ T_TOKEN, F_AUTHENTICATION_TOKEN },
	{ T_DATE_TIME, F_TIMESTAMP },
	{ T_UINT32, F_REQUEST_HANDLE },
	{ T_UINT32, F_RETURN_DIAGNOSTICS },
	{ T_STRING, F_AUDIT_ENTRY_ID },
	{ T_UINT32, F_TIMEOUT_HINT },
	{ T_EXTENSION_OBJECT, F_ADDITIONAL_HEADER },
};

static const struct member plain_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
};

static const struct member status_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STATUS_CODE | T_ARRAY, F_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member create_subscription_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_DOUBLE, F_REVISED_PUBLISHING_INTERVAL },
	{ T_UINT32, F_REVISED_LIFETIME_COUNT },
	{ T_UINT32, F_REVISED_MAX_KEEP_ALIVE_COUNT },
};

static const struct member reference_description[] = {
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_BOOLEAN, F_IS_FORWARD },
	{ T_EXPANDED_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_QUALIFIED_NAME, F_BROWSE_NAME },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_ENUM, F_NODE_CLASS },
	{ T_EXPANDED_NODE_ID, F_TYPE_DEFINITION, F_TYPE_DEFINITION_NAME },
};

static const struct member browse_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_BYTE_STRING, F_CONTINUATION_POINT },
	{ T_STRUCTURE | T_ARRAY, F_REFERENCES, S_REFERENCE_DESCRIPTION },
};

static const struct member browse_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_BROWSE_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member object_type_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_BOOLEAN, F_IS_ABSTRACT },
};

static const struct member find_servers_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRING, F_ENDPOINT_URL },
	{ T_STRING | T_ARRAY, F_LOCALE_IDS, F_LOCALE_ID },
	{ T_STRING | T_ARRAY, F_SERVER_URIS, F_SERVER_URI },
};

static const struct member application_description[] = {
	{ T_STRING, F_APPLICATION_URI },
	{ T_STRING, F_PRODUCT_URI },
	{ T_LOCALIZED_TEXT, F_APPLICATION_NAME },
	{ T_ENUM, F_APPLICATION_TYPE, 4 },
	{ T_STRING, F_GATEWAY_SERVER_URI },
	{ T_STRING, F_DISCOVERY_PROFILE_URI },
	{ T_STRING | T_ARRAY, F_DISCOVERY_URLS, F_DISCOVERY_URL },
};

static const struct member find_servers_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_SERVERS, S_APPLICATION_DESCRIPTION },
};

static const struct member find_servers_on_network_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_STARTING_RECORD_ID },
	{ T_UINT32, F_MAX_RECORDS_TO_RETURN },
	{ T_STRING | T_ARRAY, F_SERVER_CAPABILITY_FILTER, F_SERVER_CAPABILITY },
};

static const struct member server_on_network[] = {
	{ T_UINT32, F_RECORD_ID },
	{ T_STRING, F_SERVER_NAME_TEXT },
	{ T_STRING, F_DISCOVERY_URL },
	{ T_STRING | T_ARRAY, F_SERVER_CAPABILITIES, F_SERVER_CAPABILITY },
};

static const struct member find_servers_on_network_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_DATE_TIME, F_LAST_COUNTER_RESET_TIME },
	{ T_STRUCTURE | T_ARRAY, F_SERVERS, S_SERVER_ON_NETWORK },
};

static const struct member get_endpoints_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRING, F_ENDPOINT_URL },
	{ T_STRING | T_ARRAY, F_LOCALE_IDS, F_LOCALE_ID },
	{ T_STRING | T_ARRAY, F_PROFILE_URIS, F_PROFILE_URI },
};

static const struct member user_token_policy[] = {
	{ T_STRING, F_POLICY_ID },
	{ T_ENUM, F_TOKEN_TYPE, 4 },
	{ T_STRING, F_ISSUED_TOKEN_TYPE },
	{ T_STRING, F_ISSUER_ENDPOINT_URL },
	{ T_STRING, F_SECURITY_POLICY_URI },
};

static const struct member endpoint_description[] = {
	{ T_STRING, F_ENDPOINT_URL },
	{ T_STRUCTURE, 0, S_APPLICATION_DESCRIPTION },
	{ T_CERTIFICATE, F_SERVER_CERTIFICATE_LENGTH },
	{ T_ENUM, F_SECURITY_MODE, 4 },
	{ T_STRING, F_SECURITY_POLICY_URI },
	{ T_STRUCTURE | T_ARRAY, F_USER_IDENTITY_TOKENS, S_USER_TOKEN_POLICY },
	{ T_STRING, F_TRANSPORT_PROFILE_URI },
	{ T_BYTE, F_SECURITY_LEVEL },
};

static const struct member get_endpoints_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_ENDPOINTS, S_ENDPOINT_DESCRIPTION },
};

static const struct member registered_server[] = {
	{ T_STRING, F_SERVER_URI },
	{ T_STRING, F_PRODUCT_URI },
	{ T_LOCALIZED_TEXT | T_ARRAY, F_SERVER_NAMES, F_SERVER_NAME_LOCALIZED },
	{ T_ENUM, F_SERVER_TYPE, 4 },
	{ T_STRING, F_GATEWAY_SERVER_URI },
	{ T_STRING | T_ARRAY, F_DISCOVERY_URLS, F_DISCOVERY_URL },
	{ T_STRING, F_SEMAPHORE_FILE_PATH },
	{ T_BOOLEAN, F_IS_ONLINE },
};

static const struct member register_server_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_REGISTERED_SERVER },
};

static const struct member register_server2_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_REGISTERED_SERVER },
	{ T_EXTENSION_OBJECT | T_ARRAY, F_DISCOVERY_CONFIGURATION, F_TYPE },
};

static const struct member register_server2_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STATUS_CODE | T_ARRAY, F_CONFIGURATION_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member open_secure_channel_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_CLIENT_PROTOCOL_VERSION },
	{ T_ENUM, F_REQUEST_TYPE, 2 },
	{ T_ENUM, F_SECURITY_MODE, 4 },
	{ T_BYTE_STRING, F_CLIENT_NONCE },
	{ T_UINT32, F_REQUESTED_LIFETIME },
};

static const struct member channel_security_token_of_security_token[] = {
	{ T_UINT32, F_SECURITY_TOKEN_CHANNEL_ID },
	{ T_UINT32, F_SECURITY_TOKEN_TOKEN_ID },
	{ T_DATE_TIME, F_SECURITY_TOKEN_CREATED_AT },
	{ T_UINT32, F_SECURITY_TOKEN_REVISED_LIFETIME },
};

static const struct member open_secure_channel_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_UINT32, F_SERVER_PROTOCOL_VERSION },
	{ T_STRUCTURE, 0, S_CHANNEL_SECURITY_TOKEN_OF_SECURITY_TOKEN },
	{ T_BYTE_STRING, F_SERVER_NONCE },
};

static const struct member create_session_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_APPLICATION_DESCRIPTION },
	{ T_STRING, F_SERVER_URI },
	{ T_STRING, F_ENDPOINT_URL },
	{ T_STRING, F_SESSION_NAME },
	{ T_BYTE_STRING, F_CLIENT_NONCE },
	{ T_CERTIFICATE, F_CLIENT_CERTIFICATE_LENGTH },
	{ T_DOUBLE, F_REQUESTED_SESSION_TIMEOUT },
	{ T_UINT32, F_MAX_RESPONSE_MESSAGE_SIZE },
};

static const struct member signed_software_certificate[] = {
	{ T_BYTE_STRING, F_CERTIFICATE_DATA },
	{ T_BYTE_STRING, F_SIGNATURE },
};

static const struct member signature_data_of_server_signature[] = {
	{ T_STRING, F_SERVER_SIGNATURE_ALGORITHM },
	{ T_BYTE_STRING, F_SERVER_SIGNATURE_SIGNATURE },
};

static const struct member create_session_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_NODE_ID, F_SESSION_ID },
	{ T_TOKEN, F_AUTHENTICATION_TOKEN },
	{ T_DOUBLE, F_REVISED_SESSION_TIMEOUT },
	{ T_BYTE_STRING, F_SERVER_NONCE },
	{ T_CERTIFICATE, F_SERVER_CERTIFICATE_LENGTH },
	{ T_STRUCTURE | T_ARRAY, F_SERVER_ENDPOINTS, S_ENDPOINT_DESCRIPTION },
	{ T_STRUCTURE | T_ARRAY, F_SERVER_SOFTWARE_CERTIFICATES,
		S_SIGNED_SOFTWARE_CERTIFICATE },
	{ T_STRUCTURE, 0, S_SIGNATURE_DATA_OF_SERVER_SIGNATURE },
	{ T_UINT32, F_MAX_REQUEST_MESSAGE_SIZE },
};

static const struct member signature_data_of_client_signature[] = {
	{ T_STRING, F_CLIENT_SIGNATURE_ALGORITHM },
	{ T_BYTE_STRING, F_CLIENT_SIGNATURE_SIGNATURE },
};

static const struct member signature_data_of_user_token_signature[] = {
	{ T_STRING, F_USER_TOKEN_SIGNATURE_ALGORITHM },
	{ T_BYTE_STRING, F_USER_TOKEN_SIGNATURE_SIGNATURE },
};

static const struct member activate_session_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_SIGNATURE_DATA_OF_CLIENT_SIGNATURE },
	{ T_STRUCTURE | T_ARRAY, F_CLIENT_SOFTWARE_CERTIFICATES,
		S_SIGNED_SOFTWARE_CERTIFICATE },
	{ T_STRING | T_ARRAY, F_LOCALE_IDS, F_LOCALE_ID },
	{ T_EXTENSION_OBJECT, F_USER_IDENTITY_TYPE },
	{ T_STRUCTURE, 0, S_SIGNATURE_DATA_OF_USER_TOKEN_SIGNATURE },
};

static const struct member activate_session_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_BYTE_STRING, F_SERVER_NONCE },
	{ T_STATUS_CODE | T_ARRAY, F_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member close_session_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_BOOLEAN, F_DELETE_SUBSCRIPTIONS },
};

static const struct member cancel_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_CANCELLED_REQUEST_HANDLE },
};

static const struct member cancel_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_UINT32, F_CANCEL_COUNT },
};

static const struct member add_nodes_item[] = {
	{ T_EXPANDED_NODE_ID, F_PARENT_NODE_ID, F_PARENT_NODE_NAME },
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_EXPANDED_NODE_ID, F_REQUESTED_NEW_NODE_ID },
	{ T_QUALIFIED_NAME, F_BROWSE_NAME },
	{ T_ENUM, F_NODE_CLASS },
	{ T_EXTENSION_OBJECT, F_NODE_ATTRIBUTES },
	{ T_EXPANDED_NODE_ID, F_TYPE_DEFINITION, F_TYPE_DEFINITION_NAME },
};

static const struct member add_nodes_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_ADD, S_ADD_NODES_ITEM },
};

static const struct member add_nodes_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_NODE_ID, F_ADDED_NODE_ID },
};

static const struct member add_nodes_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_ADD_NODES_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member add_references_item[] = {
	{ T_NODE_ID, F_SOURCE_NODE_ID },
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_BOOLEAN, F_IS_FORWARD },
	{ T_STRING, F_TARGET_SERVER_URI },
	{ T_EXPANDED_NODE_ID, F_TARGET_NODE_ID },
	{ T_ENUM, F_TARGET_NODE_CLASS },
};

static const struct member add_references_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_REFERENCES_TO_ADD, S_ADD_REFERENCES_ITEM },
};

static const struct member delete_nodes_item[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_BOOLEAN, F_DELETE_TARGET_REFERENCES },
};

static const struct member delete_nodes_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_DELETE, S_DELETE_NODES_ITEM },
};

static const struct member delete_references_item[] = {
	{ T_NODE_ID, F_SOURCE_NODE_ID },
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_BOOLEAN, F_IS_FORWARD },
	{ T_EXPANDED_NODE_ID, F_TARGET_NODE_ID },
	{ T_BOOLEAN, F_DELETE_BIDIRECTIONAL },
};

static const struct member delete_references_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_REFERENCES_TO_DELETE, S_DELETE_REFERENCES_ITEM },
};

static const struct member view_description[] = {
	{ T_NODE_ID, F_VIEW_ID },
	{ T_DATE_TIME, F_VIEW_TIMESTAMP },
	{ T_UINT32, F_VIEW_VERSION },
};

static const struct member browse_description[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_ENUM, F_BROWSE_DIRECTION, 4 },
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_BOOLEAN, F_INCLUDE_SUBTYPES },
	{ T_UINT32, F_NODE_CLASS_MASK },
	{ T_UINT32, F_RESULT_MASK },
};

static const struct member browse_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_VIEW_DESCRIPTION },
	{ T_UINT32, F_REQUESTED_MAX_REFERENCES_PER_NODE },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_BROWSE, S_BROWSE_DESCRIPTION },
};

static const struct member browse_next_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_BOOLEAN, F_RELEASE_CONTINUATION_POINTS },
	{ T_BYTE_STRING | T_ARRAY, F_CONTINUATION_POINTS, F_CONTINUATION_POINT },
};

static const struct member relative_path_element[] = {
	{ T_NODE_ID, F_REFERENCE_TYPE_ID, F_REFERENCE_TYPE_NAME },
	{ T_BOOLEAN, F_IS_INVERSE },
	{ T_BOOLEAN, F_INCLUDE_SUBTYPES },
	{ T_QUALIFIED_NAME, F_TARGET_NAME },
};

static const struct member relative_path[] = {
	{ T_STRUCTURE | T_ARRAY, F_ELEMENTS, S_RELATIVE_PATH_ELEMENT },
};

static const struct member browse_path[] = {
	{ T_NODE_ID, F_STARTING_NODE, F_STARTING_NODE_NAME },
	{ T_STRUCTURE, 0, S_RELATIVE_PATH },
};

static const struct member translate_browse_paths_to_node_ids_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_BROWSE_PATHS, S_BROWSE_PATH },
};

static const struct member browse_path_target[] = {
	{ T_EXPANDED_NODE_ID, F_TARGET_ID, F_TARGET_NODE_NAME },
	{ T_UINT32, F_REMAINING_PATH_INDEX },
};

static const struct member browse_path_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_STRUCTURE | T_ARRAY, F_TARGETS, S_BROWSE_PATH_TARGET },
};

static const struct member translate_browse_paths_to_node_ids_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_BROWSE_PATH_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member register_nodes_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_NODE_ID | T_ARRAY, F_NODES_TO_REGISTER, F_NODE_ID },
};

static const struct member register_nodes_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_NODE_ID | T_ARRAY, F_REGISTERED_NODE_IDS, F_NODE_ID },
};

static const struct member unregister_nodes_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_NODE_ID | T_ARRAY, F_NODES_TO_UNREGISTER, F_NODE_ID },
};

static const struct member query_data_description[] = {
	{ T_STRUCTURE, 0, S_RELATIVE_PATH },
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_STRING, F_INDEX_RANGE },
};

static const struct member node_type_description[] = {
	{ T_EXPANDED_NODE_ID, F_TYPE_DEFINITION, F_TYPE_DEFINITION_NAME },
	{ T_BOOLEAN, F_INCLUDE_SUBTYPES },
	{ T_STRUCTURE | T_ARRAY, F_DATA_TO_RETURN, S_QUERY_DATA_DESCRIPTION },
};

static const struct member content_filter_element[] = {
	{ T_ENUM, F_FILTER_OPERATOR, 18 },
	{ T_EXTENSION_OBJECT | T_ARRAY, F_FILTER_OPERANDS, F_TYPE },
};

static const struct member content_filter[] = {
	{ T_STRUCTURE | T_ARRAY, F_ELEMENTS, S_CONTENT_FILTER_ELEMENT },
};

static const struct member query_first_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE, 0, S_VIEW_DESCRIPTION },
	{ T_STRUCTURE | T_ARRAY, F_NODE_TYPES, S_NODE_TYPE_DESCRIPTION },
	{ T_STRUCTURE, 0, S_CONTENT_FILTER },
	{ T_UINT32, F_MAX_DATA_SETS_TO_RETURN },
	{ T_UINT32, F_MAX_REFERENCES_TO_RETURN },
};

static const struct member query_data_set[] = {
	{ T_EXPANDED_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_EXPANDED_NODE_ID, F_TYPE_DEFINITION, F_TYPE_DEFINITION_NAME },
	{ T_VARIANT | T_ARRAY, F_VALUES },
};

static const struct member parsing_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_STATUS_CODE | T_ARRAY, F_DATA_STATUS_CODES, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DATA_DIAGNOSTIC_INFOS },
};

static const struct member content_filter_element_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_STATUS_CODE | T_ARRAY, F_OPERAND_STATUS_CODES, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_OPERAND_DIAGNOSTIC_INFOS },
};

static const struct member content_filter_result[] = {
	{ T_STRUCTURE | T_ARRAY, F_ELEMENT_RESULTS, S_CONTENT_FILTER_ELEMENT_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_ELEMENT_DIAGNOSTIC_INFOS },
};

static const struct member query_first_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_QUERY_DATA_SETS, S_QUERY_DATA_SET },
	{ T_BYTE_STRING, F_CONTINUATION_POINT },
	{ T_STRUCTURE | T_ARRAY, F_PARSING_RESULTS, S_PARSING_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
	{ T_STRUCTURE, 0, S_CONTENT_FILTER_RESULT },
};

static const struct member query_next_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_BOOLEAN, F_RELEASE_CONTINUATION_POINT },
	{ T_BYTE_STRING, F_CONTINUATION_POINT },
};

static const struct member query_next_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_QUERY_DATA_SETS, S_QUERY_DATA_SET },
	{ T_BYTE_STRING, F_REVISED_CONTINUATION_POINT },
};

static const struct member read_value_id[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_STRING, F_INDEX_RANGE },
	{ T_QUALIFIED_NAME, F_DATA_ENCODING },
};

static const struct member read_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_DOUBLE, F_MAX_AGE },
	{ T_ENUM, F_TIMESTAMPS_TO_RETURN, 5 },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_READ, S_READ_VALUE_ID },
};

static const struct member read_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_DATA_VALUE | T_ARRAY, F_RESULTS },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member history_read_value_id[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_STRING, F_INDEX_RANGE },
	{ T_QUALIFIED_NAME, F_DATA_ENCODING },
	{ T_BYTE_STRING, F_CONTINUATION_POINT },
};

static const struct member history_read_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_EXTENSION_OBJECT, F_HISTORY_READ_DETAILS },
	{ T_ENUM, F_TIMESTAMPS_TO_RETURN, 5 },
	{ T_BOOLEAN, F_RELEASE_CONTINUATION_POINTS },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_READ, S_HISTORY_READ_VALUE_ID },
};

static const struct member history_read_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_BYTE_STRING, F_CONTINUATION_POINT },
	{ T_EXTENSION_OBJECT, F_HISTORY_DATA },
};

static const struct member history_read_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_HISTORY_READ_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member write_value[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_STRING, F_INDEX_RANGE },
	{ T_DATA_VALUE },
};

static const struct member write_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_NODES_TO_WRITE, S_WRITE_VALUE },
};

static const struct member history_update_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_EXTENSION_OBJECT | T_ARRAY, F_HISTORY_UPDATE_DETAILS, F_TYPE },
};

static const struct member history_update_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_STATUS_CODE | T_ARRAY, F_OPERATION_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member history_update_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_HISTORY_UPDATE_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member call_method_request[] = {
	{ T_NODE_ID, F_OBJECT_ID, F_OBJECT_NAME },
	{ T_NODE_ID, F_METHOD_ID, F_METHOD_NAME },
	{ T_VARIANT | T_ARRAY, F_INPUT_ARGUMENTS },
};

static const struct member call_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_METHODS_TO_CALL, S_CALL_METHOD_REQUEST },
};

static const struct member call_method_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_STATUS_CODE | T_ARRAY, F_INPUT_ARGUMENT_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_INPUT_ARGUMENT_DIAGNOSTIC_INFOS },
	{ T_VARIANT | T_ARRAY, F_OUTPUT_ARGUMENTS },
};

static const struct member call_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_CALL_METHOD_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member monitoring_parameters[] = {
	{ T_UINT32, F_CLIENT_HANDLE },
	{ T_DOUBLE, F_SAMPLING_INTERVAL },
	{ T_EXTENSION_OBJECT, F_FILTER },
	{ T_UINT32, F_QUEUE_SIZE },
	{ T_BOOLEAN, F_DISCARD_OLDEST },
};

static const struct member monitored_item_create_request[] = {
	{ T_STRUCTURE, 0, S_READ_VALUE_ID },
	{ T_ENUM, F_MONITORING_MODE, 3 },
	{ T_STRUCTURE, 0, S_MONITORING_PARAMETERS },
};

static const struct member create_monitored_items_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_ENUM, F_TIMESTAMPS_TO_RETURN, 5 },
	{ T_STRUCTURE | T_ARRAY, F_ITEMS_TO_CREATE, S_MONITORED_ITEM_CREATE_REQUEST },
};

static const struct member monitored_item_create_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_UINT32, F_MONITORED_ITEM_ID },
	{ T_DOUBLE, F_REVISED_SAMPLING_INTERVAL },
	{ T_UINT32, F_REVISED_QUEUE_SIZE },
	{ T_EXTENSION_OBJECT, F_FILTER_RESULT },
};

static const struct member create_monitored_items_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_MONITORED_ITEM_CREATE_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member monitored_item_modify_request[] = {
	{ T_UINT32, F_MONITORED_ITEM_ID },
	{ T_STRUCTURE, 0, S_MONITORING_PARAMETERS },
};

static const struct member modify_monitored_items_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_ENUM, F_TIMESTAMPS_TO_RETURN, 5 },
	{ T_STRUCTURE | T_ARRAY, F_ITEMS_TO_MODIFY, S_MONITORED_ITEM_MODIFY_REQUEST },
};

static const struct member monitored_item_modify_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_DOUBLE, F_REVISED_SAMPLING_INTERVAL },
	{ T_UINT32, F_REVISED_QUEUE_SIZE },
	{ T_EXTENSION_OBJECT, F_FILTER_RESULT },
};

static const struct member modify_monitored_items_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_MONITORED_ITEM_MODIFY_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member set_monitoring_mode_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_ENUM, F_MONITORING_MODE, 3 },
	{ T_UINT32 | T_ARRAY, F_MONITORED_ITEM_IDS, F_MONITORED_ITEM_ID },
};

static const struct member set_triggering_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_UINT32, F_TRIGGERING_ITEM_ID },
	{ T_UINT32 | T_ARRAY, F_LINKS_TO_ADD, F_MONITORED_ITEM_ID },
	{ T_UINT32 | T_ARRAY, F_LINKS_TO_REMOVE, F_MONITORED_ITEM_ID },
};

static const struct member set_triggering_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STATUS_CODE | T_ARRAY, F_ADD_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_ADD_DIAGNOSTIC_INFOS },
	{ T_STATUS_CODE | T_ARRAY, F_REMOVE_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_REMOVE_DIAGNOSTIC_INFOS },
};

static const struct member delete_monitored_items_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_UINT32 | T_ARRAY, F_MONITORED_ITEM_IDS, F_MONITORED_ITEM_ID },
};

static const struct member create_subscription_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_DOUBLE, F_REQUESTED_PUBLISHING_INTERVAL },
	{ T_UINT32, F_REQUESTED_LIFETIME_COUNT },
	{ T_UINT32, F_REQUESTED_MAX_KEEP_ALIVE_COUNT },
	{ T_UINT32, F_MAX_NOTIFICATIONS_PER_PUBLISH },
	{ T_BOOLEAN, F_PUBLISHING_ENABLED },
	{ T_BYTE, F_PRIORITY },
};

static const struct member modify_subscription_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_DOUBLE, F_REQUESTED_PUBLISHING_INTERVAL },
	{ T_UINT32, F_REQUESTED_LIFETIME_COUNT },
	{ T_UINT32, F_REQUESTED_MAX_KEEP_ALIVE_COUNT },
	{ T_UINT32, F_MAX_NOTIFICATIONS_PER_PUBLISH },
	{ T_BYTE, F_PRIORITY },
};

static const struct member modify_subscription_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_DOUBLE, F_REVISED_PUBLISHING_INTERVAL },
	{ T_UINT32, F_REVISED_LIFETIME_COUNT },
	{ T_UINT32, F_REVISED_MAX_KEEP_ALIVE_COUNT },
};

static const struct member set_publishing_mode_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_BOOLEAN, F_PUBLISHING_ENABLED },
	{ T_UINT32 | T_ARRAY, F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
};

static const struct member subscription_acknowledgement[] = {
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_UINT32, F_NOTIFICATION_SEQUENCE_NUMBER },
};

static const struct member publish_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_SUBSCRIPTION_ACKNOWLEDGEMENTS,
		S_SUBSCRIPTION_ACKNOWLEDGEMENT },
};

static const struct member notification_message[] = {
	{ T_UINT32, F_NOTIFICATION_SEQUENCE_NUMBER },
	{ T_DATE_TIME, F_PUBLISH_TIME },
	{ T_EXTENSION_OBJECT | T_ARRAY, F_NOTIFICATION_DATA, F_TYPE },
};

static const struct member publish_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_UINT32 | T_ARRAY, F_AVAILABLE_SEQUENCE_NUMBERS,
		F_NOTIFICATION_SEQUENCE_NUMBER },
	{ T_BOOLEAN, F_MORE_NOTIFICATIONS },
	{ T_STRUCTURE, 0, S_NOTIFICATION_MESSAGE },
	{ T_STATUS_CODE | T_ARRAY, F_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member republish_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32, F_SUBSCRIPTION_ID },
	{ T_UINT32, F_NOTIFICATION_SEQUENCE_NUMBER },
};

static const struct member republish_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE, 0, S_NOTIFICATION_MESSAGE },
};

static const struct member transfer_subscriptions_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32 | T_ARRAY, F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
	{ T_BOOLEAN, F_SEND_INITIAL_VALUES },
};

static const struct member transfer_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_UINT32 | T_ARRAY, F_AVAILABLE_SEQUENCE_NUMBERS,
		F_NOTIFICATION_SEQUENCE_NUMBER },
};

static const struct member transfer_subscriptions_response[] = {
	{ T_STRUCTURE, 0, S_RESPONSE_HEADER },
	{ T_STRUCTURE | T_ARRAY, F_RESULTS, S_TRANSFER_RESULT },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member delete_subscriptions_request[] = {
	{ T_STRUCTURE, 0, S_REQUEST_HEADER },
	{ T_UINT32 | T_ARRAY, F_SUBSCRIPTION_IDS, F_SUBSCRIPTION_ID },
};

static const struct member argument[] = {
	{ T_STRING, F_NAME },
	{ T_NODE_ID, F_DATA_TYPE, F_DATA_TYPE_NAME },
	{ T_INT32, F_VALUE_RANK },
	{ T_UINT32 | T_ARRAY, F_ARRAY_DIMENSIONS, F_DIMENSION },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
};

static const struct member enum_value_type[] = {
	{ T_INT64, F_VALUE_INT },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
};

static const struct member enum_field[] = {
	{ T_INT64, F_VALUE_INT },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_STRING, F_NAME },
};

static const struct member enum_definition[] = {
	{ T_STRUCTURE | T_ARRAY, F_FIELDS, S_ENUM_FIELD },
};

static const struct member structure_field[] = {
	{ T_STRING, F_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_NODE_ID, F_DATA_TYPE, F_DATA_TYPE_NAME },
	{ T_INT32, F_VALUE_RANK },
	{ T_UINT32 | T_ARRAY, F_ARRAY_DIMENSIONS, F_DIMENSION },
	{ T_UINT32, F_MAX_STRING_LENGTH },
	{ T_BOOLEAN, F_IS_OPTIONAL },
};

static const struct member structure_definition[] = {
	{ T_NODE_ID, F_DEFAULT_ENCODING_ID },
	{ T_NODE_ID, F_BASE_DATA_TYPE },
	{ T_ENUM, F_STRUCTURE_TYPE, 5 },
	{ T_STRUCTURE | T_ARRAY, F_FIELDS, S_STRUCTURE_FIELD },
};

static const struct member eu_information[] = {
	{ T_STRING, F_NAMESPACE_URI },
	{ T_INT32, F_UNIT_ID },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
};

static const struct member range[] = {
	{ T_DOUBLE, F_LOW },
	{ T_DOUBLE, F_HIGH },
};

static const struct member axis_information[] = {
	{ T_STRUCTURE, 0, S_EU_INFORMATION },
	{ T_STRUCTURE, 0, S_RANGE },
	{ T_LOCALIZED_TEXT, F_TITLE },
	{ T_ENUM, F_AXIS_SCALE_TYPE, 3 },
	{ T_DOUBLE | T_ARRAY, F_AXIS_STEPS, F_AXIS_STEP },
};

static const struct member complex_number_type[] = {
	{ T_FLOAT, F_REAL },
	{ T_FLOAT, F_IMAGINARY },
};

static const struct member double_complex_number_type[] = {
	{ T_DOUBLE, F_REAL },
	{ T_DOUBLE, F_IMAGINARY },
};

static const struct member xv_type[] = {
	{ T_DOUBLE, F_X },
	{ T_FLOAT, F_VALUE_REAL },
};

static const struct member build_info[] = {
	{ T_STRING, F_PRODUCT_URI },
	{ T_STRING, F_MANUFACTURER_NAME },
	{ T_STRING, F_PRODUCT_NAME },
	{ T_STRING, F_SOFTWARE_VERSION },
	{ T_STRING, F_BUILD_NUMBER },
	{ T_DATE_TIME, F_BUILD_DATE },
};

static const struct member server_status_data_type[] = {
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_CURRENT_TIME },
	{ T_ENUM, F_SERVER_STATE, 8 },
	{ T_STRUCTURE, 0, S_BUILD_INFO },
	{ T_UINT32, F_SECONDS_TILL_SHUTDOWN },
	{ T_LOCALIZED_TEXT, F_SHUTDOWN_REASON },
};

static const struct member server_diagnostics_summary_data_type[] = {
	{ T_UINT32, F_SERVER_VIEW_COUNT },
	{ T_UINT32, F_CURRENT_SESSION_COUNT },
	{ T_UINT32, F_CUMULATED_SESSION_COUNT },
	{ T_UINT32, F_SECURITY_REJECTED_SESSION_COUNT },
	{ T_UINT32, F_REJECTED_SESSION_COUNT },
	{ T_UINT32, F_SESSION_TIMEOUT_COUNT },
	{ T_UINT32, F_SESSION_ABORT_COUNT },
	{ T_UINT32, F_CURRENT_SUBSCRIPTION_COUNT },
	{ T_UINT32, F_CUMULATED_SUBSCRIPTION_COUNT },
	{ T_UINT32, F_PUBLISHING_INTERVAL_COUNT },
	{ T_UINT32, F_SECURITY_REJECTED_REQUESTS_COUNT },
	{ T_UINT32, F_REJECTED_REQUESTS_COUNT },
};

static const struct member sampling_interval_diagnostics_data_type[] = {
	{ T_DOUBLE, F_SAMPLING_INTERVAL },
	{ T_UINT32, F_MONITORED_ITEM_COUNT },
	{ T_UINT32, F_MAX_MONITORED_ITEM_COUNT },
	{ T_UINT32, F_DISABLED_MONITORED_ITEM_COUNT },
};

static const struct member session_security_diagnostics_data_type[] = {
	{ T_NODE_ID, F_SESSION_ID },
	{ T_STRING, F_CLIENT_USER_ID_OF_SESSION },
	{ T_STRING | T_ARRAY, F_CLIENT_USER_ID_HISTORY, F_CLIENT_USER_ID },
	{ T_STRING, F_AUTHENTICATION_MECHANISM },
	{ T_STRING, F_ENCODING },
	{ T_STRING, F_TRANSPORT_PROTOCOL },
	{ T_ENUM, F_SECURITY_MODE, 4 },
	{ T_STRING, F_SECURITY_POLICY_URI },
	{ T_CERTIFICATE, F_CLIENT_CERTIFICATE_LENGTH },
};

static const struct member redundant_server_data_type[] = {
	{ T_STRING, F_SERVER_ID },
	{ T_BYTE, F_SERVICE_LEVEL },
	{ T_ENUM, F_SERVER_STATE, 8 },
};

static const struct member endpoint_url_list_data_type[] = {
	{ T_STRING | T_ARRAY, F_ENDPOINT_URL_LIST, F_ENDPOINT_URL },
};

static const struct member network_group_data_type[] = {
	{ T_STRING, F_SERVER_URI },
	{ T_STRUCTURE | T_ARRAY, F_NETWORK_PATHS, S_ENDPOINT_URL_LIST_DATA_TYPE },
};

static const struct member status_result[] = {
	{ T_STATUS_CODE, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO, F_DIAGNOSTIC_INFO },
};

static const struct member model_change_structure_data_type[] = {
	{ T_NODE_ID, F_AFFECTED },
	{ T_NODE_ID, F_AFFECTED_TYPE },
	{ T_BYTE, F_VERB },
};

static const struct member semantic_change_structure_data_type[] = {
	{ T_NODE_ID, F_AFFECTED },
	{ T_NODE_ID, F_AFFECTED_TYPE },
};

static const struct member annotation[] = {
	{ T_STRING, F_MESSAGE },
	{ T_STRING, F_USER_NAME },
	{ T_DATE_TIME, F_ANNOTATION_TIME },
};

static const struct member time_zone_data_type[] = {
	{ T_INT16, F_OFFSET },
	{ T_BOOLEAN, F_DAYLIGHT_SAVING_IN_OFFSET },
};

static const struct member role_permission_type[] = {
	{ T_NODE_ID, F_ROLE_ID },
	{ T_UINT32, F_PERMISSIONS },
};

static const struct member identity_mapping_rule_type[] = {
	{ T_ENUM, F_CRITERIA_TYPE, 9 },
	{ T_STRING, F_CRITERIA },
};

static const struct member user_management_data_type[] = {
	{ T_STRING, F_USER_NAME },
	{ T_UINT32, F_USER_CONFIGURATION },
	{ T_STRING, F_DESCRIPTION_TEXT },
};

static const struct member option_set[] = {
	{ T_BYTE_STRING, F_VALUE_BYTES },
	{ T_BYTE_STRING, F_VALID_BITS },
};

static const struct member key_value_pair[] = {
	{ T_QUALIFIED_NAME, F_KEY },
	{ T_VARIANT },
};

static const struct member additional_parameters_type[] = {
	{ T_STRUCTURE | T_ARRAY, F_PARAMETERS, S_KEY_VALUE_PAIR },
};

static const struct member ephemeral_key_type[] = {
	{ T_BYTE_STRING, F_PUBLIC_KEY },
	{ T_BYTE_STRING, F_SIGNATURE },
};

static const struct member object_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_BYTE, F_EVENT_NOTIFIER },
};

static const struct member variable_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_VARIANT },
	{ T_NODE_ID, F_DATA_TYPE, F_DATA_TYPE_NAME },
	{ T_INT32, F_VALUE_RANK },
	{ T_UINT32 | T_ARRAY, F_ARRAY_DIMENSIONS, F_DIMENSION },
	{ T_BYTE, F_ACCESS_LEVEL },
	{ T_BYTE, F_USER_ACCESS_LEVEL },
	{ T_DOUBLE, F_MINIMUM_SAMPLING_INTERVAL },
	{ T_BOOLEAN, F_HISTORIZING },
};

static const struct member method_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_BOOLEAN, F_EXECUTABLE },
	{ T_BOOLEAN, F_USER_EXECUTABLE },
};

static const struct member variable_type_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_VARIANT },
	{ T_NODE_ID, F_DATA_TYPE, F_DATA_TYPE_NAME },
	{ T_INT32, F_VALUE_RANK },
	{ T_UINT32 | T_ARRAY, F_ARRAY_DIMENSIONS, F_DIMENSION },
	{ T_BOOLEAN, F_IS_ABSTRACT },
};

static const struct member reference_type_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_BOOLEAN, F_IS_ABSTRACT },
	{ T_BOOLEAN, F_SYMMETRIC },
	{ T_LOCALIZED_TEXT, F_INVERSE_NAME },
};

static const struct member view_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_BOOLEAN, F_CONTAINS_NO_LOOPS },
	{ T_BYTE, F_EVENT_NOTIFIER },
};

static const struct member generic_attribute_value[] = {
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_VARIANT },
};

static const struct member generic_attributes[] = {
	{ T_UINT32, F_SPECIFIED_ATTRIBUTES },
	{ T_LOCALIZED_TEXT, F_DISPLAY_NAME },
	{ T_LOCALIZED_TEXT, F_DESCRIPTION_LOCALIZED },
	{ T_UINT32, F_WRITE_MASK },
	{ T_UINT32, F_USER_WRITE_MASK },
	{ T_STRUCTURE | T_ARRAY, F_ATTRIBUTE_VALUES, S_GENERIC_ATTRIBUTE_VALUE },
};

static const struct member element_operand[] = {
	{ T_UINT32, F_INDEX },
};

static const struct member literal_operand[] = {
	{ T_VARIANT },
};

static const struct member attribute_operand[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_STRING, F_ALIAS },
	{ T_STRUCTURE, 0, S_RELATIVE_PATH },
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_STRING, F_INDEX_RANGE },
};

static const struct member simple_attribute_operand[] = {
	{ T_NODE_ID, F_TYPE_DEFINITION, F_TYPE_DEFINITION_NAME },
	{ T_QUALIFIED_NAME | T_ARRAY, F_BROWSE_PATH, F_BROWSE_NAME },
	{ T_ENUM, F_ATTRIBUTE_ID, 28 },
	{ T_STRING, F_INDEX_RANGE },
};

static const struct member event_filter[] = {
	{ T_STRUCTURE | T_ARRAY, F_SELECT_CLAUSES, S_SIMPLE_ATTRIBUTE_OPERAND },
	{ T_STRUCTURE, 0, S_CONTENT_FILTER },
};

static const struct member read_event_details[] = {
	{ T_UINT32, F_NUM_VALUES_PER_NODE },
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_END_TIME },
	{ T_STRUCTURE, 0, S_EVENT_FILTER },
};

static const struct member read_event_details2[] = {
	{ T_UINT32, F_NUM_VALUES_PER_NODE },
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_END_TIME },
	{ T_STRUCTURE, 0, S_EVENT_FILTER },
	{ T_BOOLEAN, F_READ_MODIFIED },
};

static const struct member read_raw_modified_details[] = {
	{ T_BOOLEAN, F_IS_READ_MODIFIED },
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_END_TIME },
	{ T_UINT32, F_NUM_VALUES_PER_NODE },
	{ T_BOOLEAN, F_RETURN_BOUNDS },
};

static const struct member aggregate_configuration[] = {
	{ T_BOOLEAN, F_USE_SERVER_CAPABILITIES_DEFAULTS },
	{ T_BOOLEAN, F_TREAT_UNCERTAIN_AS_BAD },
	{ T_BYTE, F_PERCENT_DATA_BAD },
	{ T_BYTE, F_PERCENT_DATA_GOOD },
	{ T_BOOLEAN, F_USE_SLOPED_EXTRAPOLATION },
};

static const struct member read_processed_details[] = {
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_END_TIME },
	{ T_DOUBLE, F_PROCESSING_INTERVAL },
	{ T_NODE_ID | T_ARRAY, F_AGGREGATE_TYPES, F_AGGREGATE_TYPE },
	{ T_STRUCTURE, 0, S_AGGREGATE_CONFIGURATION },
};

static const struct member read_at_time_details[] = {
	{ T_DATE_TIME | T_ARRAY, F_REQ_TIMES, F_REQ_TIME },
	{ T_BOOLEAN, F_USE_SIMPLE_BOUNDS },
};

static const struct member read_annotation_data_details[] = {
	{ T_DATE_TIME | T_ARRAY, F_REQ_TIMES, F_REQ_TIME },
};

static const struct member history_data[] = {
	{ T_DATA_VALUE | T_ARRAY, F_DATA_VALUES },
};

static const struct member modification_info[] = {
	{ T_DATE_TIME, F_MODIFICATION_TIME },
	{ T_ENUM, F_UPDATE_TYPE, 5 },
	{ T_STRING, F_USER_NAME },
};

static const struct member history_modified_data[] = {
	{ T_DATA_VALUE | T_ARRAY, F_DATA_VALUES },
	{ T_STRUCTURE | T_ARRAY, F_MODIFICATION_INFOS, S_MODIFICATION_INFO },
};

static const struct member history_event_field_list[] = {
	{ T_VARIANT | T_ARRAY, F_EVENT_FIELDS },
};

static const struct member history_event[] = {
	{ T_STRUCTURE | T_ARRAY, F_EVENTS, S_HISTORY_EVENT_FIELD_LIST },
};

static const struct member history_modified_event[] = {
	{ T_STRUCTURE | T_ARRAY, F_EVENTS, S_HISTORY_EVENT_FIELD_LIST },
	{ T_STRUCTURE | T_ARRAY, F_MODIFICATION_INFOS, S_MODIFICATION_INFO },
};

static const struct member update_data_details[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_ENUM, F_PERFORM_INSERT_REPLACE, 5 },
	{ T_DATA_VALUE | T_ARRAY, F_UPDATE_VALUES },
};

static const struct member update_event_details[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_ENUM, F_PERFORM_INSERT_REPLACE, 5 },
	{ T_STRUCTURE, 0, S_EVENT_FILTER },
	{ T_STRUCTURE | T_ARRAY, F_EVENT_DATA, S_HISTORY_EVENT_FIELD_LIST },
};

static const struct member delete_raw_modified_details[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_BOOLEAN, F_IS_DELETE_MODIFIED },
	{ T_DATE_TIME, F_START_TIME },
	{ T_DATE_TIME, F_END_TIME },
};

static const struct member delete_at_time_details[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_DATE_TIME | T_ARRAY, F_REQ_TIMES, F_REQ_TIME },
};

static const struct member delete_event_details[] = {
	{ T_NODE_ID, F_NODE_ID, F_NODE_NAME },
	{ T_BYTE_STRING | T_ARRAY, F_EVENT_IDS, F_EVENT_ID },
};

static const struct member data_change_filter[] = {
	{ T_ENUM, F_TRIGGER, 3 },
	{ T_ENUM, F_DEADBAND_TYPE, 3 },
	{ T_DOUBLE, F_DEADBAND_VALUE },
};

static const struct member aggregate_filter[] = {
	{ T_DATE_TIME, F_START_TIME },
	{ T_NODE_ID, F_AGGREGATE_TYPE },
	{ T_DOUBLE, F_PROCESSING_INTERVAL },
	{ T_STRUCTURE, 0, S_AGGREGATE_CONFIGURATION },
};

static const struct member event_filter_result[] = {
	{ T_STATUS_CODE | T_ARRAY, F_SELECT_CLAUSE_RESULTS, F_STATUS_CODE },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_SELECT_CLAUSE_DIAGNOSTIC_INFOS },
	{ T_STRUCTURE, 0, S_CONTENT_FILTER_RESULT },
};

static const struct member aggregate_filter_result[] = {
	{ T_DATE_TIME, F_REVISED_START_TIME },
	{ T_DOUBLE, F_REVISED_PROCESSING_INTERVAL },
	{ T_STRUCTURE, 0, S_AGGREGATE_CONFIGURATION },
};

static const struct member monitored_item_notification[] = {
	{ T_UINT32, F_CLIENT_HANDLE },
	{ T_DATA_VALUE },
};

static const struct member data_change_notification[] = {
	{ T_STRUCTURE | T_ARRAY, F_MONITORED_ITEMS, S_MONITORED_ITEM_NOTIFICATION },
	{ T_DIAGNOSTIC_INFO | T_ARRAY, F_DIAGNOSTIC_INFOS },
};

static const struct member event_field_list[] = {
	{ T_UINT32, F_CLIENT_HANDLE },
	{ T_VARIANT | T_ARRAY, F_EVENT_FIELDS },
};

static const struct member event_notification_list[] = {
	{ T_STRUCTURE | T_ARRAY, F_EVENTS, S_EVENT_FIELD_LIST },
};

static const struct member status_change_notification[] = {
	{ T_STATUS_CODE, F_STATUS },
	{ T_DIAGNOSTIC_INFO, F_DIAGNOSTIC_INFO },
};

static const struct member anonymous_identity_token[] = {
	{ T_STRING, F_USER_IDENTITY_POLICY_ID },
};

static const struct member user_name_identity_token[] = {
	{ T_STRING, F_USER_IDENTITY_POLICY_ID },
	{ T_STRING, F_USER_IDENTITY_USER_NAME },
	{ T_SECRET, F_USER_IDENTITY_PASSWORD_LENGTH },
	{ T_STRING, F_USER_IDENTITY_ENCRYPTION_ALGORITHM },
};

static const struct member x509_identity_token[] = {
	{ T_STRING, F_USER_IDENTITY_POLICY_ID },
	{ T_CERTIFICATE, F_USER_IDENTITY_CERTIFICATE_LENGTH },
};

static const struct member issued_identity_token[] = {
	{ T_STRING, F_USER_IDENTITY_POLICY_ID },
	{ T_SECRET, F_USER_IDENTITY_TOKEN_LENGTH },
	{ T_STRING, F_USER_IDENTITY_ENCRYPTION_ALGORITHM },
};

static const struct member mdns_discovery_configuration[] = {
	{ T_STRING, F_MDNS_SERVER_NAME },
	{ T_STRING | T_ARRAY, F_SERVER_CAPABILITIES, F_SERVER_CAPABILITY },
};

static const struct member service_counter_data_type[] = {
	{ T_UINT32, F_TOTAL_COUNT },
	{ T_UINT32, F_ERROR_COUNT },
};

static const struct member signature_data[] = {
	{ T_STRING, F_ALGORITHM },
	{ T_BYTE_STRING, F_SIGNATURE },
};

#define MEMBERS(list)                                                                    \
	{                                                                                \
		(list), sizeof(list) / sizeof(*(list))                                   \
	}

const struct structure opcua_structures[S_COUNT] = {
	[S_RESPONSE_HEADER] = MEMBERS(response_header),
	[S_PLAIN_RESPONSE] = MEMBERS(plain_response),
	[S_REQUEST_HEADER] = MEMBERS(request_header),
	[S_PLAIN_REQUEST] = MEMBERS(plain_request),
	[S_STATUS_RESPONSE] = MEMBERS(status_response),
	[S_CREATE_SUBSCRIPTION_RESPONSE] = MEMBERS(create_subscription_response),
	[S_REFERENCE_DESCRIPTION] = MEMBERS(reference_description),
	[S_BROWSE_RESULT] = MEMBERS(browse_result),
	[S_BROWSE_RESPONSE] = MEMBERS(browse_response),
	[S_OBJECT_TYPE_ATTRIBUTES] = MEMBERS(object_type_attributes),
	[S_FIND_SERVERS_REQUEST] = MEMBERS(find_servers_request),
	[S_APPLICATION_DESCRIPTION] = MEMBERS(application_description),
	[S_FIND_SERVERS_RESPONSE] = MEMBERS(find_servers_response),
	[S_FIND_SERVERS_ON_NETWORK_REQUEST] = MEMBERS(find_servers_on_network_request),
	[S_SERVER_ON_NETWORK] = MEMBERS(server_on_network),
	[S_FIND_SERVERS_ON_NETWORK_RESPONSE] = MEMBERS(find_servers_on_network_response),
	[S_GET_ENDPOINTS_REQUEST] = MEMBERS(get_endpoints_request),
	[S_USER_TOKEN_POLICY] = MEMBERS(user_token_policy),
	[S_ENDPOINT_DESCRIPTION] = MEMBERS(endpoint_description),
	[S_GET_ENDPOINTS_RESPONSE] = MEMBERS(get_endpoints_response),
	[S_REGISTERED_SERVER] = MEMBERS(registered_server),
	[S_REGISTER_SERVER_REQUEST] = MEMBERS(register_server_request),
	[S_REGISTER_SERVER2_REQUEST] = MEMBERS(register_server2_request),
	[S_REGISTER_SERVER2_RESPONSE] = MEMBERS(register_server2_response),
	[S_OPEN_SECURE_CHANNEL_REQUEST] = MEMBERS(open_secure_channel_request),
	[S_CHANNEL_SECURITY_TOKEN_OF_SECURITY_TOKEN] =
		MEMBERS(channel_security_token_of_security_token),
	[S_OPEN_SECURE_CHANNEL_RESPONSE] = MEMBERS(open_secure_channel_response),
	[S_CREATE_SESSION_REQUEST] = MEMBERS(create_session_request),
	[S_SIGNED_SOFTWARE_CERTIFICATE] = MEMBERS(signed_software_certificate),
	[S_SIGNATURE_DATA_OF_SERVER_SIGNATURE] =
		MEMBERS(signature_data_of_server_signature),
	[S_CREATE_SESSION_RESPONSE] = MEMBERS(create_session_response),
	[S_SIGNATURE_DATA_OF_CLIENT_SIGNATURE] =
		MEMBERS(signature_data_of_client_signature),
	[S_SIGNATURE_DATA_OF_USER_TOKEN_SIGNATURE] =
		MEMBERS(signature_data_of_user_token_signature),
	[S_ACTIVATE_SESSION_REQUEST] = MEMBERS(activate_session_request),
	[S_ACTIVATE_SESSION_RESPONSE] = MEMBERS(activate_session_response),
	[S_CLOSE_SESSION_REQUEST] = MEMBERS(close_session_request),
	[S_CANCEL_REQUEST] = MEMBERS(cancel_request),
	[S_CANCEL_RESPONSE] = MEMBERS(cancel_response),
	[S_ADD_NODES_ITEM] = MEMBERS(add_nodes_item),
	[S_ADD_NODES_REQUEST] = MEMBERS(add_nodes_request),
	[S_ADD_NODES_RESULT] = MEMBERS(add_nodes_result),
	[S_ADD_NODES_RESPONSE] = MEMBERS(add_nodes_response),
	[S_ADD_REFERENCES_ITEM] = MEMBERS(add_references_item),
	[S_ADD_REFERENCES_REQUEST] = MEMBERS(add_references_request),
	[S_DELETE_NODES_ITEM] = MEMBERS(delete_nodes_item),
	[S_DELETE_NODES_REQUEST] = MEMBERS(delete_nodes_request),
	[S_DELETE_REFERENCES_ITEM] = MEMBERS(delete_references_item),
	[S_DELETE_REFERENCES_REQUEST] = MEMBERS(delete_references_request),
	[S_VIEW_DESCRIPTION] = MEMBERS(view_description),
	[S_BROWSE_DESCRIPTION] = MEMBERS(browse_description),
	[S_BROWSE_REQUEST] = MEMBERS(browse_request),
	[S_BROWSE_NEXT_REQUEST] = MEMBERS(browse_next_request),
	[S_RELATIVE_PATH_ELEMENT] = MEMBERS(relative_path_element),
	[S_RELATIVE_PATH] = MEMBERS(relative_path),
	[S_BROWSE_PATH] = MEMBERS(browse_path),
	[S_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_REQUEST] =
		MEMBERS(translate_browse_paths_to_node_ids_request),
	[S_BROWSE_PATH_TARGET] = MEMBERS(browse_path_target),
	[S_BROWSE_PATH_RESULT] = MEMBERS(browse_path_result),
	[S_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_RESPONSE] =
		MEMBERS(translate_browse_paths_to_node_ids_response),
	[S_REGISTER_NODES_REQUEST] = MEMBERS(register_nodes_request),
	[S_REGISTER_NODES_RESPONSE] = MEMBERS(register_nodes_response),
	[S_UNREGISTER_NODES_REQUEST] = MEMBERS(unregister_nodes_request),
	[S_QUERY_DATA_DESCRIPTION] = MEMBERS(query_data_description),
	[S_NODE_TYPE_DESCRIPTION] = MEMBERS(node_type_description),
	[S_CONTENT_FILTER_ELEMENT] = MEMBERS(content_filter_element),
	[S_CONTENT_FILTER] = MEMBERS(content_filter),
	[S_QUERY_FIRST_REQUEST] = MEMBERS(query_first_request),
	[S_QUERY_DATA_SET] = MEMBERS(query_data_set),
	[S_PARSING_RESULT] = MEMBERS(parsing_result),
	[S_CONTENT_FILTER_ELEMENT_RESULT] = MEMBERS(content_filter_element_result),
	[S_CONTENT_FILTER_RESULT] = MEMBERS(content_filter_result),
	[S_QUERY_FIRST_RESPONSE] = MEMBERS(query_first_response),
	[S_QUERY_NEXT_REQUEST] = MEMBERS(query_next_request),
	[S_QUERY_NEXT_RESPONSE] = MEMBERS(query_next_response),
	[S_READ_VALUE_ID] = MEMBERS(read_value_id),
	[S_READ_REQUEST] = MEMBERS(read_request),
	[S_READ_RESPONSE] = MEMBERS(read_response),
	[S_HISTORY_READ_VALUE_ID] = MEMBERS(history_read_value_id),
	[S_HISTORY_READ_REQUEST] = MEMBERS(history_read_request),
	[S_HISTORY_READ_RESULT] = MEMBERS(history_read_result),
	[S_HISTORY_READ_RESPONSE] = MEMBERS(history_read_response),
	[S_WRITE_VALUE] = MEMBERS(write_value),
	[S_WRITE_REQUEST] = MEMBERS(write_request),
	[S_HISTORY_UPDATE_REQUEST] = MEMBERS(history_update_request),
	[S_HISTORY_UPDATE_RESULT] = MEMBERS(history_update_result),
	[S_HISTORY_UPDATE_RESPONSE] = MEMBERS(history_update_response),
	[S_CALL_METHOD_REQUEST] = MEMBERS(call_method_request),
	[S_CALL_REQUEST] = MEMBERS(call_request),
	[S_CALL_METHOD_RESULT] = MEMBERS(call_method_result),
	[S_CALL_RESPONSE] = MEMBERS(call_response),
	[S_MONITORING_PARAMETERS] = MEMBERS(monitoring_parameters),
	[S_MONITORED_ITEM_CREATE_REQUEST] = MEMBERS(monitored_item_create_request),
	[S_CREATE_MONITORED_ITEMS_REQUEST] = MEMBERS(create_monitored_items_request),
	[S_MONITORED_ITEM_CREATE_RESULT] = MEMBERS(monitored_item_create_result),
	[S_CREATE_MONITORED_ITEMS_RESPONSE] = MEMBERS(create_monitored_items_response),
	[S_MONITORED_ITEM_MODIFY_REQUEST] = MEMBERS(monitored_item_modify_request),
	[S_MODIFY_MONITORED_ITEMS_REQUEST] = MEMBERS(modify_monitored_items_request),
	[S_MONITORED_ITEM_MODIFY_RESULT] = MEMBERS(monitored_item_modify_result),
	[S_MODIFY_MONITORED_ITEMS_RESPONSE] = MEMBERS(modify_monitored_items_response),
	[S_SET_MONITORING_MODE_REQUEST] = MEMBERS(set_monitoring_mode_request),
	[S_SET_TRIGGERING_REQUEST] = MEMBERS(set_triggering_request),
	[S_SET_TRIGGERING_RESPONSE] = MEMBERS(set_triggering_response),
	[S_DELETE_MONITORED_ITEMS_REQUEST] = MEMBERS(delete_monitored_items_request),
	[S_CREATE_SUBSCRIPTION_REQUEST] = MEMBERS(create_subscription_request),
	[S_MODIFY_SUBSCRIPTION_REQUEST] = MEMBERS(modify_subscription_request),
	[S_MODIFY_SUBSCRIPTION_RESPONSE] = MEMBERS(modify_subscription_response),
	[S_SET_PUBLISHING_MODE_REQUEST] = MEMBERS(set_publishing_mode_request),
	[S_SUBSCRIPTION_ACKNOWLEDGEMENT] = MEMBERS(subscription_acknowledgement),
	[S_PUBLISH_REQUEST] = MEMBERS(publish_request),
	[S_NOTIFICATION_MESSAGE] = MEMBERS(notification_message),
	[S_PUBLISH_RESPONSE] = MEMBERS(publish_response),
	[S_REPUBLISH_REQUEST] = MEMBERS(republish_request),
	[S_REPUBLISH_RESPONSE] = MEMBERS(republish_response),
	[S_TRANSFER_SUBSCRIPTIONS_REQUEST] = MEMBERS(transfer_subscriptions_request),
	[S_TRANSFER_RESULT] = MEMBERS(transfer_result),
	[S_TRANSFER_SUBSCRIPTIONS_RESPONSE] = MEMBERS(transfer_subscriptions_response),
	[S_DELETE_SUBSCRIPTIONS_REQUEST] = MEMBERS(delete_subscriptions_request),
	[S_ARGUMENT] = MEMBERS(argument),
	[S_ENUM_VALUE_TYPE] = MEMBERS(enum_value_type),
	[S_ENUM_FIELD] = MEMBERS(enum_field),
	[S_ENUM_DEFINITION] = MEMBERS(enum_definition),
	[S_STRUCTURE_FIELD] = MEMBERS(structure_field),
	[S_STRUCTURE_DEFINITION] = MEMBERS(structure_definition),
	[S_EU_INFORMATION] = MEMBERS(eu_information),
	[S_RANGE] = MEMBERS(range),
	[S_AXIS_INFORMATION] = MEMBERS(axis_information),
	[S_COMPLEX_NUMBER_TYPE] = MEMBERS(complex_number_type),
	[S_DOUBLE_COMPLEX_NUMBER_TYPE] = MEMBERS(double_complex_number_type),
	[S_XV_TYPE] = MEMBERS(xv_type),
	[S_BUILD_INFO] = MEMBERS(build_info),
	[S_SERVER_STATUS_DATA_TYPE] = MEMBERS(server_status_data_type),
	[S_SERVER_DIAGNOSTICS_SUMMARY_DATA_TYPE] =
		MEMBERS(server_diagnostics_summary_data_type),
	[S_SAMPLING_INTERVAL_DIAGNOSTICS_DATA_TYPE] =
		MEMBERS(sampling_interval_diagnostics_data_type),
	[S_SESSION_SECURITY_DIAGNOSTICS_DATA_TYPE] =
		MEMBERS(session_security_diagnostics_data_type),
	[S_REDUNDANT_SERVER_DATA_TYPE] = MEMBERS(redundant_server_data_type),
	[S_ENDPOINT_URL_LIST_DATA_TYPE] = MEMBERS(endpoint_url_list_data_type),
	[S_NETWORK_GROUP_DATA_TYPE] = MEMBERS(network_group_data_type),
	[S_STATUS_RESULT] = MEMBERS(status_result),
	[S_MODEL_CHANGE_STRUCTURE_DATA_TYPE] = MEMBERS(model_change_structure_data_type),
	[S_SEMANTIC_CHANGE_STRUCTURE_DATA_TYPE] =
		MEMBERS(semantic_change_structure_data_type),
	[S_ANNOTATION] = MEMBERS(annotation),
	[S_TIME_ZONE_DATA_TYPE] = MEMBERS(time_zone_data_type),
	[S_ROLE_PERMISSION_TYPE] = MEMBERS(role_permission_type),
	[S_IDENTITY_MAPPING_RULE_TYPE] = MEMBERS(identity_mapping_rule_type),
	[S_USER_MANAGEMENT_DATA_TYPE] = MEMBERS(user_management_data_type),
	[S_OPTION_SET] = MEMBERS(option_set),
	[S_KEY_VALUE_PAIR] = MEMBERS(key_value_pair),
	[S_ADDITIONAL_PARAMETERS_TYPE] = MEMBERS(additional_parameters_type),
	[S_EPHEMERAL_KEY_TYPE] = MEMBERS(ephemeral_key_type),
	[S_OBJECT_ATTRIBUTES] = MEMBERS(object_attributes),
	[S_VARIABLE_ATTRIBUTES] = MEMBERS(variable_attributes),
	[S_METHOD_ATTRIBUTES] = MEMBERS(method_attributes),
	[S_VARIABLE_TYPE_ATTRIBUTES] = MEMBERS(variable_type_attributes),
	[S_REFERENCE_TYPE_ATTRIBUTES] = MEMBERS(reference_type_attributes),
	[S_VIEW_ATTRIBUTES] = MEMBERS(view_attributes),
	[S_GENERIC_ATTRIBUTE_VALUE] = MEMBERS(generic_attribute_value),
	[S_GENERIC_ATTRIBUTES] = MEMBERS(generic_attributes),
	[S_ELEMENT_OPERAND] = MEMBERS(element_operand),
	[S_LITERAL_OPERAND] = MEMBERS(literal_operand),
	[S_ATTRIBUTE_OPERAND] = MEMBERS(attribute_operand),
	[S_SIMPLE_ATTRIBUTE_OPERAND] = MEMBERS(simple_attribute_operand),
	[S_EVENT_FILTER] = MEMBERS(event_filter),
	[S_READ_EVENT_DETAILS] = MEMBERS(read_event_details),
	[S_READ_EVENT_DETAILS2] = MEMBERS(read_event_details2),
	[S_READ_RAW_MODIFIED_DETAILS] = MEMBERS(read_raw_modified_details),
	[S_AGGREGATE_CONFIGURATION] = MEMBERS(aggregate_configuration),
	[S_READ_PROCESSED_DETAILS] = MEMBERS(read_processed_details),
	[S_READ_AT_TIME_DETAILS] = MEMBERS(read_at_time_details),
	[S_READ_ANNOTATION_DATA_DETAILS] = MEMBERS(read_annotation_data_details),
	[S_HISTORY_DATA] = MEMBERS(history_data),
	[S_MODIFICATION_INFO] = MEMBERS(modification_info),
	[S_HISTORY_MODIFIED_DATA] = MEMBERS(history_modified_data),
	[S_HISTORY_EVENT_FIELD_LIST] = MEMBERS(history_event_field_list),
	[S_HISTORY_EVENT] = MEMBERS(history_event),
	[S_HISTORY_MODIFIED_EVENT] = MEMBERS(history_modified_event),
	[S_UPDATE_DATA_DETAILS] = MEMBERS(update_data_details),
	[S_UPDATE_EVENT_DETAILS] = MEMBERS(update_event_details),
	[S_DELETE_RAW_MODIFIED_DETAILS] = MEMBERS(delete_raw_modified_details),
	[S_DELETE_AT_TIME_DETAILS] = MEMBERS(delete_at_time_details),
	[S_DELETE_EVENT_DETAILS] = MEMBERS(delete_event_details),
	[S_DATA_CHANGE_FILTER] = MEMBERS(data_change_filter),
	[S_AGGREGATE_FILTER] = MEMBERS(aggregate_filter),
	[S_EVENT_FILTER_RESULT] = MEMBERS(event_filter_result),
	[S_AGGREGATE_FILTER_RESULT] = MEMBERS(aggregate_filter_result),
	[S_MONITORED_ITEM_NOTIFICATION] = MEMBERS(monitored_item_notification),
	[S_DATA_CHANGE_NOTIFICATION] = MEMBERS(data_change_notification),
	[S_EVENT_FIELD_LIST] = MEMBERS(event_field_list),
	[S_EVENT_NOTIFICATION_LIST] = MEMBERS(event_notification_list),
	[S_STATUS_CHANGE_NOTIFICATION] = MEMBERS(status_change_notification),
	[S_ANONYMOUS_IDENTITY_TOKEN] = MEMBERS(anonymous_identity_token),
	[S_USER_NAME_IDENTITY_TOKEN] = MEMBERS(user_name_identity_token),
	[S_X509_IDENTITY_TOKEN] = MEMBERS(x509_identity_token),
	[S_ISSUED_IDENTITY_TOKEN] = MEMBERS(issued_identity_token),
	[S_MDNS_DISCOVERY_CONFIGURATION] = MEMBERS(mdns_discovery_configuration),
	[S_SERVICE_COUNTER_DATA_TYPE] = MEMBERS(service_counter_data_type),
	[S_SIGNATURE_DATA] = MEMBERS(signature_data),
};

const struct name opcua_service_names[] = {
	{ 397, "ServiceFault" },
	{ 422, "FindServersRequest" },
	{ 425, "FindServersResponse" },
	{ 428, "GetEndpointsRequest" },
	{ 431, "GetEndpointsResponse" },
	{ 437, "RegisterServerRequest" },
	{ 440, "RegisterServerResponse" },
	{ 446, "OpenSecureChannelRequest" },
	{ 449, "OpenSecureChannelResponse" },
	{ 452, "CloseSecureChannelRequest" },
	{ 455, "CloseSecureChannelResponse" },
	{ 461, "CreateSessionRequest" },
	{ 464, "CreateSessionResponse" },
	{ 467, "ActivateSessionRequest" },
	{ 470, "ActivateSessionResponse" },
	{ 473, "CloseSessionRequest" },
	{ 476, "CloseSessionResponse" },
	{ 479, "CancelRequest" },
	{ 482, "CancelResponse" },
	{ 488, "AddNodesRequest" },
	{ 491, "AddNodesResponse" },
	{ 494, "AddReferencesRequest" },
	{ 497, "AddReferencesResponse" },
	{ 500, "DeleteNodesRequest" },
	{ 503, "DeleteNodesResponse" },
	{ 506, "DeleteReferencesRequest" },
	{ 509, "DeleteReferencesResponse" },
	{ 527, "BrowseRequest" },
	{ 530, "BrowseResponse" },
	{ 533, "BrowseNextRequest" },
	{ 536, "BrowseNextResponse" },
	{ 554, "TranslateBrowsePathsToNodeIdsRequest" },
	{ 557, "TranslateBrowsePathsToNodeIdsResponse" },
	{ 560, "RegisterNodesRequest" },
	{ 563, "RegisterNodesResponse" },
	{ 566, "UnregisterNodesRequest" },
	{ 569, "UnregisterNodesResponse" },
	{ 615, "QueryFirstRequest" },
	{ 618, "QueryFirstResponse" },
	{ 621, "QueryNextRequest" },
	{ 624, "QueryNextResponse" },
	{ 631, "ReadRequest" },
	{ 634, "ReadResponse" },
	{ 664, "HistoryReadRequest" },
	{ 667, "HistoryReadResponse" },
	{ 673, "WriteRequest" },
	{ 676, "WriteResponse" },
	{ 700, "HistoryUpdateRequest" },
	{ 703, "HistoryUpdateResponse" },
	{ 712, "CallRequest" },
	{ 715, "CallResponse" },
	{ 751, "CreateMonitoredItemsRequest" },
	{ 754, "CreateMonitoredItemsResponse" },
	{ 763, "ModifyMonitoredItemsRequest" },
	{ 766, "ModifyMonitoredItemsResponse" },
	{ 769, "SetMonitoringModeRequest" },
	{ 772, "SetMonitoringModeResponse" },
	{ 775, "SetTriggeringRequest" },
	{ 778, "SetTriggeringResponse" },
	{ 781, "DeleteMonitoredItemsRequest" },
	{ 784, "DeleteMonitoredItemsResponse" },
	{ 787, "CreateSubscriptionRequest" },
	{ 790, "CreateSubscriptionResponse" },
	{ 793, "ModifySubscriptionRequest" },
	{ 796, "ModifySubscriptionResponse" },
	{ 799, "SetPublishingModeRequest" },
	{ 802, "SetPublishingModeResponse" },
	{ 826, "PublishRequest" },
	{ 829, "PublishResponse" },
	{ 832, "RepublishRequest" },
	{ 835, "RepublishResponse" },
	{ 841, "TransferSubscriptionsRequest" },
	{ 844, "TransferSubscriptionsResponse" },
	{ 847, "DeleteSubscriptionsRequest" },
	{ 850, "DeleteSubscriptionsResponse" },
	{ 12208, "FindServersOnNetworkRequest" },
	{ 12209, "FindServersOnNetworkResponse" },
	{ 12211, "RegisterServer2Request" },
	{ 12212, "RegisterServer2Response" },
	{ 0, NULL },
};

/* Services, and most of what they hold, have small ids: by id. */
enum { SMALL_IDS = 1024 };
#define ENCODING(id, ...) [id] = { id, __VA_ARGS__ }
static const struct encoding small[SMALL_IDS] = {
	ENCODING(122, 0, S_STRUCTURE_DEFINITION, false, false, "StructureDefinition"),
	ENCODING(123, 0, S_ENUM_DEFINITION, false, false, "EnumDefinition"),
	ENCODING(128, 0, S_ROLE_PERMISSION_TYPE, false, false, "RolePermissionType"),
	ENCODING(298, 0, S_ARGUMENT, false, false, "Argument"),
	ENCODING(301, 0, S_STATUS_RESULT, false, false, "StatusResult"),
	ENCODING(306, 0, S_USER_TOKEN_POLICY, false, false, "UserTokenPolicy"),
	ENCODING(310, 0, S_APPLICATION_DESCRIPTION, false, false,
		"ApplicationDescription"),
	ENCODING(314, 0, S_ENDPOINT_DESCRIPTION, false, false, "EndpointDescription"),
	ENCODING(321, 0, S_ANONYMOUS_IDENTITY_TOKEN, false, false,
		"AnonymousIdentityToken"),
	ENCODING(324, 0, S_USER_NAME_IDENTITY_TOKEN, false, false,
		"UserNameIdentityToken"),
	ENCODING(327, 0, S_X509_IDENTITY_TOKEN, false, false, "X509IdentityToken"),
	ENCODING(340, 0, S_BUILD_INFO, false, false, "BuildInfo"),
	ENCODING(346, 0, S_SIGNED_SOFTWARE_CERTIFICATE, false, false,
		"SignedSoftwareCertificate"),
	ENCODING(354, 0, S_OBJECT_ATTRIBUTES, false, false, "ObjectAttributes"),
	ENCODING(357, 0, S_VARIABLE_ATTRIBUTES, false, false, "VariableAttributes"),
	ENCODING(360, 0, S_METHOD_ATTRIBUTES, false, false, "MethodAttributes"),
	ENCODING(363, 0, S_OBJECT_TYPE_ATTRIBUTES, false, false,
		"ObjectTypeAttributes"),
	ENCODING(366, 0, S_VARIABLE_TYPE_ATTRIBUTES, false, false,
		"VariableTypeAttributes"),
	ENCODING(369, 0, S_REFERENCE_TYPE_ATTRIBUTES, false, false,
		"ReferenceTypeAttributes"),
	ENCODING(372, 0, S_OBJECT_TYPE_ATTRIBUTES, false, false, "DataTypeAttributes"),
	ENCODING(375, 0, S_VIEW_ATTRIBUTES, false, false, "ViewAttributes"),
	ENCODING(397, 0, S_PLAIN_RESPONSE, true, false, "ServiceFault"),
	ENCODING(422, 422, S_FIND_SERVERS_REQUEST, true, true, "FindServersRequest"),
	ENCODING(425, 422, S_FIND_SERVERS_RESPONSE, true, false, "FindServersResponse"),
	ENCODING(428, 428, S_GET_ENDPOINTS_REQUEST, true, true, "GetEndpointsRequest"),
	ENCODING(431, 428, S_GET_ENDPOINTS_RESPONSE, true, false,
		"GetEndpointsResponse"),
	ENCODING(434, 0, S_REGISTERED_SERVER, false, false, "RegisteredServer"),
	ENCODING(437, 437, S_REGISTER_SERVER_REQUEST, true, true,
		"RegisterServerRequest"),
	ENCODING(440, 437, S_PLAIN_RESPONSE, true, false, "RegisterServerResponse"),
	ENCODING(446, 446, S_OPEN_SECURE_CHANNEL_REQUEST, true, true,
		"OpenSecureChannelRequest"),
	ENCODING(449, 446, S_OPEN_SECURE_CHANNEL_RESPONSE, true, false,
		"OpenSecureChannelResponse"),
	ENCODING(452, 452, S_PLAIN_REQUEST, true, true, "CloseSecureChannelRequest"),
	ENCODING(455, 452, S_PLAIN_RESPONSE, true, false, "CloseSecureChannelResponse"),
	ENCODING(458, 0, S_SIGNATURE_DATA, false, false, "SignatureData"),
	ENCODING(461, 461, S_CREATE_SESSION_REQUEST, true, true,
		"CreateSessionRequest"),
	ENCODING(464, 461, S_CREATE_SESSION_RESPONSE, true, false,
		"CreateSessionResponse"),
	ENCODING(467, 467, S_ACTIVATE_SESSION_REQUEST, true, true,
		"ActivateSessionRequest"),
	ENCODING(470, 467, S_ACTIVATE_SESSION_RESPONSE, true, false,
		"ActivateSessionResponse"),
	ENCODING(473, 473, S_CLOSE_SESSION_REQUEST, true, true, "CloseSessionRequest"),
	ENCODING(476, 473, S_PLAIN_RESPONSE, true, false, "CloseSessionResponse"),
	ENCODING(479, 479, S_CANCEL_REQUEST, true, true, "CancelRequest"),
	ENCODING(482, 479, S_CANCEL_RESPONSE, true, false, "CancelResponse"),
	ENCODING(488, 488, S_ADD_NODES_REQUEST, true, true, "AddNodesRequest"),
	ENCODING(491, 488, S_ADD_NODES_RESPONSE, true, false, "AddNodesResponse"),
	ENCODING(494, 494, S_ADD_REFERENCES_REQUEST, true, true,
		"AddReferencesRequest"),
	ENCODING(497, 494, S_STATUS_RESPONSE, true, false, "AddReferencesResponse"),
	ENCODING(500, 500, S_DELETE_NODES_REQUEST, true, true, "DeleteNodesRequest"),
	ENCODING(503, 500, S_STATUS_RESPONSE, true, false, "DeleteNodesResponse"),
	ENCODING(506, 506, S_DELETE_REFERENCES_REQUEST, true, true,
		"DeleteReferencesRequest"),
	ENCODING(509, 506, S_STATUS_RESPONSE, true, false, "DeleteReferencesResponse"),
	ENCODING(527, 527, S_BROWSE_REQUEST, true, true, "BrowseRequest"),
	ENCODING(530, 527, S_BROWSE_RESPONSE, true, false, "BrowseResponse"),
	ENCODING(533, 533, S_BROWSE_NEXT_REQUEST, true, true, "BrowseNextRequest"),
	ENCODING(536, 533, S_BROWSE_RESPONSE, true, false, "BrowseNextResponse"),
	ENCODING(554, 554, S_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_REQUEST, true, true,
		"TranslateBrowsePathsToNodeIdsRequest"),
	ENCODING(557, 554, S_TRANSLATE_BROWSE_PATHS_TO_NODE_IDS_RESPONSE, true, false,
		"TranslateBrowsePathsToNodeIdsResponse"),
	ENCODING(560, 560, S_REGISTER_NODES_REQUEST, true, true,
		"RegisterNodesRequest"),
	ENCODING(563, 560, S_REGISTER_NODES_RESPONSE, true, false,
		"RegisterNodesResponse"),
	ENCODING(566, 566, S_UNREGISTER_NODES_REQUEST, true, true,
		"UnregisterNodesRequest"),
	ENCODING(569, 566, S_PLAIN_RESPONSE, true, false, "UnregisterNodesResponse"),
	ENCODING(588, 0, S_CONTENT_FILTER, false, false, "ContentFilter"),
	ENCODING(594, 0, S_ELEMENT_OPERAND, false, false, "ElementOperand"),
	ENCODING(597, 0, S_LITERAL_OPERAND, false, false, "LiteralOperand"),
	ENCODING(600, 0, S_ATTRIBUTE_OPERAND, false, false, "AttributeOperand"),
	ENCODING(603, 0, S_SIMPLE_ATTRIBUTE_OPERAND, false, false,
		"SimpleAttributeOperand"),
	ENCODING(609, 0, S_CONTENT_FILTER_RESULT, false, false, "ContentFilterResult"),
	ENCODING(615, 615, S_QUERY_FIRST_REQUEST, true, true, "QueryFirstRequest"),
	ENCODING(618, 615, S_QUERY_FIRST_RESPONSE, true, false, "QueryFirstResponse"),
	ENCODING(621, 621, S_QUERY_NEXT_REQUEST, true, true, "QueryNextRequest"),
	ENCODING(624, 621, S_QUERY_NEXT_RESPONSE, true, false, "QueryNextResponse"),
	ENCODING(628, 0, S_READ_VALUE_ID, false, false, "ReadValueId"),
	ENCODING(631, 631, S_READ_REQUEST, true, true, "ReadRequest"),
	ENCODING(634, 631, S_READ_RESPONSE, true, false, "ReadResponse"),
	ENCODING(646, 0, S_READ_EVENT_DETAILS, false, false, "ReadEventDetails"),
	ENCODING(649, 0, S_READ_RAW_MODIFIED_DETAILS, false, false,
		"ReadRawModifiedDetails"),
	ENCODING(652, 0, S_READ_PROCESSED_DETAILS, false, false,
		"ReadProcessedDetails"),
	ENCODING(655, 0, S_READ_AT_TIME_DETAILS, false, false, "ReadAtTimeDetails"),
	ENCODING(658, 0, S_HISTORY_DATA, false, false, "HistoryData"),
	ENCODING(661, 0, S_HISTORY_EVENT, false, false, "HistoryEvent"),
	ENCODING(664, 664, S_HISTORY_READ_REQUEST, true, true, "HistoryReadRequest"),
	ENCODING(667, 664, S_HISTORY_READ_RESPONSE, true, false, "HistoryReadResponse"),
	ENCODING(673, 673, S_WRITE_REQUEST, true, true, "WriteRequest"),
	ENCODING(676, 673, S_STATUS_RESPONSE, true, false, "WriteResponse"),
	ENCODING(682, 0, S_UPDATE_DATA_DETAILS, false, false, "UpdateDataDetails"),
	ENCODING(685, 0, S_UPDATE_EVENT_DETAILS, false, false, "UpdateEventDetails"),
	ENCODING(688, 0, S_DELETE_RAW_MODIFIED_DETAILS, false, false,
		"DeleteRawModifiedDetails"),
	ENCODING(691, 0, S_DELETE_AT_TIME_DETAILS, false, false, "DeleteAtTimeDetails"),
	ENCODING(694, 0, S_DELETE_EVENT_DETAILS, false, false, "DeleteEventDetails"),
	ENCODING(700, 700, S_HISTORY_UPDATE_REQUEST, true, true,
		"HistoryUpdateRequest"),
	ENCODING(703, 700, S_HISTORY_UPDATE_RESPONSE, true, false,
		"HistoryUpdateResponse"),
	ENCODING(712, 712, S_CALL_REQUEST, true, true, "CallRequest"),
	ENCODING(715, 712, S_CALL_RESPONSE, true, false, "CallResponse"),
	ENCODING(724, 0, S_DATA_CHANGE_FILTER, false, false, "DataChangeFilter"),
	ENCODING(727, 0, S_EVENT_FILTER, false, false, "EventFilter"),
	ENCODING(730, 0, S_AGGREGATE_FILTER, false, false, "AggregateFilter"),
	ENCODING(736, 0, S_EVENT_FILTER_RESULT, false, false, "EventFilterResult"),
	ENCODING(739, 0, S_AGGREGATE_FILTER_RESULT, false, false,
		"AggregateFilterResult"),
	ENCODING(751, 751, S_CREATE_MONITORED_ITEMS_REQUEST, true, true,
		"CreateMonitoredItemsRequest"),
	ENCODING(754, 751, S_CREATE_MONITORED_ITEMS_RESPONSE, true, false,
		"CreateMonitoredItemsResponse"),
	ENCODING(763, 763, S_MODIFY_MONITORED_ITEMS_REQUEST, true, true,
		"ModifyMonitoredItemsRequest"),
	ENCODING(766, 763, S_MODIFY_MONITORED_ITEMS_RESPONSE, true, false,
		"ModifyMonitoredItemsResponse"),
	ENCODING(769, 769, S_SET_MONITORING_MODE_REQUEST, true, true,
		"SetMonitoringModeRequest"),
	ENCODING(772, 769, S_STATUS_RESPONSE, true, false, "SetMonitoringModeResponse"),
	ENCODING(775, 775, S_SET_TRIGGERING_REQUEST, true, true,
		"SetTriggeringRequest"),
	ENCODING(778, 775, S_SET_TRIGGERING_RESPONSE, true, false,
		"SetTriggeringResponse"),
	ENCODING(781, 781, S_DELETE_MONITORED_ITEMS_REQUEST, true, true,
		"DeleteMonitoredItemsRequest"),
	ENCODING(784, 781, S_STATUS_RESPONSE, true, false,
		"DeleteMonitoredItemsResponse"),
	ENCODING(787, 787, S_CREATE_SUBSCRIPTION_REQUEST, true, true,
		"CreateSubscriptionRequest"),
	ENCODING(790, 787, S_CREATE_SUBSCRIPTION_RESPONSE, true, false,
		"CreateSubscriptionResponse"),
	ENCODING(793, 793, S_MODIFY_SUBSCRIPTION_REQUEST, true, true,
		"ModifySubscriptionRequest"),
	ENCODING(796, 793, S_MODIFY_SUBSCRIPTION_RESPONSE, true, false,
		"ModifySubscriptionResponse"),
	ENCODING(799, 799, S_SET_PUBLISHING_MODE_REQUEST, true, true,
		"SetPublishingModeRequest"),
	ENCODING(802, 799, S_STATUS_RESPONSE, true, false, "SetPublishingModeResponse"),
	ENCODING(811, 0, S_DATA_CHANGE_NOTIFICATION, false, false,
		"DataChangeNotification"),
	ENCODING(820, 0, S_STATUS_CHANGE_NOTIFICATION, false, false,
		"StatusChangeNotification"),
	ENCODING(826, 826, S_PUBLISH_REQUEST, true, true, "PublishRequest"),
	ENCODING(829, 826, S_PUBLISH_RESPONSE, true, false, "PublishResponse"),
	ENCODING(832, 832, S_REPUBLISH_REQUEST, true, true, "RepublishRequest"),
	ENCODING(835, 832, S_REPUBLISH_RESPONSE, true, false, "RepublishResponse"),
	ENCODING(841, 841, S_TRANSFER_SUBSCRIPTIONS_REQUEST, true, true,
		"TransferSubscriptionsRequest"),
	ENCODING(844, 841, S_TRANSFER_SUBSCRIPTIONS_RESPONSE, true, false,
		"TransferSubscriptionsResponse"),
	ENCODING(847, 847, S_DELETE_SUBSCRIPTIONS_REQUEST, true, true,
		"DeleteSubscriptionsRequest"),
	ENCODING(850, 847, S_STATUS_RESPONSE, true, false,
		"DeleteSubscriptionsResponse"),
	ENCODING(855, 0, S_REDUNDANT_SERVER_DATA_TYPE, false, false,
		"RedundantServerDataType"),
	ENCODING(858, 0, S_SAMPLING_INTERVAL_DIAGNOSTICS_DATA_TYPE, false, false,
		"SamplingIntervalDiagnosticsDataType"),
	ENCODING(861, 0, S_SERVER_DIAGNOSTICS_SUMMARY_DATA_TYPE, false, false,
		"ServerDiagnosticsSummaryDataType"),
	ENCODING(864, 0, S_SERVER_STATUS_DATA_TYPE, false, false,
		"ServerStatusDataType"),
	ENCODING(870, 0, S_SESSION_SECURITY_DIAGNOSTICS_DATA_TYPE, false, false,
		"SessionSecurityDiagnosticsDataType"),
	ENCODING(873, 0, S_SERVICE_COUNTER_DATA_TYPE, false, false,
		"ServiceCounterDataType"),
	ENCODING(879, 0, S_MODEL_CHANGE_STRUCTURE_DATA_TYPE, false, false,
		"ModelChangeStructureDataType"),
	ENCODING(886, 0, S_RANGE, false, false, "Range"),
	ENCODING(889, 0, S_EU_INFORMATION, false, false, "EUInformation"),
	ENCODING(893, 0, S_ANNOTATION, false, false, "Annotation"),
	ENCODING(899, 0, S_SEMANTIC_CHANGE_STRUCTURE_DATA_TYPE, false, false,
		"SemanticChangeStructureDataType"),
	ENCODING(916, 0, S_EVENT_NOTIFICATION_LIST, false, false,
		"EventNotificationList"),
	ENCODING(940, 0, S_ISSUED_IDENTITY_TOKEN, false, false, "IssuedIdentityToken"),
	ENCODING(950, 0, S_AGGREGATE_CONFIGURATION, false, false,
		"AggregateConfiguration"),
};
#undef ENCODING

/* All others, sorted. */
static const struct encoding encodings[] = {
	{ 8251, 0, S_ENUM_VALUE_TYPE, false, false, "EnumValueType" },
	{ 8917, 0, S_TIME_ZONE_DATA_TYPE, false, false, "TimeZoneDataType" },
	{ 11227, 0, S_HISTORY_MODIFIED_DATA, false, false, "HistoryModifiedData" },
	{ 11300, 0, S_UPDATE_DATA_DETAILS, false, false, "UpdateStructureDataDetails" },
	{ 11957, 0, S_ENDPOINT_URL_LIST_DATA_TYPE, false, false,
		"EndpointUrlListDataType" },
	{ 11958, 0, S_NETWORK_GROUP_DATA_TYPE, false, false, "NetworkGroupDataType" },
	{ 12089, 0, S_AXIS_INFORMATION, false, false, "AxisInformation" },
	{ 12090, 0, S_XV_TYPE, false, false, "XVType" },
	{ 12181, 0, S_COMPLEX_NUMBER_TYPE, false, false, "ComplexNumberType" },
	{ 12182, 0, S_DOUBLE_COMPLEX_NUMBER_TYPE, false, false,
		"DoubleComplexNumberType" },
	{ 12207, 0, S_SERVER_ON_NETWORK, false, false, "ServerOnNetwork" },
	{ 12208, 12208, S_FIND_SERVERS_ON_NETWORK_REQUEST, true, true,
		"FindServersOnNetworkRequest" },
	{ 12209, 12208, S_FIND_SERVERS_ON_NETWORK_RESPONSE, true, false,
		"FindServersOnNetworkResponse" },
	{ 12211, 12211, S_REGISTER_SERVER2_REQUEST, true, true,
		"RegisterServer2Request" },
	{ 12212, 12211, S_REGISTER_SERVER2_RESPONSE, true, false,
		"RegisterServer2Response" },
	{ 12765, 0, S_OPTION_SET, false, false, "OptionSet" },
	{ 12901, 0, S_MDNS_DISCOVERY_CONFIGURATION, false, false,
		"MdnsDiscoveryConfiguration" },
	{ 14844, 0, S_STRUCTURE_FIELD, false, false, "StructureField" },
	{ 14845, 0, S_ENUM_FIELD, false, false, "EnumField" },
	{ 14846, 0, S_KEY_VALUE_PAIR, false, false, "KeyValuePair" },
	{ 15736, 0, S_IDENTITY_MAPPING_RULE_TYPE, false, false,
		"IdentityMappingRuleType" },
	{ 17537, 0, S_ADDITIONAL_PARAMETERS_TYPE, false, false,
		"AdditionalParametersType" },
	{ 17549, 0, S_EPHEMERAL_KEY_TYPE, false, false, "EphemeralKeyType" },
	{ 17611, 0, S_GENERIC_ATTRIBUTES, false, false, "GenericAttributes" },
	{ 23500, 0, S_READ_ANNOTATION_DATA_DETAILS, false, false,
		"ReadAnnotationDataDetails" },
	{ 24292, 0, S_USER_MANAGEMENT_DATA_TYPE, false, false, "UserManagementDataType" },
	{ 32800, 0, S_READ_EVENT_DETAILS2, false, false, "ReadEventDetails2" },
	{ 32825, 0, S_HISTORY_MODIFIED_EVENT, false, false, "HistoryModifiedEvent" },
};

const struct encoding *opcua_encoding(uint32_t id)
{
	unsigned low = 0, high = sizeof(encodings) / sizeof(*encodings);

	if (id < SMALL_IDS)
		return small[id].id ? &small[id] : NULL;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (encodings[middle].id == id)
			return &encodings[middle];
		if (encodings[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
